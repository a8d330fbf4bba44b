import java.util.List;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.classic.ClassicTokenizer;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.apache.lucene.analysis.core.LetterTokenizer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.icu.segmentation.DefaultICUTokenizerConfig;
import org.apache.lucene.analysis.icu.segmentation.ICUTokenizer;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenizer;
import org.apache.lucene.analysis.ngram.NGramTokenizer;
import org.apache.lucene.analysis.path.PathHierarchyTokenizer;
import org.apache.lucene.analysis.path.ReversePathHierarchyTokenizer;
import org.apache.lucene.analysis.pattern.PatternTokenizer;
import org.apache.lucene.analysis.pattern.SimplePatternSplitTokenizer;
import org.apache.lucene.analysis.pattern.SimplePatternTokenizer;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.th.ThaiTokenizer;
import org.apache.lucene.analysis.util.CharTokenizer;
import org.apache.lucene.util.AttributeFactory;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.RegExp;

/** Tokenizers by Elasticsearch's names, settings and defaults. */
final class Tokenizers {
    static Tokenizer make(Settings s) {
        int length = s.number("max_token_length", 255);
        String type = s.text("type", "");
        return switch (type) {
            case "standard" -> {
                StandardTokenizer t = new StandardTokenizer();
                t.setMaxTokenLength(length);
                yield t;
            }
            case "classic" -> {
                ClassicTokenizer t = new ClassicTokenizer();
                t.setMaxTokenLength(length);
                yield t;
            }
            case "uax_url_email" -> {
                UAX29URLEmailTokenizer t = new UAX29URLEmailTokenizer();
                t.setMaxTokenLength(length);
                yield t;
            }
            case "letter", "lowercase" -> new LetterTokenizer(AttributeFactory.DEFAULT_ATTRIBUTE_FACTORY, length);
            case "whitespace" -> new WhitespaceTokenizer(length);
            case "keyword" -> new KeywordTokenizer(s.number("buffer_size", 256));
            case "ngram" -> ngram(s);
            case "edge_ngram" -> edge(s);
            case "pattern" -> new PatternTokenizer(
                    Pattern.compile(s.text("pattern", "\\W+"), flags(s.text("flags", ""))), s.number("group", -1));
            case "simple_pattern" -> new SimplePatternTokenizer(automaton(s));
            case "simple_pattern_split" -> new SimplePatternSplitTokenizer(automaton(s));
            case "char_group" -> charGroup(s, length);
            case "path_hierarchy" -> path(s);
            case "thai" -> new ThaiTokenizer();
            case "icu_tokenizer" -> new ICUTokenizer(new DefaultICUTokenizerConfig(true, true));
            default -> throw new IllegalArgumentException("tokenizer " + type);
        };
    }

    private static Automaton automaton(Settings s) {
        return Operations.determinize(
                new RegExp(s.text("pattern", "")).toAutomaton(), Operations.DEFAULT_DETERMINIZE_WORK_LIMIT);
    }

    static int flags(String names) {
        int flags = 0;
        for (String name : names.split("\\|"))
            flags |= switch (name) {
                case "" -> 0;
                case "CASE_INSENSITIVE" -> Pattern.CASE_INSENSITIVE;
                case "MULTILINE" -> Pattern.MULTILINE;
                case "DOTALL" -> Pattern.DOTALL;
                case "UNICODE_CASE" -> Pattern.UNICODE_CASE;
                case "UNIX_LINES" -> Pattern.UNIX_LINES;
                case "LITERAL" -> Pattern.LITERAL;
                case "COMMENTS" -> Pattern.COMMENTS;
                case "UNICODE_CHAR_CLASS" -> Pattern.UNICODE_CHARACTER_CLASS;
                default -> throw new IllegalArgumentException("flag " + name);
            };
        return flags;
    }

    private static boolean belongs(Settings s, int c) {
        if (!s.has("token_chars")) return true;
        for (String name : s.list("token_chars"))
            if (switch (name) {
                case "letter" -> Character.isLetter(c);
                case "digit" -> Character.isDigit(c);
                case "whitespace" -> Character.isWhitespace(c);
                case "punctuation" -> isOneOf(c, Character.START_PUNCTUATION, Character.END_PUNCTUATION,
                        Character.OTHER_PUNCTUATION, Character.CONNECTOR_PUNCTUATION, Character.DASH_PUNCTUATION,
                        Character.INITIAL_QUOTE_PUNCTUATION, Character.FINAL_QUOTE_PUNCTUATION);
                case "symbol" -> isOneOf(c, Character.CURRENCY_SYMBOL, Character.MATH_SYMBOL, Character.OTHER_SYMBOL,
                        Character.MODIFIER_SYMBOL);
                case "custom" -> s.text("custom_token_chars", "").indexOf(c) >= 0;
                default -> throw new IllegalArgumentException("token_chars " + name);
            }) return true;
        return false;
    }

    private static boolean isOneOf(int c, byte... types) {
        for (byte type : types) if (Character.getType(c) == type) return true;
        return false;
    }

    private static Tokenizer ngram(Settings s) {
        return new NGramTokenizer(s.number("min_gram", 1), s.number("max_gram", 2)) {
            @Override
            protected boolean isTokenChar(int c) {
                return belongs(s, c);
            }
        };
    }

    private static Tokenizer edge(Settings s) {
        return new EdgeNGramTokenizer(s.number("min_gram", 1), s.number("max_gram", 2)) {
            @Override
            protected boolean isTokenChar(int c) {
                return belongs(s, c);
            }
        };
    }

    private static Tokenizer charGroup(Settings s, int length) {
        List<String> on = s.list("tokenize_on_chars");
        return new CharTokenizer(AttributeFactory.DEFAULT_ATTRIBUTE_FACTORY, length) {
            @Override
            protected boolean isTokenChar(int c) {
                for (String name : on)
                    if (switch (name) {
                        case "letter" -> Character.isLetter(c);
                        case "digit" -> Character.isDigit(c);
                        case "whitespace" -> Character.isWhitespace(c);
                        case "punctuation" -> isOneOf(c, Character.START_PUNCTUATION, Character.END_PUNCTUATION,
                                Character.OTHER_PUNCTUATION, Character.CONNECTOR_PUNCTUATION,
                                Character.DASH_PUNCTUATION, Character.INITIAL_QUOTE_PUNCTUATION,
                                Character.FINAL_QUOTE_PUNCTUATION);
                        case "symbol" -> isOneOf(c, Character.CURRENCY_SYMBOL, Character.MATH_SYMBOL,
                                Character.OTHER_SYMBOL, Character.MODIFIER_SYMBOL);
                        default -> c == one(name);
                    }) return false;
                return true;
            }
        };
    }

    /** A single character, or an escape of one. */
    private static int one(String name) {
        if (name.length() == 1) return name.charAt(0);
        return switch (name) {
            case "\\n" -> '\n';
            case "\\t" -> '\t';
            case "\\r" -> '\r';
            case "\\\\" -> '\\';
            default -> Integer.parseInt(name.substring(2), 16);
        };
    }

    private static Tokenizer path(Settings s) {
        char delimiter = s.text("delimiter", "/").charAt(0);
        char replacement = s.text("replacement", String.valueOf(delimiter)).charAt(0);
        int skip = s.number("skip", 0);
        return s.flag("reverse", false)
                ? new ReversePathHierarchyTokenizer(1024, delimiter, replacement, skip)
                : new PathHierarchyTokenizer(1024, delimiter, replacement, skip);
    }
}
