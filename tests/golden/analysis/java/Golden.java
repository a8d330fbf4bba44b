import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.KeywordAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionLengthAttribute;
import org.apache.lucene.analysis.tokenattributes.TypeAttribute;
import org.apache.lucene.util.BytesRef;

/**
 * Writes the golden tables: each case file's chains run over their texts by Lucene.
 *
 * <p>Usage: Golden FOLDER OUT [NAME...]. Reads FOLDER/cases/NAME.cases, writes OUT/NAME.table.
 */
public final class Golden {
    /** Where files that settings name lie. */
    static Path config;

    private final Path folder;
    private final StringBuilder out = new StringBuilder();
    private Settings settings = new Settings();
    private Analyzer analyzer;
    private boolean broken;

    private Golden(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        config = folder.resolve("config").toAbsolutePath();
        List<String> names = new ArrayList<>(List.of(args).subList(2, args.length));
        if (names.isEmpty()) {
            try (var files = Files.list(folder.resolve("cases"))) {
                files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".cases"))
                        .map(f -> f.substring(0, f.length() - 6)).sorted().forEach(names::add);
            }
        }
        for (String name : names) {
            Golden golden = new Golden(folder);
            golden.head(name);
            int number = 0;
            for (String line : Files.readAllLines(folder.resolve("cases").resolve(name + ".cases"))) {
                number++;
                try {
                    golden.line(line);
                } catch (Exception e) {
                    throw new Exception(name + ".cases:" + number + ": " + line, e);
                }
            }
            Files.createDirectories(Path.of(args[1]));
            Files.writeString(Path.of(args[1], name + ".table"), golden.out);
        }
    }

    private void head(String name) {
        out.append("# Written by java/Golden.java from cases/").append(name).append(".cases: `make golden`.\n");
        out.append("# Lucene ").append(org.apache.lucene.util.Version.LATEST).append(", ICU4J ")
                .append(com.ibm.icu.util.VersionInfo.ICU_VERSION.getVersionString(2, 2)).append(", Java ")
                .append(Runtime.version().feature()).append("\n");
        out.append("# : setting of a chain   = text   > term, start, end (UTF-16 units), position, type,"
                + " position length[, keyword]   . end position, end offset\n");
    }

    private void line(String line) throws IOException {
        if (line.isEmpty() || line.startsWith("#")) return;
        switch (line.charAt(0)) {
            case ':' -> {
                if (analyzer != null) {
                    analyzer = null;
                    settings = new Settings();
                }
                settings.read(line.substring(2));
            }
            case '=' -> run(Escapes.read(line.length() > 2 ? line.substring(2) : ""));
            case '@' -> {
                for (String text : Files.readAllLines(folder.resolve("texts").resolve(line.substring(1) + ".txt")))
                    if (!text.startsWith("#")) run(Escapes.read(text));
            }
            case '%' -> everyCharacter(line.substring(1).strip());
            default -> throw new IOException("a line begins with : = @ % or #");
        }
    }

    /** "% FIRST LAST": all characters of the range, in hexadecimal, some a text with a space between. */
    private void everyCharacter(String range) throws IOException {
        String[] ends = range.split(" ");
        StringBuilder text = new StringBuilder();
        int count = 0;
        for (int c = Integer.parseInt(ends[0], 16); c <= Integer.parseInt(ends[1], 16); c++) {
            if (!Character.isDefined(c) || Character.isWhitespace(c) || Character.getType(c) == Character.SURROGATE)
                continue;
            text.append(count % 32 == 0 ? "" : " ").appendCodePoint(c);
            if (++count % 32 == 0) {
                run(text.toString());
                text.setLength(0);
            }
        }
        if (text.length() > 0) run(text.toString());
    }

    private void run(String text) throws IOException {
        if (analyzer == null) {
            analyzer = Chains.analyzer(settings);
            settings.values.forEach((key, list) -> list.forEach(
                    value -> out.append(": ").append(key).append('=').append(Escapes.write(value)).append('\n')));
        }
        int start = out.length();
        broken = false;
        out.append("= ").append(Escapes.write(text)).append('\n');
        try (TokenStream stream = analyzer.tokenStream("f", new StringReader(text))) {
            int position = write(stream);
            OffsetAttribute offset = stream.addAttribute(OffsetAttribute.class);
            int step = stream.addAttribute(PositionIncrementAttribute.class).getPositionIncrement();
            out.append(". ").append(position + 1 + step).append('\t').append(offset.endOffset()).append('\n');
        }
        if (broken) out.setLength(start);
    }

    private int write(TokenStream stream) throws IOException {
        CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
        OffsetAttribute offset = stream.addAttribute(OffsetAttribute.class);
        PositionIncrementAttribute step = stream.addAttribute(PositionIncrementAttribute.class);
        PositionLengthAttribute length = stream.addAttribute(PositionLengthAttribute.class);
        TypeAttribute type = stream.addAttribute(TypeAttribute.class);
        KeywordAttribute keyword = stream.addAttribute(KeywordAttribute.class);
        int position = -1;
        stream.reset();
        while (stream.incrementToken()) {
            position += step.getPositionIncrement();
            // The index of Lucene writes half a pair as U+FFFD; only here is it of any use to look at that.
            String text = type.type().equals("MIN_HASH") ? new BytesRef(term).utf8ToString() : term.toString();
            broken |= isBroken(text);
            out.append("> ").append(Escapes.write(text)).append('\t').append(offset.startOffset())
                    .append('\t').append(offset.endOffset()).append('\t').append(position).append('\t')
                    .append(type.type()).append('\t').append(length.getPositionLength())
                    .append(keyword.isKeyword() ? "\tkeyword" : "").append('\n');
        }
        stream.end();
        return position;
    }

    /** Half a surrogate pair, which is no text in UTF-8: such a case says nothing to us and is left out. */
    private static boolean isBroken(CharSequence term) {
        return term.codePoints().anyMatch(c -> c >= 0xd800 && c <= 0xdfff);
    }
}
