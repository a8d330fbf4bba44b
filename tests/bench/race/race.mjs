// The race: builds Auk's and the peers' sides, gives all of them one corpus and the same queries, checks
// that they agree, and writes docs/BENCHMARKS.md.
//
//   node race.mjs [--parts index,query,fallback,http,columns,scale] [--corpora packages,200000]
//                 [--peers lucene,lucene-bp,auk-bp,tantivy,postgres,sqlite,opensearch] [--modes A,B]
//                 [--per-tag N] [--rounds N] [--seconds N] [--columns N] [--work DIR] [--out FILE.md]
//
//   index     documents a second with one and two threads, and the size of one segment
//   query     every tag and mode, best and median of the rounds of two turns
//   fallback  PostgreSQL and SQLite, which people fall back on: fewer queries, COUNT and TOP_10
//   http      Auk beside OpenSearch: bulk, then searches at 1, 4 and 16 connections, and what they hold
//   columns   sort, ranges and aggregations beside Lucene
//   scale     top-10 queries over a tenth of the last corpus and over all of it
//   report    nothing new: the tables of what is there
//
// A corpus is `packages` or a number of generated documents; above a million only Lucene runs beside Auk.
// Sides take turns, each a process of its own pinned to one core. Results are kept as JSON in the work
// directory, so that a part that is run alone replaces its own tables and no others. A peer that cannot
// be built is named with the reason.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { disagreements } from './agree.mjs';
import { makeCorpus } from './corpora.mjs';
import { raceFallback } from './fallback.mjs';
import { raceHttp } from './http.mjs';
import { writeReport } from './report.mjs';
import { buildSides, luceneSetup } from './sides.mjs';
import { better, byTag, keepPart, lastLine, pinned, root, run } from './tools.mjs';

const options = {
  parts: 'index,query,fallback,http,columns,scale', corpora: 'packages,200000',
  peers: 'lucene,lucene-bp,auk-bp,tantivy,postgres,sqlite,opensearch',
  modes: 'TOP_10,TOP_100,TOP_1000,COUNT,TOP_100_COUNT', 'per-tag': '60', rounds: '7', seconds: '8', columns: '1000000',
  work: path.join(root, 'build/race'), out: path.join(root, 'docs/BENCHMARKS.md'),
};
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace(/^--/, '');
  if (!(name in options) || process.argv[i + 1] === undefined) throw new Error(`unknown option ${process.argv[i]}`);
  options[name] = process.argv[i + 1];
}
const work = path.resolve(options.work);
const list = (text) => text.split(',').filter(Boolean);
const [parts, corpora, peers, modes] = ['parts', 'corpora', 'peers', 'modes'].map((name) => list(options[name]));
mkdirSync(work, { recursive: true });

// ---- indices ----

const tooLarge = (side, corpus) => Number(corpus.name) > 1e6 && !['auk', 'lucene'].includes(side.name);
const directoryOf = (side, corpus) => path.join(work, `${side.name}-${corpus.name}`);

// How an index came to be lies beside it; one of another build is made anew.
function makeIndex(side, corpus, threads) {
  const directory = directoryOf(side, corpus);
  rmSync(directory, { recursive: true, force: true });
  rmSync(`${directory}.json`, { force: true });
  console.error(`${corpus.name}: indexing with ${side.name}, ${threads} thread(s)`);
  const made = lastLine(side.index(corpus.file, directory, threads));
  writeFileSync(`${directory}.json`, JSON.stringify({ stamp: side.stamp ?? made.version, made }));
  return made;
}

function needIndex(side, corpus) {
  const directory = directoryOf(side, corpus);
  if (existsSync(`${directory}.json`)) {
    const { stamp, made } = JSON.parse(readFileSync(`${directory}.json`, 'utf8'));
    if (stamp === (side.stamp ?? made.version)) return made;
  }
  return makeIndex(side, corpus, '1');
}

// ---- the parts ----

const about = (side, made) => ({ name: side.name, version: made.version, runtime: side.runtime, built: side.built });

function partIndex(sides, corpus) {
  const rows = sides.map((side) => ({ ...about(side, {}), two: makeIndex(side, corpus, '2'), one: makeIndex(side, corpus, '1') }));
  return { corpus: corpus.name, rows: rows.map((row) => ({ ...row, version: row.one.version })) };
}

function partQuery(sides, corpus) {
  const made = sides.map((side) => about(side, needIndex(side, corpus)));
  const results = {}; // mode -> side -> rows
  for (const mode of modes) {
    results[mode] = {};
    for (let turn = 0; turn < 2; turn++)
      for (const side of sides) {
        console.error(`${corpus.name}: ${mode}, ${side.name}, turn ${turn + 1}`);
        const out = path.join(work, `rows-${side.name}.json`);
        side.query(directoryOf(side, corpus), corpus.queries, mode, options.rounds, out);
        results[mode][side.name] = better(JSON.parse(readFileSync(out, 'utf8')), results[mode][side.name]);
      }
  }
  const agreement = sides.slice(1).map(({ name }) => {
    const found = modes.flatMap((mode) =>
      disagreements(results[mode].auk, results[mode][name], name !== 'tantivy').map((what) => `${mode} ${what}`));
    return { name, differences: found.length, first: found[0] };
  });
  const tables = Object.fromEntries(modes.map((mode) =>
    [mode, Object.fromEntries(sides.map(({ name }) => [name, byTag(results[mode][name])]))]));
  return { corpus: corpus.name, perTag: Number(options['per-tag']), rounds: 2 * Number(options.rounds), sides: made, agreement, tables };
}

function partScale(auk, large) {
  const at = (corpus) => {
    needIndex(auk, corpus);
    const out = path.join(work, 'rows-auk.json');
    let rows;
    for (let turn = 0; turn < 2; turn++) {
      auk.query(directoryOf(auk, corpus), large.queries, 'TOP_10', options.rounds, out);
      rows = better(JSON.parse(readFileSync(out, 'utf8')), rows);
    }
    return byTag(rows);
  };
  return makeCorpus(String(Number(large.name) / 10), work, 1)
    .then((small) => ({ corpus: large.name, small: { documents: Number(small.name), tags: at(small) }, large: { documents: Number(large.name), tags: at(large) } }));
}

async function partColumns(auk) {
  const { raceColumns } = await import('./columns.mjs');
  const { java, version, classpath } = luceneSetup(work);
  const result = raceColumns({
    binary: auk.binary, java, classpath, work, documents: Number(options.columns), rounds: 15, turns: 2,
    run: ([command, ...args]) => run(command, args), pinned,
  });
  return { documents: Number(options.columns), runtime: version, ...result };
}

// ---- the race ----

async function timed(name, part) {
  const begin = Date.now();
  const result = await part();
  keepPart(work, name, { ...result, missing: [...missing, ...(result.missing ?? [])], seconds: (Date.now() - begin) / 1000 });
}

const { sides, missing } = parts.some((part) => part !== 'report') ? buildSides(peers, work) : { sides: [], missing: [] };
let last; // the last generated corpus
for (const name of sides.length ? corpora : []) {
  const corpus = await makeCorpus(name, work, options['per-tag']);
  const racing = sides.filter((side) => !tooLarge(side, corpus));
  if (name !== 'packages') last = corpus;
  if (parts.includes('index')) await timed(`index-${name}`, () => partIndex(racing, corpus));
  if (parts.includes('query')) await timed(`query-${name}`, () => partQuery(racing, corpus));
  if (parts.includes('fallback') && name !== 'packages' && !tooLarge({ name: 'postgres' }, corpus))
    await timed(`fallback-${name}`, () => {
      needIndex(sides[0], corpus);
      return raceFallback({ peers, work, corpus, auk: sides[0], directory: directoryOf(sides[0], corpus) });
    });
  if (parts.includes('http') && name !== 'packages' && peers.includes('opensearch') && !tooLarge({ name: 'opensearch' }, corpus))
    await timed(`http-${name}`, () => raceHttp({ work, corpus, seconds: Number(options.seconds) }));
}
if (parts.includes('scale') && last) await timed(`scale-${last.name}`, () => partScale(sides[0], last));
if (parts.includes('columns')) await timed('columns', () => partColumns(sides[0]));
console.log(writeReport(work, options.out, os));
