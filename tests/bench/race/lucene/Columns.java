import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValuesSkipper;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.ConstantScoreScorer;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.DocIdStream;
import org.apache.lucene.search.FieldDoc;
import org.apache.lucene.search.IndexOrDocValuesQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.SimpleCollector;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopFieldCollectorManager;
import org.apache.lucene.search.TopFieldDocs;
import org.apache.lucene.search.Weight;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.Version;

/**
 * Lucene's side of the race over columns: sorts, ranges, terms and date_histogram aggregations.
 *
 * <p>Columns index CORPUS DIR; Columns query DIR NAMES ROUNDS OUT, names separated by commas.
 *
 * <p>Every field has doc values, and points or terms, by which sorts end early; dates have doc values
 * with a skip index as well, for histograms (a sort that finds one goes by it, which is far slower
 * than by points on values in no order). Aggregations are the loops that a server on Lucene runs:
 * counts by ordinal or by an index of intervals, in plain arrays, documents in bulk where Lucene
 * hands them over in bulk.
 */
public final class Columns {
  private static final long DAY = 86_400_000L;
  private static final int SIZE = 10;
  private static final String SKIP = "_skip";

  public static void main(String[] args) throws Exception {
    if (args[0].equals("index")) index(Path.of(args[1]), Path.of(args[2]));
    else query(args);
  }

  // ---- index ----

  private static void add(Document document, String name, long value) {
    document.add(new LongPoint(name, value));
    document.add(new NumericDocValuesField(name, value));
  }

  private static Document document(JsonFactory json, String line) throws IOException {
    Document document = new Document();
    document.add(new StoredField("_source", line.getBytes(StandardCharsets.UTF_8)));
    try (JsonParser parser = json.createParser(line)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "views" -> add(document, name, parser.getLongValue());
          case "created", "seen" -> {
            long moment = Instant.parse(parser.getText()).toEpochMilli();
            add(document, name, moment);
            document.add(NumericDocValuesField.indexedField(name + SKIP, moment));
          }
          default -> {
            document.add(new StringField(name, parser.getText(), Field.Store.NO));
            document.add(new SortedDocValuesField(name, new BytesRef(parser.getText())));
          }
        }
      }
    }
    return document;
  }

  private static void index(Path corpus, Path out) throws Exception {
    JsonFactory json = new JsonFactory();
    IndexWriterConfig config = new IndexWriterConfig(new StandardAnalyzer()).setRAMBufferSizeMB(256);
    long documents = 0;
    long begin = System.nanoTime();
    try (MMapDirectory directory = new MMapDirectory(out);
        IndexWriter writer = new IndexWriter(directory, config);
        BufferedReader reader = Files.newBufferedReader(corpus)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine(), documents++)
        writer.addDocument(document(json, line));
      writer.forceMerge(1);
      writer.commit();
    }
    System.out.printf(
        "{\"engine\":\"lucene\",\"version\":\"%s\",\"documents\":%d,\"total_s\":%.3f}%n",
        Version.LATEST, documents, (System.nanoTime() - begin) / 1e9);
  }

  // ---- tasks: a name says what is done, e.g. histogram_created_day_term ----

  private interface Task {
    String run(IndexSearcher searcher) throws IOException;
  }

  private static final Query SLOW = new TermQuery(new Term("status", "slow"));

  private static Task task(String name) {
    String[] words = name.split("_");
    boolean all = name.contains("_all");
    Query query = all ? MatchAllDocsQuery.INSTANCE : SLOW;
    return switch (words[0]) {
      case "sort" -> searcher -> sort(searcher, all ? new Every() : query, words[1], words[2].equals("desc"));
      case "range" -> searcher -> range(searcher, words[1], all);
      case "terms" ->
          name.endsWith("frequencies")
              ? searcher -> frequencies(searcher, words[1])
              : searcher -> terms(searcher, query, all, words[1]);
      case "histogram" -> searcher -> histogram(searcher, query, all, words[1] + SKIP, words[2].equals("month"));
      default -> throw new IllegalArgumentException(name);
    };
  }

  /**
   * All documents, one after the other: MatchAllDocsQuery hands whole ranges to the collector, past the
   * competitive iterator by which a sort ends early.
   */
  private static final class Every extends Query {
    @Override
    public Weight createWeight(IndexSearcher searcher, ScoreMode mode, float boost) {
      return new ConstantScoreWeight(this, boost) {
        @Override
        public ScorerSupplier scorerSupplier(LeafReaderContext leaf) {
          int count = leaf.reader().maxDoc();
          return new ScorerSupplier() {
            @Override
            public Scorer get(long leadCost) {
              return new ConstantScoreScorer(score(), mode, DocIdSetIterator.all(count));
            }

            @Override
            public long cost() {
              return count;
            }
          };
        }

        @Override
        public boolean isCacheable(LeafReaderContext leaf) {
          return false;
        }
      };
    }

    @Override
    public void visit(QueryVisitor visitor) {
      visitor.visitLeaf(this);
    }

    @Override
    public String toString(String field) {
      return "every";
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Every;
    }

    @Override
    public int hashCode() {
      return classHash();
    }
  }

  private static String sort(IndexSearcher searcher, Query query, String field, boolean descending)
      throws IOException {
    boolean text = field.equals("category") || field.equals("session");
    Sort by = new Sort(new SortField(field, text ? SortField.Type.STRING : SortField.Type.LONG, descending));
    TopFieldDocs top = searcher.search(query, new TopFieldCollectorManager(by, SIZE, null, SIZE));
    StringBuilder out = new StringBuilder("{\"sort\":[");
    for (ScoreDoc hit : top.scoreDocs) {
      Object value = ((FieldDoc) hit).fields[0];
      out.append(out.charAt(out.length() - 1) == '[' ? "" : ",");
      out.append(text ? '"' + ((BytesRef) value).utf8ToString() + '"' : value.toString());
    }
    return out.append("]}").toString();
  }

  private static String range(IndexSearcher searcher, String width, boolean all) throws IOException {
    long from = 300_000_000L, to = width.equals("wide") ? 799_999_999L : 309_999_999L;
    Query range =
        new IndexOrDocValuesQuery(
            LongPoint.newRangeQuery("views", from, to),
            NumericDocValuesField.newSlowRangeQuery("views", from, to));
    if (!all) range = new BooleanQuery.Builder().add(range, Occur.FILTER).add(SLOW, Occur.FILTER).build();
    return "{\"count\":" + searcher.count(range) + "}";
  }

  // ---- counting ----

  /** Documents of a leaf in bulk. */
  private interface Bulk {
    void take(int[] docs, int count) throws IOException;
  }

  private interface Opener {
    Bulk open(LeafReaderContext leaf) throws IOException;
  }

  private static void collect(IndexSearcher searcher, Query query, Opener opener) throws IOException {
    searcher.search(
        query,
        new SimpleCollector() {
          private final int[] docs = new int[1024];
          private int used;
          private Bulk bulk;

          @Override
          protected void doSetNextReader(LeafReaderContext leaf) throws IOException {
            bulk = opener.open(leaf);
          }

          @Override
          public void collect(int doc) throws IOException {
            docs[used++] = doc;
            if (used == docs.length) flush();
          }

          @Override
          public void collect(DocIdStream stream) throws IOException {
            flush();
            for (int some = stream.intoArray(docs); some != 0; some = stream.intoArray(docs))
              bulk.take(docs, some);
          }

          @Override
          public void finish() throws IOException {
            flush();
          }

          private void flush() throws IOException {
            if (used > 0) bulk.take(docs, used);
            used = 0;
          }

          @Override
          public ScoreMode scoreMode() {
            return ScoreMode.COMPLETE_NO_SCORES;
          }
        });
  }

  private record Bucket(long ordinal, long count) {}

  private static String best(SortedDocValues values, int[] counts) throws IOException {
    PriorityQueue<Bucket> heap =
        new PriorityQueue<>(
            Comparator.comparingLong(Bucket::count).thenComparing(Bucket::ordinal, Comparator.reverseOrder()));
    long others = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] == 0) continue;
      others += counts[i];
      if (heap.size() == SIZE && heap.peek().count >= counts[i]) continue;
      if (heap.size() == SIZE) heap.poll();
      heap.add(new Bucket(i, counts[i]));
    }
    List<Bucket> found = new ArrayList<>();
    while (!heap.isEmpty()) found.add(heap.poll());
    StringBuilder out = new StringBuilder();
    for (Bucket bucket : found.reversed()) {
      others -= bucket.count;
      out.append(out.isEmpty() ? "" : ",").append("[\"");
      out.append(values.lookupOrd((int) bucket.ordinal).utf8ToString()).append("\",");
      out.append(bucket.count).append(']');
    }
    return "{\"buckets\":[" + out + "],\"others\":" + others + "}";
  }

  private static String terms(IndexSearcher searcher, Query query, boolean all, String field) throws IOException {
    LeafReader reader = searcher.getIndexReader().leaves().get(0).reader();
    SortedDocValues values = reader.getSortedDocValues(field);
    int[] counts = new int[values.getValueCount()];
    if (all) {
      int end = reader.maxDoc();
      for (int doc = 0; doc < end; doc++) if (values.advanceExact(doc)) counts[values.ordValue()]++;
    } else {
      collect(
          searcher,
          query,
          leaf ->
              (docs, count) -> {
                for (int i = 0; i < count; i++) if (values.advanceExact(docs[i])) counts[values.ordValue()]++;
              });
    }
    return best(values, counts);
  }

  /** Of all documents: what the dictionary says, where nothing was deleted. */
  private static String frequencies(IndexSearcher searcher, String field) throws IOException {
    LeafReader reader = searcher.getIndexReader().leaves().get(0).reader();
    SortedDocValues values = reader.getSortedDocValues(field);
    int[] counts = new int[values.getValueCount()];
    TermsEnum terms = reader.terms(field).iterator();
    for (int i = 0; terms.next() != null; i++) counts[i] = terms.docFreq();
    return best(values, counts);
  }

  /** Starts of intervals in a row, and which of them a moment is in. */
  private abstract static class Rounding {
    long[] starts;

    abstract int index(long value);
  }

  private static Rounding days(long min, long max) {
    Rounding made =
        new Rounding() {
          @Override
          int index(long value) {
            return (int) ((value - starts[0]) / DAY);
          }
        };
    long first = Math.floorDiv(min, DAY);
    made.starts = new long[(int) (Math.floorDiv(max, DAY) - first + 1)];
    for (int i = 0; i < made.starts.length; i++) made.starts[i] = (first + i) * DAY;
    return made;
  }

  private static Rounding months(long min, long max) {
    Rounding made =
        new Rounding() {
          @Override
          int index(long value) {
            int at = Arrays.binarySearch(starts, value);
            return at < 0 ? -2 - at : at;
          }
        };
    List<Long> starts = new ArrayList<>();
    LocalDate month = Instant.ofEpochMilli(min).atZone(ZoneOffset.UTC).toLocalDate().withDayOfMonth(1);
    for (; month.toEpochDay() * DAY <= max; month = month.plusMonths(1)) starts.add(month.toEpochDay() * DAY);
    made.starts = starts.stream().mapToLong(Long::longValue).toArray();
    return made;
  }

  private static void countAll(LeafReader reader, String field, Rounding rounding, int[] counts) throws IOException {
    NumericDocValues values = reader.getNumericDocValues(field);
    DocValuesSkipper skipper = reader.getDocValuesSkipper(field);
    int[] docs = new int[1024];
    long[] some = new long[1024];
    int end = reader.maxDoc();
    for (int doc = 0; doc < end; ) {
      if (doc > skipper.maxDocID(0)) skipper.advance(doc);
      int last = skipper.maxDocID(0);
      int first = rounding.index(skipper.minValue(0));
      if (skipper.docCount(0) == last - doc + 1 && first == rounding.index(skipper.maxValue(0))) {
        counts[first] += last - doc + 1;
        doc = last + 1;
        continue;
      }
      while (doc <= last) {
        int count = Math.min(docs.length, last - doc + 1);
        for (int i = 0; i < count; i++) docs[i] = doc + i;
        values.longValues(count, docs, some, 0);
        for (int i = 0; i < count; i++) counts[rounding.index(some[i])]++;
        doc += count;
      }
    }
  }

  private static String histogram(IndexSearcher searcher, Query query, boolean all, String field, boolean month)
      throws IOException {
    LeafReader reader = searcher.getIndexReader().leaves().get(0).reader();
    DocValuesSkipper skipper = reader.getDocValuesSkipper(field);
    Rounding rounding =
        month ? months(skipper.minValue(), skipper.maxValue()) : days(skipper.minValue(), skipper.maxValue());
    int[] counts = new int[rounding.starts.length];
    if (all) {
      countAll(reader, field, rounding, counts);
    } else {
      NumericDocValues values = reader.getNumericDocValues(field);
      long[] some = new long[1024];
      collect(
          searcher,
          query,
          leaf ->
              (docs, count) -> {
                values.longValues(count, docs, some, 0);
                for (int i = 0; i < count; i++) counts[rounding.index(some[i])]++;
              });
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < counts.length; i++)
      out.append(out.isEmpty() ? "[" : ",[").append(rounding.starts[i]).append(',').append(counts[i]).append(']');
    return "{\"buckets\":[" + out + "]}";
  }

  // ---- query ----

  private static void query(String[] args) throws Exception {
    String[] names = args[2].split(",");
    int rounds = Integer.parseInt(args[3]);
    double[][] times = new double[names.length][rounds];
    String[] answers = new String[names.length];
    try (MMapDirectory directory = new MMapDirectory(Path.of(args[1]));
        DirectoryReader reader = DirectoryReader.open(directory)) {
      if (reader.leaves().size() != 1) throw new IllegalStateException("more than one segment");
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setQueryCache(null);
      Task[] tasks = Arrays.stream(names).map(Columns::task).toArray(Task[]::new);
      for (int turn = 0; turn < 20; turn++) // until compiled
        for (int i = 0; i < names.length; i++) answers[i] = tasks[i].run(searcher);
      for (int round = 0; round < rounds; round++)
        for (int i = 0; i < names.length; i++) {
          long begin = System.nanoTime();
          tasks[i].run(searcher);
          times[i][round] = (System.nanoTime() - begin) / 1e3;
        }
    }
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[4])))) {
      out.println("[");
      for (int i = 0; i < names.length; i++) {
        Arrays.sort(times[i]);
        out.printf(
            "%s{\"name\":\"%s\",\"best_us\":%.3f,\"median_us\":%.3f,\"answer\":%s}",
            i > 0 ? ",\n" : "", names[i], times[i][0], times[i][rounds / 2], answers[i]);
      }
      out.println("\n]");
    }
  }
}
