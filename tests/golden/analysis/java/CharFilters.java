import com.ibm.icu.text.FilteredNormalizer2;
import com.ibm.icu.text.Normalizer2;
import com.ibm.icu.text.UnicodeSet;
import java.io.Reader;
import java.util.HashSet;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.charfilter.HTMLStripCharFilter;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.icu.ICUNormalizer2CharFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceCharFilter;

/** Char filters by Elasticsearch's names, settings and defaults. */
final class CharFilters {
    static Reader make(Settings s, Reader reader) {
        String type = s.text("type", "");
        return switch (type) {
            case "html_strip" -> s.has("escaped_tags")
                    ? new HTMLStripCharFilter(reader, new HashSet<>(s.list("escaped_tags")))
                    : new HTMLStripCharFilter(reader);
            case "pattern_replace" -> new PatternReplaceCharFilter(
                    Pattern.compile(s.text("pattern", ""), Tokenizers.flags(s.text("flags", ""))),
                    s.text("replacement", ""), reader);
            case "mapping" -> mapping(s, reader);
            case "icu_normalizer" -> new ICUNormalizer2CharFilter(reader, normalizer(s));
            default -> throw new IllegalArgumentException("char filter " + type);
        };
    }

    static Normalizer2 normalizer(Settings s) {
        Normalizer2.Mode mode =
                s.text("mode", "compose").equals("decompose") ? Normalizer2.Mode.DECOMPOSE : Normalizer2.Mode.COMPOSE;
        Normalizer2 normalizer = Normalizer2.getInstance(null, s.text("name", "nfkc_cf"), mode);
        return filtered(s, normalizer);
    }

    static Normalizer2 filtered(Settings s, Normalizer2 normalizer) {
        if (!s.has("unicode_set_filter")) return normalizer;
        return new FilteredNormalizer2(normalizer, new UnicodeSet(s.text("unicode_set_filter", "")).freeze());
    }

    /** "from => to" a value; escapes of its own are not used in the cases. */
    private static Reader mapping(Settings s, Reader reader) {
        NormalizeCharMap.Builder map = new NormalizeCharMap.Builder();
        for (String rule : s.list("mappings")) {
            int arrow = rule.lastIndexOf("=>");
            map.add(rule.substring(0, arrow).strip(), rule.substring(arrow + 2).strip());
        }
        return new MappingCharFilter(map.build(), reader);
    }
}
