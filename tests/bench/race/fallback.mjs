// What people fall back on, beside Auk: PostgreSQL's and SQLite's full text with the same boolean queries.
// They rank by other formulas, so counts are compared and times told, no scores. Some of the queries of
// each tag are enough: theirs take tens of milliseconds.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openPostgres } from './postgres.mjs';
import { openSqlite } from './sqlite.mjs';
import { reason } from './sides.mjs';
import { better, byTag } from './tools.mjs';

const PER_TAG = 12;
const MODES = ['COUNT', 'TOP_10'];
const ROUNDS = 3;

function fewer(queries, out) {
  const seen = {};
  const lines = readFileSync(queries, 'utf8').trim().split('\n').filter((line) => {
    const [tag] = JSON.parse(line).tags;
    return (seen[tag] = (seen[tag] ?? 0) + 1) <= PER_TAG;
  });
  writeFileSync(out, lines.join('\n') + '\n');
  return lines.map((line) => JSON.parse(line));
}

export async function raceFallback({ peers, work, corpus, auk, directory }) {
  const file = path.join(work, `queries-few-${corpus.name}.jsonl`);
  const queries = fewer(corpus.queries, file);
  const results = {}, indexing = [], missing = [], agreement = [];
  for (const mode of MODES) {
    results[mode] = {};
    for (let turn = 0; turn < 2; turn++) {
      const out = path.join(work, 'rows-auk.json');
      auk.query(directory, file, mode, '5', out);
      results[mode].auk = better(JSON.parse(readFileSync(out, 'utf8')), results[mode].auk);
    }
  }
  const openers = { postgres: openPostgres, sqlite: openSqlite };
  for (const [name, open] of Object.entries(openers).filter(([name]) => peers.includes(name))) {
    let side;
    try {
      side = await open(work);
      console.error(`${corpus.name}: filling ${name}`);
      indexing.push({ name, version: side.version, ...(await side.fill(corpus.file)) });
      for (const mode of MODES) {
        console.error(`${corpus.name}: ${mode}, ${name}`);
        results[mode][name] = await side.query(queries, mode, ROUNDS);
      }
      const wrong = results.COUNT.auk.filter((row, i) => row.count !== results.COUNT[name][i].count);
      agreement.push({ name, differences: wrong.length, first: wrong[0]?.query });
    } catch (error) {
      missing.push(`${name}: ${reason(error)}`);
    } finally {
      await side?.close();
    }
  }
  const tables = Object.fromEntries(MODES.map((mode) =>
    [mode, Object.fromEntries(Object.entries(results[mode]).map(([name, rows]) => [name, byTag(rows)]))]));
  return { corpus: corpus.name, perTag: PER_TAG, rounds: ROUNDS, indexing, agreement, missing, tables };
}
