import org.apache.commons.codec.language.Caverphone1;
import org.apache.commons.codec.language.Caverphone2;
import org.apache.commons.codec.language.ColognePhonetic;
import org.apache.commons.codec.language.Metaphone;
import org.apache.commons.codec.language.Nysiis;
import org.apache.commons.codec.language.RefinedSoundex;
import org.apache.commons.codec.language.Soundex;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.phonetic.DaitchMokotoffSoundexFilter;
import org.apache.lucene.analysis.phonetic.DoubleMetaphoneFilter;
import org.apache.lucene.analysis.phonetic.PhoneticFilter;

/** phonetic, by its encoder. */
final class Phonetics {
    static TokenStream make(Settings s, TokenStream in) {
        boolean replace = s.flag("replace", true);
        String encoder = s.text("encoder", "metaphone");
        return switch (encoder) {
            case "metaphone" -> new PhoneticFilter(in, new Metaphone(), !replace);
            case "double_metaphone" -> new DoubleMetaphoneFilter(in, s.number("max_code_len", 4), !replace);
            case "soundex" -> new PhoneticFilter(in, new Soundex(), !replace);
            case "refined_soundex" -> new PhoneticFilter(in, new RefinedSoundex(), !replace);
            case "cologne" -> new PhoneticFilter(in, new ColognePhonetic(), !replace);
            case "caverphone1" -> new PhoneticFilter(in, new Caverphone1(), !replace);
            case "caverphone2" -> new PhoneticFilter(in, new Caverphone2(), !replace);
            case "nysiis" -> new PhoneticFilter(in, new Nysiis(), !replace);
            case "daitch_mokotoff" -> new DaitchMokotoffSoundexFilter(in, !replace);
            default -> throw new IllegalArgumentException("encoder " + encoder);
        };
    }
}
