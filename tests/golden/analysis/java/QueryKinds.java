import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;
import org.apache.lucene.index.MultiTerms;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.queryparser.simple.SimpleQueryParser;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MultiPhraseQuery;
import org.apache.lucene.search.MultiTermQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.RegexpQuery;
import org.apache.lucene.search.SynonymQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.QueryBuilder;
import org.apache.lucene.util.automaton.RegExp;
import org.apache.lucene.util.graph.GraphTokenStreamFiniteStrings;

/**
 * The kinds of queries of the tables: "match", "match and", "match msm=2", "match words", "phrase slop=1", "fuzzy edits=1",
 * "near" (a match of fuzzy words), "regexp", "cross" (the fields f and g^2 as one), ...
 */
final class QueryKinds {
    private final QueryBuilder builder;
    private final Analyzer analyzer;
    private final IndexSearcher searcher;
    private final Occur occur;
    private int slop, minimum;
    private float tie;
    private final Near near;

    private QueryKinds(List<String> options, Analyzer analyzer, IndexSearcher searcher) {
        this.analyzer = analyzer;
        this.searcher = searcher;
        occur = options.contains("and") ? Occur.MUST : Occur.SHOULD;
        builder = new QueryBuilder(analyzer);
        near = Near.of(options);
        builder.setAutoGenerateMultiTermSynonymsPhraseQuery(!options.contains("words"));
        for (String option : options) {
            if (option.startsWith("slop=")) slop = Integer.parseInt(option.substring(5));
            if (option.startsWith("tie=")) tie = Float.parseFloat(option.substring(4));
            if (option.startsWith("msm=")) minimum = Integer.parseInt(option.substring(4));
        }
    }

    static Query make(List<String> options, String text, Analyzer analyzer, IndexSearcher searcher) throws Exception {
        QueryKinds kinds = new QueryKinds(options, analyzer, searcher);
        return switch (options.get(0)) {
            case "match" -> kinds.enough(kinds.builder.createBooleanQuery("f", text, kinds.occur));
            case "phrase" -> kinds.builder.createPhraseQuery("f", text, kinds.slop);
            case "phrase_prefix" -> kinds.phrasePrefixes(text);
            case "bool_prefix" -> kinds.boolPrefix(text);
            case "query_string" -> kinds.queryString(text);
            case "simple" -> kinds.simple(text);
            case "fuzzy" -> kinds.near.query(new Term("f", text));
            case "near" -> kinds.enough(kinds.nearWords(text));
            case "regexp" -> new RegexpQuery(new Term("f", text), options.contains("plain") ? RegExp.NONE : RegExp.ALL,
                    options.contains("any_case") ? RegExp.ASCII_CASE_INSENSITIVE : 0, name -> null, 10000,
                    MultiTermQuery.CONSTANT_SCORE_REWRITE);
            case "cross" -> kinds.enough(kinds.across(text));
            default -> throw new Exception("no such kind");
        };
    }

    private Query enough(Query query) {
        if (minimum == 0 || !(query instanceof BooleanQuery all)
                || all.clauses().stream().noneMatch(clause -> clause.getOccur() == Occur.SHOULD)) return query;
        BooleanQuery.Builder copy = new BooleanQuery.Builder().setMinimumNumberShouldMatch(minimum);
        ((BooleanQuery) query).clauses().forEach(copy::add);
        return copy.build();
    }

    private Query queryString(String text) throws ParseException {
        QueryParser parser = new QueryParser("f", analyzer);
        parser.setDefaultOperator(occur == Occur.MUST ? QueryParser.Operator.AND : QueryParser.Operator.OR);
        parser.setAllowLeadingWildcard(true);
        parser.setPhraseSlop(slop);
        parser.setAutoGenerateMultiTermSynonymsPhraseQuery(builder.getAutoGenerateMultiTermSynonymsPhraseQuery());
        return enough(onlyProhibited(parser.parse(text)));
    }

    private Query across(String text) throws Exception {
        try (TokenStream stream = analyzer.tokenStream("f", text)) {
            return new AcrossFields(searcher, tie).query(words(stream), occur);
        }
    }

    /** A match query with fuzziness: single words are fuzzy, synonyms are not. */
    private Query nearWords(String text) {
        QueryBuilder fuzzy = new QueryBuilder(analyzer) {
            @Override
            protected Query newTermQuery(Term term, float boost) {
                return near.query(term);
            }
        };
        return fuzzy.createBooleanQuery("f", text, occur);
    }

    /** As Elasticsearch has it: a query string that only says what is not wanted matches all else. */
    private static Query onlyProhibited(Query query) {
        if (!(query instanceof BooleanQuery all) || all.clauses().isEmpty()
                || all.clauses().stream().anyMatch(clause -> !clause.isProhibited())) return query;
        BooleanQuery.Builder copy = new BooleanQuery.Builder();
        all.clauses().forEach(copy::add);
        return copy.add(new MatchAllDocsQuery(), Occur.FILTER).build();
    }

    private Query simple(String text) {
        SimpleQueryParser parser = new SimpleQueryParser(analyzer, Map.of("f", 1f));
        parser.setDefaultOperator(occur);
        return enough(parser.parse(text));
    }

    // Phrases that end in a prefix are no query of Lucene's: the prefix is expanded by hand.

    record Word(String text, int position, boolean last) {}

    static List<Word> words(TokenStream stream) throws Exception {
        List<Word> words = new ArrayList<>();
        CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
        PositionIncrementAttribute step = stream.addAttribute(PositionIncrementAttribute.class);
        OffsetAttribute offset = stream.addAttribute(OffsetAttribute.class);
        int position = -1;
        List<Integer> ends = new ArrayList<>();
        stream.reset();
        while (stream.incrementToken()) {
            position += step.getPositionIncrement();
            words.add(new Word(term.toString(), position, false));
            ends.add(offset.endOffset());
        }
        stream.end();
        int last = words.size() - 1;
        if (last >= 0 && ends.get(last) == offset.endOffset())
            words.set(last, new Word(words.get(last).text, position, true));
        return words;
    }

    private Query phrasePrefixes(String text) throws Exception {
        BooleanQuery.Builder any = new BooleanQuery.Builder();
        try (TokenStream stream = analyzer.tokenStream("f", text)) {
            var paths = new GraphTokenStreamFiniteStrings(stream).getFiniteStrings();
            while (paths.hasNext()) any.add(phrasePrefix(words(paths.next())), Occur.SHOULD);
        }
        return any.build();
    }

    private Query phrasePrefix(List<Word> words) throws Exception {
        MultiPhraseQuery.Builder phrase = new MultiPhraseQuery.Builder().setSlop(slop);
        for (Word word : words.subList(0, words.size() - 1)) phrase.add(new Term[] {new Term("f", word.text)}, word.position);
        Word last = words.get(words.size() - 1);
        List<Term> expanded = new ArrayList<>();
        TermsEnum terms = MultiTerms.getTerms(searcher.getIndexReader(), "f").iterator();
        BytesRef prefix = new BytesRef(last.text);
        if (terms.seekCeil(prefix) == TermsEnum.SeekStatus.END) return new BooleanQuery.Builder().build();
        for (BytesRef at = terms.term(); at != null && expanded.size() < 50; at = terms.next())
            if (org.apache.lucene.util.StringHelper.startsWith(at, prefix)) expanded.add(new Term("f", BytesRef.deepCopyOf(at)));
            else break;
        if (expanded.isEmpty()) return new BooleanQuery.Builder().build();
        return phrase.add(expanded.toArray(new Term[0]), last.position).build();
    }

    /** Of analyzers without graphs. */
    private Query boolPrefix(String text) throws Exception {
        List<Word> words;
        try (TokenStream stream = analyzer.tokenStream("f", text)) {
            words = words(stream);
        }
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        for (int i = 0, next; i < words.size(); i = next) {
            for (next = i + 1; next < words.size() && words.get(next).position == words.get(i).position; ) next++;
            Word word = words.get(i);
            if (next > i + 1) {
                SynonymQuery.Builder synonym = new SynonymQuery.Builder("f");
                words.subList(i, next).forEach(w -> synonym.addTerm(new Term("f", w.text)));
                all.add(synonym.build(), occur);
            } else {
                Term term = new Term("f", word.text);
                all.add(word.last ? new PrefixQuery(term) : new TermQuery(term), occur);
            }
        }
        BooleanQuery query = all.build();
        return query.clauses().size() == 1 ? query.clauses().get(0).getQuery() : enough(query);
    }
}
