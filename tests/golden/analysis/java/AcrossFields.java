import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TermState;
import org.apache.lucene.index.TermStates;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/**
 * The fields f and g (twice its weight) as one, as Elasticsearch documents cross_fields: a word is as frequent in each field as
 * in the one that has it most, and by one more in each rarer field; never more than the field has documents, nor more than the
 * tokens of the field with the fewest.
 */
final class AcrossFields {
    private static final String[] FIELDS = {"f", "g"};
    private static final float[] BOOSTS = {1, 2};
    private final IndexSearcher searcher;
    private final IndexReader reader;
    private final float tie;

    AcrossFields(IndexSearcher searcher, float tie) {
        this.searcher = searcher;
        this.tie = tie;
        reader = searcher.getIndexReader();
    }

    private static final class Use {
        Term term;
        float boost;
        TermStates states;
        long before, docFreq;
    }

    Query query(List<QueryKinds.Word> words, Occur occur) throws IOException {
        if (words.isEmpty()) return null;
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        for (int i = 0, next; i < words.size(); i = next) {
            for (next = i + 1; next < words.size() && words.get(next).position() == words.get(i).position(); ) next++;
            all.add(place(words.subList(i, next)), occur);
        }
        BooleanQuery query = all.build();
        return query.clauses().size() == 1 ? query.clauses().get(0).getQuery() : query;
    }

    private Query place(List<QueryKinds.Word> words) throws IOException {
        List<Use> uses = new ArrayList<>();
        for (int f = 0; f < FIELDS.length; f++) {
            for (QueryKinds.Word word : words) {
                Use use = new Use();
                use.term = new Term(FIELDS[f], word.text());
                use.boost = BOOSTS[f];
                use.states = TermStates.build(searcher, use.term, true);
                use.before = use.docFreq = use.states.docFreq();
                uses.add(use);
            }
        }
        share(uses);
        List<Query> best = new ArrayList<>();
        for (Use use : uses) {
            Query query = new TermQuery(use.term, statesOf(use));
            best.add(use.boost == 1 ? query : new BoostQuery(query, use.boost));
        }
        return new DisjunctionMaxQuery(best, tie);
    }

    private void share(List<Use> uses) throws IOException {
        List<Use> found = new ArrayList<>(uses.stream().filter(use -> use.before > 0).toList());
        if (found.isEmpty()) return;
        found.sort(Comparator.comparingLong((Use use) -> -use.before));
        long most = reader.maxDoc();
        for (Use use : found) most = Math.min(most, reader.getSumTotalTermFreq(use.term.field()));
        long shared = Math.min(most, found.get(0).before), last = found.get(0).before;
        for (Use use : found) {
            if (use.before < last) shared++;
            last = use.before;
            use.docFreq = Math.min(Math.min(shared, most), reader.getDocCount(use.term.field()));
        }
    }

    private TermStates statesOf(Use use) throws IOException {
        TermStates made = new TermStates(reader.getContext());
        boolean first = true;
        for (LeafReaderContext leaf : reader.getContext().leaves()) {
            TermState state = use.states.get(leaf);
            if (state == null) continue;
            int docFreq = first ? (int) use.docFreq : 0;
            made.register(state, leaf.ord, docFreq, first ? Math.max(docFreq, use.states.totalTermFreq()) : 0);
            first = false;
        }
        return made;
    }
}
