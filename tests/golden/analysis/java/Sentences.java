import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;

/**
 * Writes 200 random sentences a language and what its analyzer makes of them, one line each.
 *
 * <p>Usage: Sentences FOLDER OUT. Words come from FOLDER/texts and the lists of stop words; some are cut, joined, put in
 * capitals or hold characters that are no letters of the language.
 */
public final class Sentences {
    private static final int COUNT = 200;
    private static final String[] NAMES = ("arabic armenian basque bengali brazilian bulgarian catalan cjk czech danish dutch"
            + " english estonian finnish french galician german greek hindi hungarian indonesian irish italian latvian"
            + " lithuanian norwegian persian portuguese romanian russian serbian sorani spanish swedish turkish").split(" ");
    private static final Map<String, String> TEXTS = Map.of("brazilian", "portuguese");
    private static final String[] PIECES = {"12", "3.14", "１２３", "٣٤", "e\u0301", "ß", "İ", "ı", "ﬁn", "Ⅻ", "😀", "漢字", "a_b",
        "foo.bar", "x@y.z", "C++", "-", "…", "\u00ad", "\u200f", "ǅ", "ſ", "É", "œ", "ʼn", "m²", "ไทย", "한국어", "カタ", "\u0640"};

    private final Random random;
    private final List<String> words = new ArrayList<>(), stop = new ArrayList<>();

    private Sentences(Path folder, String name) throws Exception {
        random = new Random(name.hashCode());
        for (String line : Files.readAllLines(folder.resolve("texts").resolve(TEXTS.getOrDefault(name, name) + ".txt")))
            if (!line.startsWith("#"))
                for (String word : Escapes.read(line).split("[\\s\\p{Punct}،。、]+")) if (!word.isEmpty()) words.add(word);
        for (String line : Files.readAllLines(folder.resolve("../../../analyzers/languages/stop").resolve(name + ".txt")))
            if (!line.startsWith("#") && !line.isBlank()) stop.add(line.strip());
    }

    public static void main(String[] args) throws Exception {
        Files.createDirectories(Path.of(args[1]));
        for (String name : NAMES) {
            Sentences sentences = new Sentences(Path.of(args[0]), name);
            StringBuilder out = new StringBuilder("# Written by java/Sentences.java: `make golden`. Lucene ")
                    .append(org.apache.lucene.util.Version.LATEST)
                    .append(". A sentence, then term:start:end:position of each token, tabs between.\n");
            try (Analyzer analyzer = Analyzers.make(name, new Settings())) {
                for (int i = 0; i < COUNT; i++) {
                    String line = line(analyzer, sentences.sentence());
                    if (line != null) out.append(line);
                }
            }
            Files.writeString(Path.of(args[1], name + ".sentences"), out);
        }
    }

    private String any(List<String> list) {
        return list.isEmpty() ? "" : list.get(random.nextInt(list.size()));
    }

    private String word() {
        String word = random.nextInt(10) < 3 ? any(stop) : any(words);
        int cut = word.length() > 4 ? word.offsetByCodePoints(word.length(), -Math.min(2, word.codePointCount(0, word.length()))) : 0;
        return switch (random.nextInt(24)) {
            case 0 -> word.toUpperCase(Locale.ROOT);
            case 1 -> cut > 0 ? word.substring(0, cut) : word;
            case 2 -> word + "'s";
            case 3 -> "l'" + word;
            case 4 -> "d’" + word;
            case 5 -> word + "-" + any(words);
            case 6 -> cut > 0 ? word.substring(0, cut) + "\u200d" + word.substring(cut) : word;
            case 7 -> cut > 0 ? word.substring(0, cut) + "\u0301" + word.substring(cut) : word;
            case 8 -> PIECES[random.nextInt(PIECES.length)];
            case 9 -> word + PIECES[random.nextInt(PIECES.length)];
            default -> word;
        };
    }

    private String sentence() {
        StringBuilder text = new StringBuilder(word());
        for (int i = 1 + random.nextInt(6); i > 0; i--)
            text.append(random.nextInt(8) == 0 ? ", " : " ").append(word());
        return text.append(random.nextInt(3) == 0 ? "." : "").toString();
    }

    /** Null where a term is no text in UTF-8. */
    private static String line(Analyzer analyzer, String text) throws Exception {
        StringBuilder line = new StringBuilder(Escapes.write(text));
        try (TokenStream stream = analyzer.tokenStream("f", new StringReader(text))) {
            CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
            OffsetAttribute offset = stream.addAttribute(OffsetAttribute.class);
            PositionIncrementAttribute step = stream.addAttribute(PositionIncrementAttribute.class);
            int position = -1;
            stream.reset();
            while (stream.incrementToken()) {
                position += step.getPositionIncrement();
                if (term.codePoints().anyMatch(c -> c >= 0xd800 && c <= 0xdfff)) return null;
                line.append('\t').append(Escapes.write(term.toString())).append(':').append(offset.startOffset())
                        .append(':').append(offset.endOffset()).append(':').append(position);
            }
            stream.end();
        }
        return line.append('\n').toString();
    }
}
