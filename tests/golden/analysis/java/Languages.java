import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishMinimalStemFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.tartarus.snowball.ext.EnglishStemmer;

/** What depends on a language: analyzers, lists of stop words, stemmers. */
final class Languages {
    static Analyzer make(String type, Settings s) {
        throw new IllegalArgumentException("analyzer " + type);
    }

    static CharArraySet stopWords(String name) {
        return switch (name) {
            case "_none_" -> CharArraySet.EMPTY_SET;
            case "_english_" -> EnglishAnalyzer.ENGLISH_STOP_WORDS_SET;
            default -> throw new IllegalArgumentException("stop words " + name);
        };
    }

    static TokenStream stemmer(String language, TokenStream in) {
        return switch (language) {
            case "english", "porter" -> new PorterStemFilter(in);
            case "porter2" -> new SnowballFilter(in, new EnglishStemmer());
            case "minimal_english" -> new EnglishMinimalStemFilter(in);
            case "possessive_english" -> new EnglishPossessiveFilter(in);
            default -> throw new IllegalArgumentException("stemmer " + language);
        };
    }
}
