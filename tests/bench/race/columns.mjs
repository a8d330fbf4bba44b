// The race over columns: sorts, ranges, terms and date_histogram aggregations, Auk beside Lucene.
//
//   raceColumns({ binary, java, classpath, work, documents, rounds, turns, run, pinned })
//     binary      auk-race             classpath  Lucene's jars and the class Columns
//     java        the JVM's binary     run, pinned: (argv) => standard output, pinned to one core
//   answers { rows: [{ name, aukUs, aukMedianUs, luceneUs, luceneMedianUs, ratio }], differences: [..] }
//
// The two take turns; times are the best of all rounds, and the median of the best turn. Alone:
//   node columns.mjs BINARY JAVA CLASSPATH WORK [DOCUMENTS [ROUNDS [TURNS]]]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCorpus } from './columns_corpus.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

// ---- the tasks, by name; Columns.java reads the names ----

const slow = { term: { status: 'slow' } };
const query = (on) => (on === 'all' ? { match_all: {} } : slow);
const sort = (field, order, on) => ({
  size: 10, _source: false, track_total_hits: false, query: query(on), sort: [{ [field]: order }],
});
const count = (clauses) => ({ size: 0, track_total_hits: true, query: { bool: { filter: clauses } } });
const between = (gte, lte) => ({ range: { views: { gte, lte } } });
const wide = between(300_000_000, 799_999_999);
const narrow = between(300_000_000, 309_999_999);
const aggregate = (on, kind, body) => ({
  size: 0, track_total_hits: false, query: query(on), aggs: { it: { [kind]: body } },
});

function makeTasks() {
  const tasks = {};
  for (const field of ['views', 'created', 'session'])
    for (const order of ['asc', 'desc'])
      for (const on of ['all', 'term']) tasks[`sort_${field}_${order}_${on}`] = sort(field, order, on);
  tasks.range_wide_all = count([wide]);
  tasks.range_narrow_all = count([narrow]);
  tasks.range_wide_term = count([wide, slow]);
  tasks.range_narrow_term = count([narrow, slow]);
  for (const field of ['category', 'session']) {
    tasks[`terms_${field}_all`] = aggregate('all', 'terms', { field });
    tasks[`terms_${field}_all_frequencies`] = tasks[`terms_${field}_all`];
    tasks[`terms_${field}_term`] = aggregate('term', 'terms', { field });
  }
  for (const field of ['created', 'seen'])
    for (const on of ['all', 'term']) {
      tasks[`histogram_${field}_day_${on}`] = aggregate(on, 'date_histogram', { field, fixed_interval: '1d' });
      tasks[`histogram_${field}_month_${on}`] = aggregate(on, 'date_histogram', { field, calendar_interval: 'month' });
    }
  return tasks;
}

// ---- answers in one shape ----

function shape(answer) {
  const it = answer.aggregations?.it;
  if (it) {
    const buckets = it.buckets.map((bucket) => [bucket.key, bucket.doc_count]);
    return 'sum_other_doc_count' in it ? { buckets, others: it.sum_other_doc_count } : { buckets };
  }
  if (answer.hits?.hits?.length) return { sort: answer.hits.hits.map((hit) => hit.sort[0]) };
  return answer.hits ? { count: answer.hits.total.value } : answer;
}

const best = (a, b) => (a && a.best_us < b.best_us ? { ...a, median_us: Math.min(a.median_us, b.median_us) } : { ...b, median_us: Math.min(a?.median_us ?? Infinity, b.median_us) });

export function raceColumns({ binary, java, classpath, work, documents = 1_000_000, rounds = 15, turns = 3, run, pinned }) {
  const corpus = path.join(work, `columns-${documents}.ndjson`);
  const [auk, lucene] = ['auk', 'lucene'].map((side) => path.join(work, `columns-${side}-${documents}`));
  const list = path.join(work, 'columns-tasks.jsonl');
  const tasks = makeTasks();
  const names = Object.keys(tasks);
  writeFileSync(list, names.map((name) => JSON.stringify({ name, body: tasks[name] })).join('\n') + '\n');
  if (!existsSync(corpus)) writeCorpus(corpus, documents);
  // Compiled at once: on one core, loaded, the compiler would not get round to it while we warm up.
  const jvm = [java, '-Xmx2g', '-Xbatch', '--add-modules', 'jdk.incubator.vector', '-cp', classpath, 'Columns'];
  const mapping = path.join(here, 'columns_mapping.json');
  rmSync(auk, { recursive: true, force: true });
  run([binary, 'index', corpus, auk, '--mapping', mapping, '--segments', '1']);
  if (!existsSync(path.join(lucene, 'done'))) {
    rmSync(lucene, { recursive: true, force: true });
    run([...jvm, 'index', corpus, lucene]);
    writeFileSync(path.join(lucene, 'done'), '');
  }
  const mine = {}, theirs = {};
  for (let turn = 0; turn < turns; turn++) {
    for (const [side, argv] of [
      [mine, (out) => [binary, 'columns', auk, list, '--rounds', String(rounds), '--out', out]],
      [theirs, (out) => [...jvm, 'query', lucene, names.join(','), String(rounds), out]],
    ]) {
      const out = path.join(work, 'columns-out.json');
      pinned(argv(out));
      for (const row of JSON.parse(readFileSync(out, 'utf8'))) side[row.name] = best(side[row.name], row);
    }
  }
  const differences = [];
  const rows = names.map((name) => {
    const [a, b] = [mine[name], theirs[name]];
    const [left, right] = [JSON.stringify(shape(a.answer)), JSON.stringify(shape(b.answer))];
    if (left !== right) differences.push(`${name}: ${left.slice(0, 300)}, not ${right.slice(0, 300)}`);
    return {
      name, aukUs: a.best_us, aukMedianUs: a.median_us, luceneUs: b.best_us, luceneMedianUs: b.median_us,
      ratio: a.best_us / b.best_us,
    };
  });
  return { rows, differences };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [binary, java, classpath, work, documents = '1000000', rounds = '15', turns = '3'] = process.argv.slice(2);
  const core = String(os.cpus().length - 1);
  const run = ([command, ...args]) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  mkdirSync(work, { recursive: true });
  const { rows, differences } = raceColumns({
    binary, java, classpath, work, documents: Number(documents), rounds: Number(rounds), turns: Number(turns),
    run, pinned: (argv) => run(['taskset', '-c', core, ...argv]),
  });
  for (const row of rows)
    console.log(`${row.name.padEnd(34)} ${row.aukUs.toFixed(1).padStart(9)} ${row.luceneUs.toFixed(1).padStart(9)} us  ${row.ratio.toFixed(2)}  medians ${row.aukMedianUs.toFixed(1)} ${row.luceneMedianUs.toFixed(1)}`);
  for (const line of differences) console.log(`differs: ${line}`);
  process.exitCode = differences.length ? 1 : 0;
}
