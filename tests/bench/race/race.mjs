// The race: builds Auk's and the peers' sides, indexes one corpus with each, runs the same queries,
// checks that they agree, and writes the tables.
//
//   node race.mjs [--documents N] [--per-tag N] [--rounds N] [--modes A,B] [--peers a,b]
//                 [--work DIR] [--out FILE.md]
//
// Each side is a process of its own, pinned to one core, nothing else running beside it; sides take
// turns within each mode, twice. Times are best and median of the rounds, per query; tables show
// them per tag. A peer that cannot be built is named as missing.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { disagreements } from './agree.mjs';
import { drawRatios } from './picture.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const options = {
  documents: '200000', 'per-tag': '60', rounds: '7', peers: 'lucene,lucene-bp,tantivy',
  modes: 'TOP_10,TOP_100,TOP_1000,COUNT,TOP_100_COUNT',
  work: path.join(root, 'build/race'), out: path.join(root, 'docs/BENCHMARKS.md'),
};
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace(/^--/, '');
  if (!(name in options)) throw new Error(`unknown option ${process.argv[i]}`);
  options[name] = process.argv[i + 1];
}
const work = path.resolve(options.work);
mkdirSync(work, { recursive: true });

// ---- processes ----

const core = String(os.cpus().length - 1);
function run(command, args, settings = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...settings });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${result.stderr ?? result.error}`);
  return result.stdout;
}
const pinned = (argv) => run('taskset', ['-c', core, ...argv]);
const lastLine = (text) => JSON.parse(text.trim().split('\n').at(-1));

function newestJava() {
  const homes = existsSync('/usr/lib/jvm') ? readdirSync('/usr/lib/jvm') : [];
  const found = homes
    .map((name) => path.join('/usr/lib/jvm', name, 'bin'))
    .filter((bin) => existsSync(path.join(bin, 'javac')))
    .map((bin) => ({ bin, version: spawnSync(path.join(bin, 'javac'), ['-version'], { encoding: 'utf8' }).stdout.trim() }))
    .map((java) => ({ ...java, major: Number(/(\d+)/.exec(java.version)?.[1] ?? 0) }));
  return found.sort((a, b) => b.major - a.major)[0];
}

// ---- sides ----

function buildAuk() {
  const binary = path.join(root, 'build/release/tests/bench/auk-race');
  run('cmake', ['--preset', 'release'], { cwd: root });
  run('cmake', ['--build', 'build/release', '--target', 'auk-race', 'auk-generate'], { cwd: root });
  const mapping = path.join(here, 'mapping.json');
  return {
    name: 'auk',
    index: (corpus, directory, threads) =>
      run(binary, ['index', corpus, directory, '--mapping', mapping, '--segments', '1', '--threads', threads]),
    query: (directory, queries, mode, rounds, out) =>
      pinned([binary, 'query', directory, queries, '--mode', mode, '--rounds', rounds, '--out', out]),
  };
}

function buildLucene(bp) {
  const java = newestJava();
  if (!java) throw new Error('no JDK');
  const libraries = path.join(work, 'lucene-lib');
  const classes = path.join(work, 'lucene-classes');
  if (!existsSync(libraries))
    run('mvn', ['-q', '-B', '-f', path.join(here, 'lucene/pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${libraries}`]);
  mkdirSync(classes, { recursive: true });
  run(path.join(java.bin, 'javac'), ['-cp', `${libraries}/*`, '-d', classes, path.join(here, 'lucene/Race.java')]);
  const base = [path.join(java.bin, 'java'), '-Xmx4g', '--add-modules', 'jdk.incubator.vector', '-cp', `${classes}:${libraries}/*`, 'Race'];
  return {
    name: bp ? 'lucene-bp' : 'lucene',
    runtime: java.version,
    index: (corpus, directory, threads) =>
      run(base[0], [...base.slice(1), 'index', corpus, directory, threads, '1', bp ? 'bp' : 'plain']),
    query: (directory, queries, mode, rounds, out) =>
      pinned([...base, 'query', directory, queries, mode, 'body', rounds, out]),
  };
}

function buildTantivy() {
  const target = path.join(work, 'tantivy');
  run('cargo', ['build', '--release', '--manifest-path', path.join(here, 'tantivy/Cargo.toml')], {
    env: { ...process.env, CARGO_TARGET_DIR: target },
  });
  const binary = path.join(target, 'release/race-tantivy');
  return {
    name: 'tantivy',
    index: (corpus, directory, threads) => run(binary, ['index', corpus, directory, threads]),
    query: (directory, queries, mode, rounds, out) =>
      pinned([binary, 'query', directory, queries, mode, 'body', rounds, out]),
  };
}

const builders = {
  auk: buildAuk,
  lucene: () => buildLucene(false),
  'lucene-bp': () => buildLucene(true),
  tantivy: buildTantivy,
};

// ---- the race ----

const corpus = path.join(work, `corpus-${options.documents}.ndjson`);
const queries = path.join(work, `queries-${options.documents}.jsonl`);
const sides = [];
const missing = [];
for (const name of ['auk', ...options.peers.split(',')]) {
  try {
    console.error(`building ${name}`);
    sides.push(builders[name]());
  } catch (error) {
    missing.push(`${name}: ${String(error.message).split('\n').find((line) => line.includes('error')) ?? error.message.split('\n')[0]}`);
  }
}
if (!sides.some((side) => side.name === 'lucene')) throw new Error(`no race without Lucene: ${missing}`);

if (!existsSync(corpus))
  writeFileSync(corpus, execFileSync(path.join(root, 'build/release/datasets/auk-generate'),
    ['--documents', options.documents, '--words', '200'], { maxBuffer: 2 ** 31 - 1 }));
writeFileSync(queries, run(process.execPath, [path.join(here, 'queries.mjs'), corpus, options['per-tag']]));

for (const side of sides) {
  side.indexed = {};
  for (const threads of ['2', '1']) {
    side.directory = path.join(work, `${side.name}-index`);
    rmSync(side.directory, { recursive: true, force: true });
    console.error(`indexing with ${side.name}, ${threads} thread(s)`);
    side.indexed[threads] = lastLine(side.index(corpus, side.directory, threads));
  }
}

const modes = options.modes.split(',');
const results = {}; // mode -> side -> rows
for (const mode of modes) {
  results[mode] = {};
  for (let turn = 0; turn < 2; turn++)
    for (const side of sides) {
      console.error(`${mode}, ${side.name}, turn ${turn + 1}`);
      const out = path.join(work, `${side.name}-${mode}.json`);
      side.query(side.directory, queries, mode, options.rounds, out);
      const rows = JSON.parse(readFileSync(out, 'utf8'));
      const before = results[mode][side.name];
      results[mode][side.name] = before
        ? rows.map((row, i) => ({ ...row, best_us: Math.min(row.best_us, before[i].best_us), median_us: Math.min(row.median_us, before[i].median_us) }))
        : rows;
    }
}

// ---- the tables ----

const geometric = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];
const number = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));

const lines = [];
const say = (line = '') => lines.push(line);
const cpu = os.cpus()[0].model;
say('# The race');
say();
say(`Measured on ${os.cpus().length} cores (${cpu}), ${new Date().toISOString().slice(0, 10)}, commit ${run('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).trim()}, by \`make race\`.`);
say(`Corpus: ${options.documents} generated documents of 200 words (${(statSync(corpus).size / 1e6).toFixed(0)} MB); ${options['per-tag']} queries a tag, drawn by a seed; one segment, one pinned thread, best of ${2 * Number(options.rounds)} rounds, no result cache.`);
say();
for (const side of sides) {
  const at = side.indexed['1'];
  say(`- ${side.name} ${at.version}${side.runtime ? ` on ${side.runtime}` : ''}`);
}
for (const line of missing) say(`- missing: ${line}`);
say();
say('## Do they agree?');
say();
for (const side of sides.slice(1)) {
  const exact = side.name.startsWith('lucene');
  const found = modes.flatMap((mode) => disagreements(results[mode].auk, results[mode][side.name], exact).map((what) => `${mode} ${what}`));
  const what = exact ? 'counts, and scores to one ulp' : 'counts, and scores to a millionth (which it multiplies by k1 + 1)';
  say(`- ${side.name}: ${found.length === 0 ? `the same ${what} on every query and mode` : `${found.length} differences in ${what}, first: ${found[0]}`}`);
}
say();
say('## Indexing');
say();
say('| engine | documents/s, one thread | two threads | merged to one segment, total s (one thread) | index MB |');
say('|---|---|---|---|---|');
for (const side of sides) {
  const [one, two] = [side.indexed['1'], side.indexed['2']];
  say(`| ${side.name} | ${number(one.documents / one.index_s)} | ${number(two.documents / two.index_s)} | ${one.total_s.toFixed(1)} | ${(one.segment_bytes / 1e6).toFixed(0)} |`);
}
say();
say('## Queries, microseconds');
say();
say('Geometric mean, mean, p50 and p99 of the best times; ratio: geometric mean of Auk over the peer.');
const ratios = [];
for (const mode of modes) {
  say();
  say(`### ${mode}`);
  say();
  say('| tag | engine | geometric | mean | p50 | p99 | Auk / it |');
  say('|---|---|---|---|---|---|---|');
  const tags = [...new Set(results[mode].auk.flatMap((row) => row.tags))];
  for (const tag of tags) {
    const times = (side) => results[mode][side.name].filter((row) => row.tags.includes(tag)).map((row) => row.best_us);
    const own = geometric(times(sides[0]));
    for (const side of sides) {
      const all = times(side);
      const ratio = own / geometric(all);
      if (side !== sides[0]) ratios.push({ mode, tag, peer: side.name, ratio });
      say(`| ${tag} | ${side.name} | ${number(geometric(all))} | ${number(mean(all))} | ${number(share(all, 0.5))} | ${number(share(all, 0.99))} | ${side === sides[0] ? '' : ratio.toFixed(2)} |`);
    }
  }
}
say();
say('![ratios to Lucene](benchmarks.svg)');
writeFileSync(options.out, lines.join('\n') + '\n');
writeFileSync(path.join(path.dirname(options.out), 'benchmarks.svg'), drawRatios(ratios.filter((row) => row.peer === 'lucene')));
console.log(lines.join('\n'));
