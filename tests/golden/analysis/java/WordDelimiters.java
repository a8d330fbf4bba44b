import static org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter.*;

import java.util.Map;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterIterator;

/** word_delimiter and word_delimiter_graph. */
final class WordDelimiters {
    private static final Map<String, Integer> TYPES =
            Map.of("LOWER", 1, "UPPER", 2, "ALPHA", 3, "DIGIT", 4, "ALPHANUM", 7, "SUBWORD_DELIM", 8);

    static TokenStream make(Settings s, TokenStream in) {
        boolean graph = s.text("type", "").equals("word_delimiter_graph");
        int flags = flag(s, "generate_word_parts", true, GENERATE_WORD_PARTS)
                | flag(s, "generate_number_parts", true, GENERATE_NUMBER_PARTS)
                | flag(s, "catenate_words", false, CATENATE_WORDS)
                | flag(s, "catenate_numbers", false, CATENATE_NUMBERS)
                | flag(s, "catenate_all", false, CATENATE_ALL)
                | flag(s, "split_on_case_change", true, SPLIT_ON_CASE_CHANGE)
                | flag(s, "split_on_numerics", true, SPLIT_ON_NUMERICS)
                | flag(s, "preserve_original", false, PRESERVE_ORIGINAL)
                | flag(s, "stem_english_possessive", true, STEM_ENGLISH_POSSESSIVE)
                | (graph ? flag(s, "ignore_keywords", false, IGNORE_KEYWORDS) : 0);
        CharArraySet spared = Analyzers.words(s, "protected_words", null);
        byte[] table = table(s);
        return graph ? new WordDelimiterGraphFilter(in, s.flag("adjust_offsets", true), table, flags, spared)
                : new WordDelimiterFilter(in, table, flags, spared);
    }

    private static int flag(Settings s, String key, boolean fallback, int bit) {
        return s.flag(key, fallback) ? bit : 0;
    }

    private static byte[] table(Settings s) {
        byte[] table = WordDelimiterIterator.DEFAULT_WORD_DELIM_TABLE;
        for (String rule : s.list("type_table")) {
            int arrow = rule.lastIndexOf("=>");
            char from = rule.substring(0, arrow).strip().charAt(0);
            byte[] grown = new byte[Math.max(table.length, from + 1)];
            for (int i = 0; i < grown.length; i++)
                grown[i] = i < table.length ? table[i] : WordDelimiterIterator.getType(i);
            grown[from] = TYPES.get(rule.substring(arrow + 2).strip()).byteValue();
            table = grown;
        }
        return table;
    }
}
