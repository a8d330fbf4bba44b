import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.lucene.analysis.FilteringTokenFilter;
import org.apache.lucene.analysis.TokenFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.miscellaneous.ConditionalTokenFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.KeywordAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;
import org.apache.lucene.analysis.tokenattributes.TypeAttribute;
import org.apache.lucene.util.AttributeSource;

/** Filters that are Elasticsearch's: over Lucene's where it has the machinery, else by their documentation. */
final class Elastics {
    /** What a script may ask of a token. */
    private record Seen(String term, String type, int position, int start, int end, boolean keyword) {}

    private static final class Watch {
        private final CharTermAttribute term;
        private final TypeAttribute type;
        private final PositionIncrementAttribute step;
        private final OffsetAttribute offset;
        private final KeywordAttribute keyword;
        int position = -1;

        Watch(AttributeSource source) {
            term = source.addAttribute(CharTermAttribute.class);
            type = source.addAttribute(TypeAttribute.class);
            step = source.addAttribute(PositionIncrementAttribute.class);
            offset = source.addAttribute(OffsetAttribute.class);
            keyword = source.addAttribute(KeywordAttribute.class);
        }

        Seen next() {
            position += step.getPositionIncrement();
            return new Seen(term.toString(), type.type(), position, offset.startOffset(), offset.endOffset(),
                    keyword.isKeyword());
        }
    }

    /** The scripts of the case files, which Java reads as Painless does. */
    private static Predicate<Seen> script(String text) {
        return switch (text) {
            case "token.term.length() < 4" -> t -> t.term.length() < 4;
            case "token.getTerm().length() >= 5" -> t -> t.term.length() >= 5;
            case "token.type == '<NUM>'" -> t -> t.type.equals("<NUM>");
            case "token.type != '<ALPHANUM>' || token.position == 0" ->
                t -> !t.type.equals("<ALPHANUM>") || t.position == 0;
            case "token.position > 1 && token.position < 5" -> t -> t.position > 1 && t.position < 5;
            case "token.isKeyword()" -> t -> t.keyword;
            case "token.startOffset < 10 && token.endOffset > 5" -> t -> t.start < 10 && t.end > 5;
            default -> throw new IllegalArgumentException("script " + text);
        };
    }

    static TokenStream condition(Settings s, TokenStream in, Function<TokenStream, TokenStream> filters) {
        Predicate<Seen> asked = script(s.text("script.source", s.text("script", "")));
        return new ConditionalTokenFilter(in, filters) {
            private final Watch watch = new Watch(this);

            @Override
            protected boolean shouldFilter() {
                return asked.test(watch.next());
            }

            @Override
            public void reset() throws IOException {
                super.reset();
                watch.position = -1;
            }
        };
    }

    static TokenStream predicate(Settings s, TokenStream in) {
        Predicate<Seen> asked = script(s.text("script.source", s.text("script", "")));
        return new FilteringTokenFilter(in) {
            private final Watch watch = new Watch(this);

            @Override
            protected boolean accept() {
                return asked.test(watch.next());
            }

            @Override
            public void reset() throws IOException {
                super.reset();
                watch.position = -1;
            }
        };
    }

    /** Repeated words go, and no hole stays. */
    static TokenStream unique(Settings s, TokenStream in) {
        boolean here = s.flag("only_on_same_position", false);
        return new TokenFilter(in) {
            private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
            private final PositionIncrementAttribute step = addAttribute(PositionIncrementAttribute.class);
            private final Set<String> seen = new HashSet<>();

            @Override
            public boolean incrementToken() throws IOException {
                while (input.incrementToken()) {
                    if (here && step.getPositionIncrement() > 0) seen.clear();
                    if (seen.add(term.toString())) return true;
                }
                return false;
            }

            @Override
            public void reset() throws IOException {
                super.reset();
                seen.clear();
            }
        };
    }

    /** Each word by itself through each way; the same word at the same position once. */
    static TokenStream multiplexer(boolean keep, TokenStream in, List<Function<TokenStream, TokenStream>> ways) {
        return new RemoveDuplicatesTokenFilter(new TokenFilter(in) {
            private final PositionIncrementAttribute step = addAttribute(PositionIncrementAttribute.class);
            private final Deque<State> waiting = new ArrayDeque<>();

            @Override
            public boolean incrementToken() throws IOException {
                if (waiting.isEmpty() && input.incrementToken()) {
                    State word = captureState();
                    int first = step.getPositionIncrement();
                    if (keep) waiting.add(word);
                    for (Function<TokenStream, TokenStream> way : ways) run(way, word, first);
                    restoreState(word);
                }
                if (waiting.isEmpty()) return false;
                restoreState(waiting.poll());
                return true;
            }

            private void run(Function<TokenStream, TokenStream> way, State word, int first) throws IOException {
                TokenStream one = way.apply(new TokenStream(this) {
                    private boolean given;

                    @Override
                    public boolean incrementToken() {
                        if (given) return false;
                        given = true;
                        restoreState(word);
                        return true;
                    }
                });
                while (one.incrementToken()) {
                    step.setPositionIncrement(waiting.isEmpty() ? first : 0);
                    waiting.add(captureState());
                }
            }
        });
    }
}
