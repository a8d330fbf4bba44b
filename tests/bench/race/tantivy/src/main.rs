//! Tantivy's side of the race, with the arguments and the output rows of auk-race:
//!
//!   race-tantivy index CORPUS DIR THREADS
//!   race-tantivy query DIR QUERIES MODE FIELD ROUNDS OUT
//!
//! The same fields and options as mapping.json gives Auk: positions, columns, the source kept; words are
//! cut as the other sides cut them (words.rs).

mod words;

use serde_json::{json, Value};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::time::Instant;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{
    Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions, FAST, INDEXED, STORED, STRING,
};
use tantivy::{DateTime, DocAddress, Index, Score, Searcher, TantivyDocument, Term};

type Failure = Box<dyn std::error::Error>;

fn schema() -> Schema {
    let text = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(words::NAME)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    );
    let mut builder = Schema::builder();
    builder.add_u64_field("_number", FAST);
    builder.add_text_field("_id", STRING | STORED);
    builder.add_bytes_field("_source", STORED);
    builder.add_text_field("id", STRING | FAST);
    builder.add_text_field("title", text.clone());
    builder.add_text_field("body", text);
    builder.add_text_field("category", STRING | FAST);
    builder.add_i64_field("views", INDEXED | FAST);
    builder.add_date_field("created", INDEXED | FAST);
    builder.build()
}

fn document(schema: &Schema, line: &str, number: u64) -> Result<TantivyDocument, Failure> {
    let value: Value = serde_json::from_str(line)?;
    let mut document = TantivyDocument::default();
    let field = |name: &str| schema.get_field(name).unwrap();
    document.add_u64(field("_number"), number);
    document.add_text(field("_id"), number.to_string());
    document.add_bytes(field("_source"), line.as_bytes());
    for name in ["id", "title", "body", "category"] {
        if let Some(text) = value[name].as_str() {
            document.add_text(field(name), text);
        }
    }
    if let Some(views) = value["views"].as_i64() {
        document.add_i64(field("views"), views);
    }
    if let Some(text) = value["created"].as_str() {
        document.add_date(field("created"), DateTime::from_timestamp_secs(seconds(text)));
    }
    Ok(document)
}

/// Seconds since 1970 of "2015-01-31T10:20:30Z".
fn seconds(text: &str) -> i64 {
    let part = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap_or(0);
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    let shifted = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * shifted.0 + shifted.0 / 4 - shifted.0 / 100 + shifted.0 / 400
        + (153 * shifted.1 + 2) / 5
        + day
        - 1
        - 719_468;
    days * 86_400 + part(11, 13) * 3600 + part(14, 16) * 60 + part(17, 19)
}

fn index(corpus: &str, directory: &str, threads: usize) -> Result<(), Failure> {
    std::fs::create_dir_all(directory)?;
    let schema = schema();
    let index = Index::create_in_dir(directory, schema.clone())?;
    index.tokenizers().register(words::NAME, words::analyzer());
    let begin = Instant::now();
    let mut writer = index.writer_with_num_threads(threads, 512 << 20)?;
    let mut documents = 0;
    for line in BufReader::new(File::open(corpus)?).lines() {
        writer.add_document(document(&schema, &line?, documents)?)?;
        documents += 1;
    }
    writer.commit()?;
    let written = begin.elapsed();
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    writer.wait_merging_threads()?;
    let size_of = |end: &str| -> Result<u64, Failure> {
        Ok(std::fs::read_dir(directory)?
            .filter_map(|entry| entry.ok())
            .filter(|entry| entry.file_name().to_string_lossy().ends_with(end))
            .filter_map(|entry| entry.metadata().ok().map(|data| data.len()))
            .sum())
    };
    let (bytes, stored) = (size_of("")?, size_of(".store")?);
    println!(
        "{}",
        json!({"engine": "tantivy", "version": tantivy::version().to_string(), "threads": threads,
               "documents": documents, "source_bytes": std::fs::metadata(corpus)?.len(),
               "index_s": written.as_secs_f64(), "total_s": begin.elapsed().as_secs_f64(),
               "segment_bytes": bytes, "stored_bytes": stored})
    );
    Ok(())
}

fn parse(text: &str, field: Field) -> Box<dyn Query> {
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let occur = match rest.as_bytes()[0] {
            b'+' => Occur::Must,
            b'-' => Occur::MustNot,
            _ => Occur::Should,
        };
        if occur != Occur::Should {
            rest = &rest[1..];
        }
        let quoted = rest.starts_with('"');
        rest = if quoted { &rest[1..] } else { rest };
        let end = rest.find(if quoted { '"' } else { ' ' }).unwrap_or(rest.len());
        let term = |word: &str| Term::from_field_text(field, word);
        let query: Box<dyn Query> = if quoted {
            Box::new(PhraseQuery::new(rest[..end].split(' ').map(term).collect()))
        } else {
            Box::new(TermQuery::new(term(&rest[..end]), IndexRecordOption::WithFreqs))
        };
        clauses.push((occur, query));
        rest = rest[(end + usize::from(quoted)).min(rest.len())..].trim_start();
    }
    if clauses.len() == 1 && clauses[0].0 == Occur::Should {
        return clauses.pop().unwrap().1;
    }
    Box::new(BooleanQuery::new(clauses))
}

type Hits = Vec<(Score, DocAddress)>;

fn run(searcher: &Searcher, query: &dyn Query, size: usize, counts: bool) -> Result<(usize, Hits), Failure> {
    if size == 0 {
        return Ok((searcher.search(query, &Count)?, Vec::new()));
    }
    let top = TopDocs::with_limit(size).order_by_score();
    if counts {
        let (count, hits) = searcher.search(query, &(Count, top))?;
        return Ok((count, hits));
    }
    let hits = searcher.search(query, &top)?;
    Ok((hits.len(), hits))
}

fn rows(searcher: &Searcher, hits: &Hits) -> Result<Vec<Value>, Failure> {
    let mut out = Vec::new();
    for (score, address) in hits {
        let segment = searcher.segment_reader(address.segment_ord);
        let numbers = segment.fast_fields().u64("_number")?;
        let number = numbers.first(address.doc_id).unwrap_or(0);
        out.push(json!([number.to_string(), score]));
    }
    Ok(out)
}

fn query(args: &[String]) -> Result<(), Failure> {
    let [directory, queries, mode, field, rounds, out] = args else { return Err("arguments".into()) };
    let rounds: usize = rounds.parse()?;
    let counts = mode.ends_with("COUNT");
    let size = if mode == "COUNT" { 0 } else { mode.split('_').nth(1).unwrap_or("10").parse()? };
    let index = Index::open_in_dir(directory)?;
    let searcher = index.reader()?.searcher();
    let field = index.schema().get_field(field)?;
    let mut all = Vec::new();
    for line in BufReader::new(File::open(queries)?).lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let parsed = parse(row["query"].as_str().unwrap_or(""), field);
        let (count, hits) = run(&searcher, parsed.as_ref(), size, counts)?;
        let hits = rows(&searcher, &hits)?;
        all.push((row, parsed, count, hits, Vec::<f64>::new()));
    }
    let mut order: Vec<usize> = (0..all.len()).collect();
    let mut seed: u64 = 1;
    for _ in 0..rounds {
        for i in (1..order.len()).rev() {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            order.swap(i, (seed >> 33) as usize % (i + 1));
        }
        for &i in &order {
            let begin = Instant::now();
            run(&searcher, all[i].1.as_ref(), size, counts)?;
            let took = begin.elapsed().as_nanos() as f64 / 1e3;
            all[i].4.push(took);
        }
    }
    let mut file = File::create(out)?;
    writeln!(file, "[")?;
    let last = all.len() - 1;
    for (i, (row, _, count, hits, times)) in all.iter_mut().enumerate() {
        times.sort_by(f64::total_cmp);
        let line = json!({"query": row["query"], "tags": row["tags"], "count": count,
                          "best_us": times[0], "median_us": times[times.len() / 2], "hits": hits});
        writeln!(file, "{}{}", line, if i < last { "," } else { "" })?;
    }
    writeln!(file, "]")?;
    Ok(())
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some("index") => index(&args[2], &args[3], args[4].parse()?),
        Some("query") => query(&args[2..]),
        _ => Err("race-tantivy index CORPUS DIR THREADS | query DIR QUERIES MODE FIELD ROUNDS OUT".into()),
    }
}
