import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.core.KeywordAnalyzer;
import org.apache.lucene.analysis.core.SimpleAnalyzer;
import org.apache.lucene.analysis.core.StopAnalyzer;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;

/** Analyzers by Elasticsearch's names, settings and defaults. */
final class Analyzers {
    static Analyzer make(String type, Settings s) {
        return switch (type) {
            case "standard" -> {
                StandardAnalyzer a = new StandardAnalyzer(words(s, "stopwords", CharArraySet.EMPTY_SET));
                a.setMaxTokenLength(s.number("max_token_length", 255));
                yield a;
            }
            case "simple" -> new SimpleAnalyzer();
            case "whitespace" -> new WhitespaceAnalyzer();
            case "keyword" -> new KeywordAnalyzer();
            case "stop" -> new StopAnalyzer(words(s, "stopwords", EnglishAnalyzer.ENGLISH_STOP_WORDS_SET));
            case "english" -> new EnglishAnalyzer(words(s, "stopwords", EnglishAnalyzer.getDefaultStopSet()),
                    words(s, "stem_exclusion", CharArraySet.EMPTY_SET));
            case "pattern" -> chain(s, s.flag("lowercase", true) ? ": lowercase" : "", "pattern");
            case "fingerprint" -> chain(s, "fingerprint", "standard");
            case "icu_analyzer" -> icu(s);
            default -> Languages.make(type, s);
        };
    }

    /** Elasticsearch's own analyzers are chains of Lucene's components. */
    private static Analyzer chain(Settings s, String kind, String tokenizer) {
        Settings chain = new Settings();
        s.values.forEach((key, value) -> chain.values.put("tokenizer." + key, value));
        chain.values.put("tokenizer.type", java.util.List.of(tokenizer));
        int n = 0;
        if (!kind.isEmpty()) chain.values.put("filter." + n++ + ".type", java.util.List.of("lowercase"));
        if (kind.equals("fingerprint")) chain.values.put("filter." + n++ + ".type", java.util.List.of("asciifolding"));
        if (s.has("stopwords")) {
            chain.values.put("filter." + n + ".type", java.util.List.of("stop"));
            chain.values.put("filter." + n++ + ".stopwords[]", s.list("stopwords"));
        }
        if (kind.equals("fingerprint")) {
            chain.values.put("filter." + n + ".type", java.util.List.of("fingerprint"));
            for (String key : new String[] {"separator", "max_output_size"})
                if (s.has(key)) chain.values.put("filter." + n + "." + key, s.values.get(key));
        }
        return Chains.custom(chain);
    }

    private static Analyzer icu(Settings s) {
        Settings chain = new Settings();
        chain.values.put("char_filter.0.type", java.util.List.of("icu_normalizer"));
        chain.values.put("char_filter.0.name", java.util.List.of(s.text("method", "nfkc_cf")));
        chain.values.put("char_filter.0.mode", java.util.List.of(s.text("mode", "compose")));
        chain.values.put("tokenizer", java.util.List.of("icu_tokenizer"));
        chain.values.put("filter.0.type", java.util.List.of("icu_folding"));
        return Chains.custom(chain);
    }

    static CharArraySet words(Settings s, String key, CharArraySet fallback) {
        if (!s.has(key)) return fallback;
        CharArraySet set = new CharArraySet(16, s.flag(key + "_case", s.flag("ignore_case", false)));
        for (String word : s.list(key)) {
            CharArraySet list = word.startsWith("_") && word.endsWith("_") ? Languages.stopWords(word) : null;
            if (list != null) set.addAll(list);
            else set.add(word);
        }
        return set;
    }
}
