import java.io.Reader;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;

/** Settings to a chain of Lucene's components, under Elasticsearch's names. */
final class Chains {
    static Analyzer analyzer(Settings settings) {
        if (settings.has("analyzer")) return Analyzers.make(settings.text("analyzer", ""), new Settings());
        if (settings.has("analyzer.type"))
            return Analyzers.make(settings.text("analyzer.type", ""), settings.below("analyzer."));
        return custom(settings);
    }

    private static Settings tokenizerOf(Settings settings) {
        Settings defined = settings.below("tokenizer.");
        if (!defined.has("type")) defined.values.put("type", List.of(settings.text("tokenizer", "keyword")));
        return defined;
    }

    static Analyzer custom(Settings settings) {
        return custom(settings, settings.components("filter"));
    }

    static Analyzer custom(Settings settings, List<Settings> filters) {
        return new Analyzer() {
            @Override
            protected Reader initReader(String field, Reader reader) {
                for (Settings filter : settings.components("char_filter")) reader = CharFilters.make(filter, reader);
                return reader;
            }

            @Override
            protected TokenStreamComponents createComponents(String field) {
                Settings of = tokenizerOf(settings);
                Tokenizer tokenizer = Tokenizers.make(of);
                TokenStream stream = tokenizer;
                if (of.text("type", "").equals("lowercase")) stream = new LowerCaseFilter(stream);
                for (int i = 0; i < filters.size(); i++)
                    stream = Filters.make(filters.get(i), stream, settings, filters.subList(0, i));
                return new TokenStreamComponents(tokenizer, stream);
            }
        };
    }
}
