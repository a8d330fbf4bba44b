import java.io.StringReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/**
 * Megabytes a second of the chains that bench_analysis wrote down, by Lucene, on the same texts.
 *
 * <p>Usage: Bench FOLDER. A line of FOLDER/chains is a name, a text's file and settings, with tabs between; a line of a
 * text is a document. Like there it is the processor's time of one thread, the best of some rounds; before that the
 * chain runs until the compiler has had its time.
 */
public final class Bench {
    private static final long WARM_UP_NS = 2_500_000_000L;
    private static final int ROUNDS = 7;
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();
    private static long seen;

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        for (String line : Files.readAllLines(folder.resolve("chains"))) {
            String[] parts = line.split("\t");
            Settings settings = new Settings();
            for (int i = 2; i < parts.length; i++) settings.read(parts[i]);
            String text = Files.readString(folder.resolve(parts[1]));
            System.out.printf("%-34s %8.1f MB/s%n", parts[0], measure(Chains.analyzer(settings), text));
        }
        if (seen == 42) System.out.println();
    }

    private static double measure(Analyzer analyzer, String text) throws Exception {
        List<String> documents = text.lines().toList();
        long bytes = text.getBytes(StandardCharsets.UTF_8).length;
        for (long start = now(); now() - start < WARM_UP_NS; ) run(analyzer, documents);
        long best = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            long start = now();
            run(analyzer, documents);
            best = Math.min(best, now() - start);
        }
        return bytes * 1e3 / best;
    }

    private static long now() {
        return CLOCK.getCurrentThreadCpuTime();
    }

    private static void run(Analyzer analyzer, List<String> documents) throws Exception {
        for (String document : documents) {
            try (TokenStream stream = analyzer.tokenStream("f", new StringReader(document))) {
                CharTermAttribute term = stream.getAttribute(CharTermAttribute.class);
                stream.reset();
                while (stream.incrementToken()) seen += term.length();
                stream.end();
            }
        }
    }
}
