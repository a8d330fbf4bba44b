import com.ibm.icu.text.Transliterator;
import java.io.StringReader;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.StopFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.commongrams.CommonGramsFilter;
import org.apache.lucene.analysis.commongrams.CommonGramsQueryFilter;
import org.apache.lucene.analysis.compound.DictionaryCompoundWordTokenFilter;
import org.apache.lucene.analysis.compound.HyphenationCompoundWordTokenFilter;
import org.apache.lucene.analysis.compound.hyphenation.HyphenationTree;
import org.apache.lucene.analysis.classic.ClassicFilter;
import org.apache.lucene.analysis.core.DecimalDigitFilter;
import org.apache.lucene.analysis.core.FlattenGraphFilter;
import org.apache.lucene.analysis.core.TypeTokenFilter;
import org.apache.lucene.analysis.core.UpperCaseFilter;
import org.apache.lucene.analysis.el.GreekLowerCaseFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.KStemFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.ga.IrishLowerCaseFilter;
import org.apache.lucene.analysis.hunspell.HunspellStemFilter;
import org.apache.lucene.analysis.icu.ICUFoldingFilter;
import org.apache.lucene.analysis.icu.ICUNormalizer2Filter;
import org.apache.lucene.analysis.icu.ICUTransformFilter;
import org.apache.lucene.analysis.minhash.MinHashFilter;
import org.apache.lucene.analysis.miscellaneous.*;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.ngram.NGramTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceFilter;
import org.apache.lucene.analysis.payloads.DelimitedPayloadTokenFilter;
import org.apache.lucene.analysis.payloads.IdentityEncoder;
import org.apache.lucene.analysis.reverse.ReverseStringFilter;
import org.apache.lucene.analysis.shingle.ShingleFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.synonym.SolrSynonymParser;
import org.apache.lucene.analysis.synonym.SynonymFilter;
import org.apache.lucene.analysis.synonym.SynonymGraphFilter;
import org.apache.lucene.analysis.synonym.SynonymMap;
import org.apache.lucene.analysis.synonym.WordnetSynonymParser;
import org.apache.lucene.analysis.tr.ApostropheFilter;
import org.apache.lucene.analysis.tr.TurkishLowerCaseFilter;
import org.apache.lucene.analysis.util.ElisionFilter;

/** Token filters by Elasticsearch's names, settings and defaults. */
final class Filters {
    /** chain, before: for synonyms, whose rules go through what stands in front of the filter. */
    static TokenStream make(Settings s, TokenStream in, Settings chain, List<Settings> before) {
        try {
            return one(s, in, chain, before);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static TokenStream one(Settings s, TokenStream in, Settings chain, List<Settings> before)
            throws Exception {
        String type = s.text("type", "");
        return switch (type) {
            case "lowercase" -> switch (s.text("language", "")) {
                case "" -> new LowerCaseFilter(in);
                case "greek" -> new GreekLowerCaseFilter(in);
                case "irish" -> new IrishLowerCaseFilter(in);
                case "turkish" -> new TurkishLowerCaseFilter(in);
                default -> throw new IllegalArgumentException("language");
            };
            case "uppercase" -> new UpperCaseFilter(in);
            case "asciifolding" -> new ASCIIFoldingFilter(in, s.flag("preserve_original", false));
            case "stop" -> new StopFilter(in,
                    Analyzers.words(s, "stopwords", Languages.stopWords("_english_")));
            case "length" -> new LengthFilter(in, s.number("min", 0), s.number("max", Integer.MAX_VALUE));
            case "truncate" -> new TruncateTokenFilter(in, s.number("length", 10));
            case "trim" -> new TrimFilter(in);
            case "reverse" -> new ReverseStringFilter(in);
            case "porter_stem" -> new PorterStemFilter(in);
            case "kstem" -> new KStemFilter(in);
            case "possessive_english" -> new EnglishPossessiveFilter(in);
            case "snowball" -> new SnowballFilter(in, s.text("language", "English"));
            case "stemmer" -> Languages.stemmer(s.text("language", "english"), in);
            case "stemmer_override" -> override(s, in);
            case "keyword_marker" -> s.has("keywords_pattern")
                    ? new PatternKeywordMarkerFilter(in, Pattern.compile(s.text("keywords_pattern", "")))
                    : new SetKeywordMarkerFilter(in, Analyzers.words(s, "keywords", CharArraySet.EMPTY_SET));
            case "keyword_repeat" -> new KeywordRepeatFilter(in);
            case "remove_duplicates" -> new RemoveDuplicatesTokenFilter(in);
            case "ngram" -> new NGramTokenFilter(in, s.number("min_gram", 1), s.number("max_gram", 2),
                    s.flag("preserve_original", false));
            case "edge_ngram" -> edge(s, in);
            case "shingle" -> shingle(s, in);
            case "word_delimiter", "word_delimiter_graph" -> WordDelimiters.make(s, in);
            case "synonym", "synonym_graph" -> synonym(s, in, chain, before);
            case "flatten_graph" -> new FlattenGraphFilter(in);
            case "elision" -> new ElisionFilter(in, s.has("articles")
                    ? CharArraySet.copy(articles(s)) : FrenchAnalyzer.DEFAULT_ARTICLES);
            case "classic" -> new ClassicFilter(in);
            case "apostrophe" -> new ApostropheFilter(in);
            case "decimal_digit" -> new DecimalDigitFilter(in);
            case "icu_folding" -> s.has("unicode_set_filter")
                    ? new ICUNormalizer2Filter(in, CharFilters.filtered(s, ICUFoldingFilter.NORMALIZER))
                    : new ICUFoldingFilter(in);
            case "icu_normalizer" -> new ICUNormalizer2Filter(in, CharFilters.normalizer(s));
            case "icu_transform" -> new ICUTransformFilter(in, Transliterator.getInstance(s.text("id", "Null"),
                    s.text("dir", "forward").equals("forward") ? Transliterator.FORWARD : Transliterator.REVERSE));
            case "pattern_replace" -> new PatternReplaceFilter(in,
                    Pattern.compile(s.text("pattern", ""), Tokenizers.flags(s.text("flags", ""))),
                    s.text("replacement", ""), s.flag("all", true));
            case "pattern_capture" -> new PatternCaptureGroupTokenFilter(in, s.flag("preserve_original", true),
                    s.list("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new));
            case "keep" -> new KeepWordFilter(in, Analyzers.words(s, "keep_words", CharArraySet.EMPTY_SET));
            case "keep_types" -> new TypeTokenFilter(in, new HashSet<>(s.list("types")),
                    s.text("mode", "include").equals("include"));
            case "limit" -> new LimitTokenCountFilter(in, s.number("max_token_count", 1),
                    s.flag("consume_all_tokens", false));
            case "fingerprint" -> new FingerprintFilter(in, s.number("max_output_size", 255),
                    s.text("separator", " ").charAt(0));
            case "common_grams" -> {
                CommonGramsFilter grams =
                        new CommonGramsFilter(in, Analyzers.words(s, "common_words", CharArraySet.EMPTY_SET));
                yield s.flag("query_mode", false) ? new CommonGramsQueryFilter(grams) : grams;
            }
            case "cjk_bigram" -> new CJKBigramFilter(in, scripts(s), s.flag("output_unigrams", false));
            case "cjk_width" -> new CJKWidthFilter(in);
            case "delimited_payload" -> new DelimitedPayloadTokenFilter(in, s.text("delimiter", "|").charAt(0),
                    new IdentityEncoder());
            case "dictionary_decompounder" -> new DictionaryCompoundWordTokenFilter(in,
                    Analyzers.words(s, "word_list", CharArraySet.EMPTY_SET), s.number("min_word_size", 5),
                    s.number("min_subword_size", 2), s.number("max_subword_size", 15),
                    s.flag("only_longest_match", false));
            case "hyphenation_decompounder" -> hyphenation(s, in);
            case "hunspell" -> new HunspellStemFilter(in, Dictionaries.of(s), s.flag("dedup", true),
                    s.flag("longest_only", false));
            case "min_hash" -> new MinHashFilter(in, s.number("hash_count", 1), s.number("bucket_count", 512),
                    s.number("hash_set_size", 1),
                    s.flag("with_rotation", s.number("bucket_count", 512) > 1));
            case "condition" -> Elastics.condition(s, in, way(s.list("filter")));
            case "predicate_token_filter" -> Elastics.predicate(s, in);
            case "unique" -> Elastics.unique(s, in);
            case "multiplexer" -> Elastics.multiplexer(s.flag("preserve_original", true), in,
                    s.list("filters").stream().map(l -> way(List.of(l.split(",")))).toList());
            case "phonetic" -> Phonetics.make(s, in);
            default -> Languages.stemmer(type, in);
        };
    }

    /** Filters by their names alone, one after the other. */
    private static Function<TokenStream, TokenStream> way(List<String> names) {
        return in -> {
            for (String name : names) {
                Settings one = new Settings();
                one.values.put("type", List.of(name.strip()));
                in = make(one, in, new Settings(), List.of());
            }
            return in;
        };
    }

    private static CharArraySet articles(Settings s) {
        return new CharArraySet(s.list("articles"), s.flag("articles_case", false));
    }

    private static TokenStream edge(Settings s, TokenStream in) {
        boolean back = s.text("side", "front").equals("back");
        if (back) in = new ReverseStringFilter(in);
        in = new EdgeNGramTokenFilter(in, s.number("min_gram", 1), s.number("max_gram", 2),
                s.flag("preserve_original", false));
        return back ? new ReverseStringFilter(in) : in;
    }

    private static TokenStream shingle(Settings s, TokenStream in) {
        ShingleFilter filter = new ShingleFilter(in, s.number("min_shingle_size", 2), s.number("max_shingle_size", 2));
        filter.setOutputUnigrams(s.flag("output_unigrams", true));
        filter.setOutputUnigramsIfNoShingles(s.flag("output_unigrams_if_no_shingles", false));
        filter.setTokenSeparator(s.text("token_separator", " "));
        filter.setFillerToken(s.text("filler_token", "_"));
        return filter;
    }

    private static TokenStream override(Settings s, TokenStream in) throws Exception {
        StemmerOverrideFilter.Builder rules = new StemmerOverrideFilter.Builder(false);
        for (String rule : s.list("rules")) {
            String[] sides = rule.split("=>", 2);
            for (String from : sides[0].split(",")) rules.add(from.strip(), sides[1].strip());
        }
        return new StemmerOverrideFilter(in, rules.build());
    }

    private static TokenStream synonym(Settings s, TokenStream in, Settings chain, List<Settings> before)
            throws Exception {
        Analyzer analyzer = Chains.custom(chain, before);
        SynonymMap.Parser parser = s.text("format", "solr").equals("wordnet")
                ? new WordnetSynonymParser(true, s.flag("expand", true), analyzer)
                : new SolrSynonymParser(true, s.flag("expand", true), analyzer);
        parser.parse(new StringReader(String.join("\n", s.list("synonyms"))));
        SynonymMap map = parser.build();
        if (map.fst == null) return in;
        return s.text("type", "").equals("synonym") ? new SynonymFilter(in, map, false)
                : new SynonymGraphFilter(in, map, false);
    }

    private static int scripts(Settings s) {
        Set<String> ignored = new HashSet<>(s.list("ignored_scripts"));
        return (ignored.contains("han") ? 0 : CJKBigramFilter.HAN)
                | (ignored.contains("hiragana") ? 0 : CJKBigramFilter.HIRAGANA)
                | (ignored.contains("katakana") ? 0 : CJKBigramFilter.KATAKANA)
                | (ignored.contains("hangul") ? 0 : CJKBigramFilter.HANGUL);
    }

    private static TokenStream hyphenation(Settings s, TokenStream in) throws Exception {
        HyphenationTree tree = HyphenationCompoundWordTokenFilter.getHyphenationTree(
                Golden.config.resolve(s.text("hyphenation_patterns_path", "")).toUri().toString());
        return new HyphenationCompoundWordTokenFilter(in, tree, Analyzers.words(s, "word_list", null),
                s.number("min_word_size", 5), s.number("min_subword_size", 2), s.number("max_subword_size", 15),
                s.flag("only_longest_match", false), s.flag("no_sub_matches", false),
                s.flag("no_overlapping_matches", false));
    }
}
