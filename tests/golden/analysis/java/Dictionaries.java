import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.hunspell.Dictionary;
import org.apache.lucene.store.ByteBuffersDirectory;

/** Dictionaries of config/hunspell, as Elasticsearch finds them. */
final class Dictionaries {
    static Dictionary of(Settings s) throws Exception {
        Path folder = Golden.config.resolve("hunspell")
                .resolve(s.text("locale", s.text("language", s.text("lang", ""))));
        List<InputStream> words = new ArrayList<>();
        InputStream affixes = null;
        try (var files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".aff")) affixes = Files.newInputStream(file);
                else if (file.toString().endsWith(".dic")) words.add(Files.newInputStream(file));
            }
        }
        Path settings = folder.resolve("settings.yml");
        boolean ignoreCase =
                Files.exists(settings) && Files.readString(settings).contains("ignore_case: true");
        return new Dictionary(new ByteBuffersDirectory(), "golden", affixes, words, ignoreCase);
    }
}
