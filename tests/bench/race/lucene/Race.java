import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KeywordField;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.misc.index.BPIndexReorderer;
import org.apache.lucene.misc.index.BPReorderingMergePolicy;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;

/**
 * Lucene's side of the race, with the arguments and the output rows of auk-race:
 *
 * <p>Race index CORPUS DIR THREADS SEGMENTS bp|plain; Race query DIR QUERIES MODE FIELD ROUNDS OUT.
 *
 * <p>The same fields and options as mapping.json gives Auk: positions, columns, and the source kept.
 */
public final class Race {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int WARM_ROUNDS = 20;
  private static final long WARM_NANOS = 5_000_000_000L;

  public static void main(String[] args) throws Exception {
    if (args[0].equals("index")) index(args);
    else query(args);
  }

  // ---- index ----

  private static Document document(String line, long number) throws Exception {
    Document document = new Document();
    document.add(new StringField("_id", Long.toString(number), Field.Store.YES));
    document.add(new NumericDocValuesField("_number", number));
    document.add(new StoredField("_source", line.getBytes(StandardCharsets.UTF_8)));
    try (JsonParser parser = JSON.createParser(line)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "id", "category" -> document.add(new KeywordField(name, parser.getText(), Field.Store.NO));
          case "views" -> document.add(new LongField(name, parser.getLongValue(), Field.Store.NO));
          case "created" ->
              document.add(new LongField(name, Instant.parse(parser.getText()).toEpochMilli(), Field.Store.NO));
          default -> document.add(new TextField(name, parser.getText(), Field.Store.NO));
        }
      }
    }
    return document;
  }

  private static IndexWriterConfig config(boolean bp) {
    IndexWriterConfig config = new IndexWriterConfig(new StandardAnalyzer());
    config.setRAMBufferSizeMB(256);
    // Files of their own, so that what keeps the sources can be told from the rest.
    config.setUseCompoundFile(false);
    TieredMergePolicy policy = new TieredMergePolicy();
    policy.setNoCFSRatio(0);
    config.setMergePolicy(policy);
    if (bp) {
      BPIndexReorderer reorderer = new BPIndexReorderer();
      reorderer.setRAMBudgetMB(1024);
      config.setMergePolicy(new BPReorderingMergePolicy(policy, reorderer));
    }
    return config;
  }

  private static void index(String[] args) throws Exception {
    Path corpus = Path.of(args[1]);
    int threads = Integer.parseInt(args[3]);
    int segments = Integer.parseInt(args[4]);
    boolean bp = args[5].equals("bp");
    AtomicLong documents = new AtomicLong();
    long begin = System.nanoTime();
    long written;
    try (MMapDirectory directory = new MMapDirectory(Path.of(args[2]));
        IndexWriter writer = new IndexWriter(directory, config(bp));
        BufferedReader reader = Files.newBufferedReader(corpus)) {
      List<Thread> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(Thread.ofPlatform().start(() -> add(reader, writer, documents)));
      }
      for (Thread worker : workers) worker.join();
      writer.commit();
      written = System.nanoTime();
      if (segments > 0) writer.forceMerge(segments);
      writer.commit();
    }
    long end = System.nanoTime();
    long bytes = 0;
    long stored = 0;
    try (var files = Files.list(Path.of(args[2]))) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
        if (file.toString().matches(".*\\.fd[tmx]")) stored += Files.size(file);
      }
    }
    System.out.printf(
        "{\"engine\":\"lucene%s\",\"version\":\"%s\",\"threads\":%d,\"documents\":%d,\"source_bytes\":%d,"
            + "\"index_s\":%.3f,\"total_s\":%.3f,\"segment_bytes\":%d,\"stored_bytes\":%d}%n",
        bp ? "-bp" : "", Version.LATEST, threads, documents.get(), Files.size(corpus),
        (written - begin) / 1e9, (end - begin) / 1e9, bytes, stored);
  }

  private static void add(BufferedReader reader, IndexWriter writer, AtomicLong documents) {
    try {
      while (true) {
        String line;
        long number;
        synchronized (reader) {
          line = reader.readLine();
          if (line == null) return;
          number = documents.getAndIncrement();
        }
        writer.addDocument(document(line, number));
      }
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  // ---- query ----

  private record Row(String text, String tags, Query query, double[] times, long[] count, String[] hits) {}

  private static Query parse(String text, String field) {
    BooleanQuery.Builder all = new BooleanQuery.Builder();
    int clauses = 0;
    Query only = null;
    Occur occur = null;
    int at = 0;
    while (at < text.length()) {
      if (text.charAt(at) == ' ') {
        at++;
        continue;
      }
      occur = Occur.SHOULD;
      if (text.charAt(at) == '+' || text.charAt(at) == '-')
        occur = text.charAt(at++) == '+' ? Occur.MUST : Occur.MUST_NOT;
      boolean phrase = text.charAt(at) == '"';
      int end = text.indexOf(phrase ? '"' : ' ', phrase ? at + 1 : at);
      if (end < 0) end = text.length();
      String words = text.substring(phrase ? at + 1 : at, end);
      only = phrase ? new PhraseQuery(field, words.split(" ")) : new TermQuery(new Term(field, words));
      all.add(only, occur);
      clauses++;
      at = end + 1;
    }
    return clauses == 1 && occur == Occur.SHOULD ? only : all.build();
  }

  private static List<Row> rows(Path queries, String field, int rounds) throws Exception {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(queries)) {
      String text = null;
      StringBuilder tags = new StringBuilder("[");
      try (JsonParser parser = JSON.createParser(line)) {
        parser.nextToken();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          if (name.equals("query")) text = parser.getText();
          else
            while (parser.nextToken() != JsonToken.END_ARRAY)
              tags.append(tags.length() > 1 ? "," : "").append(quote(parser.getText()));
        }
      }
      rows.add(
          new Row(text, tags + "]", parse(text, field), new double[rounds], new long[1], new String[1]));
    }
    return rows;
  }

  private static String quote(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  private static TopDocs run(IndexSearcher searcher, Row row, int size, boolean counts) throws Exception {
    if (size == 0) {
      row.count[0] = searcher.count(row.query);
      return null;
    }
    int threshold = counts ? Integer.MAX_VALUE : size;
    TopDocs top = searcher.search(row.query, new TopScoreDocCollectorManager(size, null, threshold));
    row.count[0] = counts ? top.totalHits.value() : top.scoreDocs.length;
    return top;
  }

  private static String hits(IndexSearcher searcher, TopDocs top) throws Exception {
    StringBuilder out = new StringBuilder("[");
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    for (ScoreDoc hit : top == null ? new ScoreDoc[0] : top.scoreDocs) {
      LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(hit.doc, leaves));
      NumericDocValues numbers = leaf.reader().getNumericDocValues("_number");
      numbers.advance(hit.doc - leaf.docBase);
      out.append(out.length() > 1 ? "," : "");
      out.append("[\"").append(numbers.longValue()).append("\",").append(hit.score).append(']');
    }
    return out.append(']').toString();
  }

  private static void query(String[] args) throws Exception {
    String mode = args[3];
    int size = mode.equals("COUNT") ? 0 : Integer.parseInt(mode.split("_")[1]);
    boolean counts = mode.endsWith("COUNT");
    int rounds = Integer.parseInt(args[5]);
    List<Row> rows = rows(Path.of(args[2]), args[4], rounds);
    try (MMapDirectory directory = new MMapDirectory(Path.of(args[1]));
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setQueryCache(null);
      long warm = System.nanoTime() + WARM_NANOS; // its compiler shares the one core
      for (int i = 0; i < WARM_ROUNDS || System.nanoTime() < warm; i++)
        for (Row row : rows) run(searcher, row, size, counts);
      for (Row row : rows) row.hits[0] = hits(searcher, run(searcher, row, size, counts));
      List<Row> order = new ArrayList<>(rows);
      Random random = new Random(1);
      for (int round = 0; round < rounds; round++) {
        java.util.Collections.shuffle(order, random);
        for (Row row : order) {
          long begin = System.nanoTime();
          run(searcher, row, size, counts);
          row.times[round] = (System.nanoTime() - begin) / 1e3;
        }
      }
    }
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[6])))) {
      out.println("[");
      for (int i = 0; i < rows.size(); i++) {
        Row row = rows.get(i);
        Arrays.sort(row.times);
        out.printf(
            "%s{\"query\":%s,\"tags\":%s,\"count\":%d,\"best_us\":%.3f,\"median_us\":%.3f,\"hits\":%s}",
            i > 0 ? ",\n" : "", quote(row.text), row.tags, row.count[0], row.times[0],
            row.times[rounds / 2], row.hits[0]);
      }
      out.println("\n]");
    }
  }
}
