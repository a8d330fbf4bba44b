import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * Writes the tables of queries: what Lucene's query builder and parsers match in a small index, with scores.
 *
 * <p>Usage: Queries FOLDER OUT. Reads FOLDER/queries/NAME.queries, writes OUT/NAME.scores.
 */
public final class Queries {
    private final StringBuilder out = new StringBuilder();
    private final List<String[]> docs = new ArrayList<>();
    private final List<String> kinds = new ArrayList<>();
    private IndexSearcher searcher;
    private Settings settings = new Settings();
    private Analyzer analyzer;

    public static void main(String[] args) throws Exception {
        try (var files = Files.list(Path.of(args[0], "queries"))) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replace(".queries", "");
                Queries queries = new Queries();
                queries.head(name);
                int number = 0;
                for (String line : Files.readAllLines(file)) {
                    number++;
                    try {
                        queries.line(line);
                    } catch (Exception e) {
                        throw new Exception(file + ":" + number + ": " + line, e);
                    }
                }
                Files.createDirectories(Path.of(args[1]));
                Files.writeString(Path.of(args[1], name + ".scores"), queries.out);
            }
        }
    }

    private void head(String name) {
        out.append("# Written by java/Queries.java from queries/").append(name).append(".queries: `make golden`.\n");
        out.append("# Lucene ").append(org.apache.lucene.util.Version.LATEST).append("\n");
        out.append("# d field f, tab, field g   : setting of the search analyzer   ? kind, options, tab, text\n");
        out.append("# > document=bits of its score ...\n");
    }

    private void line(String line) throws Exception {
        if (line.isEmpty() || line.startsWith("#")) return;
        String rest = line.length() > 2 ? line.substring(2) : "";
        switch (line.charAt(0)) {
            case 'd' -> doc(Escapes.read(rest));
            case 'r' -> randomDocs(rest.split(" "));
            case ':' -> {
                if (analyzer != null) {
                    analyzer = null;
                    settings = new Settings();
                    kinds.clear();
                }
                settings.read(rest);
            }
            case '?' -> kinds.add(rest);
            case '=' -> runAll(Escapes.read(rest));
            case '~' -> randomTexts(rest.split(" "));
            default -> throw new Exception("a line begins with d r : ? = ~ or #");
        }
    }

    private void doc(String text) {
        docs.add(text.split("\t", -1));
        out.append("d ").append(text).append('\n');
    }

    /** "r SEED COUNT LENGTH word word ...": that many documents of up to so many of the words. */
    private void randomDocs(String[] parts) {
        Random random = new Random(Long.parseLong(parts[0]));
        String[] words = Arrays.copyOfRange(parts, 3, parts.length);
        for (int i = Integer.parseInt(parts[1]); i > 0; i--)
            doc(words(random, words, 1 + random.nextInt(Integer.parseInt(parts[2]))) + "\t"
                    + words(random, words, 1 + random.nextInt(4)));
    }

    /** "~ SEED COUNT LENGTH word ...": queries of up to so many words. */
    private void randomTexts(String[] parts) throws Exception {
        Random random = new Random(Long.parseLong(parts[0]));
        String[] words = Arrays.copyOfRange(parts, 3, parts.length);
        for (int i = Integer.parseInt(parts[1]); i > 0; i--)
            runAll(words(random, words, 1 + random.nextInt(Integer.parseInt(parts[2]))));
    }

    private static String words(Random random, String[] words, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++)
            text.append(i == 0 ? "" : " ").append(words[random.nextInt(words.length)]);
        return text.toString();
    }

    private void open() throws Exception {
        ByteBuffersDirectory directory = new ByteBuffersDirectory();
        try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(new WhitespaceAnalyzer()))) {
            for (String[] text : docs) {
                Document document = new Document();
                document.add(new TextField("f", text[0], Field.Store.NO));
                if (text.length > 1) document.add(new TextField("g", text[1], Field.Store.NO));
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
        searcher = new IndexSearcher(DirectoryReader.open(directory));
    }

    private void runAll(String text) throws Exception {
        if (searcher == null) open();
        if (analyzer == null) {
            analyzer = Chains.analyzer(settings);
            settings.values.forEach((key, list) -> list.forEach(
                    value -> out.append(": ").append(key).append('=').append(Escapes.write(value)).append('\n')));
        }
        for (String kind : kinds) run(kind, text);
    }

    private void run(String kind, String text) throws Exception {
        Query query = QueryKinds.make(new ArrayList<>(List.of(kind.split(" "))), text, analyzer, searcher);
        out.append("? ").append(kind).append('\t').append(Escapes.write(text)).append('\n').append('>');
        if (query != null) {
            TreeMap<Integer, Float> hits = new TreeMap<>();
            for (ScoreDoc hit : searcher.search(query, docs.size()).scoreDocs) hits.put(hit.doc, hit.score);
            hits.forEach((doc, score) ->
                    out.append(' ').append(doc).append('=').append(Integer.toHexString(Float.floatToIntBits(score))));
        }
        out.append('\n');
    }
}
