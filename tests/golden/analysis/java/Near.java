import java.util.List;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.Query;

/** Options of fuzzy words: "edits=1" (AUTO without), "prefix=2", "most=10", "strict" (no neighbours change places). */
record Near(int edits, int prefix, int most, boolean transpositions) {
    private static final int BY_LENGTH = -1;

    static Near of(List<String> options) {
        int edits = BY_LENGTH, prefix = 0, most = 50;
        for (String option : options) {
            if (option.startsWith("edits=")) edits = Integer.parseInt(option.substring(6));
            if (option.startsWith("prefix=")) prefix = Integer.parseInt(option.substring(7));
            if (option.startsWith("most=")) most = Integer.parseInt(option.substring(5));
        }
        return new Near(edits, prefix, most, !options.contains("strict"));
    }

    Query query(Term term) {
        int letters = term.text().codePointCount(0, term.text().length());
        int distance = edits != BY_LENGTH ? edits : letters < 3 ? 0 : letters < 6 ? 1 : 2;
        return new FuzzyQuery(term, distance, prefix, most, transpositions);
    }
}
