// The engines that race in process. A side: { name, runtime, built, stamp, index, query }:
//   index(corpus, directory, threads)            prints one line: documents, index_s, total_s, segment_bytes ..
//   query(directory, queries, mode, rounds, out) writes rows as auk-race does, pinned to one core
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fetchJars, here, newestJava, onThreads, pinned, root, run } from './tools.mjs';

// reordered: documents in the order of graph bisection whatever the index's size, beside lucene-bp.
export function buildAuk(reordered = false) {
  const build = path.join(root, 'build/release');
  const binary = path.join(build, 'tests/bench/auk-race');
  if (!existsSync(path.join(build, 'CMakeCache.txt'))) run('cmake', ['--preset', 'release'], { cwd: root });
  run('cmake', ['--build', build, '--target', 'auk', 'auk-race', 'auk-generate', 'bench_load'], { cwd: root });
  const lto = /CMAKE_INTERPROCEDURAL_OPTIMIZATION:\w+=(ON|1|TRUE)/.test(readFileSync(path.join(build, 'CMakeCache.txt'), 'utf8'));
  const mapping = path.join(here, 'mapping.json');
  return {
    name: reordered ? 'auk-bp' : 'auk', binary,
    built: `preset release, ${lto ? 'with' : 'without'} link-time optimisation`,
    stamp: String(statSync(binary).mtimeMs),
    index: (corpus, directory, threads) =>
      onThreads(threads, [binary, 'index', corpus, directory, '--mapping', mapping, '--segments', '1', '--threads', threads, ...(reordered ? ['--reorder'] : [])]),
    query: (directory, queries, mode, rounds, out) =>
      pinned([binary, 'query', directory, queries, '--mode', mode, '--rounds', rounds, '--out', out]),
  };
}

// The newest Lucene that Maven's packages hold, on the newest JDK of the machine.
export function luceneSetup(work) {
  const java = newestJava();
  if (!java) throw new Error('no JDK found under /usr/lib/jvm');
  const libraries = fetchJars(path.join(here, 'lucene/pom.xml'), path.join(work, 'lucene-lib'));
  const classes = path.join(work, 'lucene-classes');
  mkdirSync(classes, { recursive: true });
  const sources = ['Race.java', 'Columns.java'].map((name) => path.join(here, 'lucene', name)).filter(existsSync);
  run(path.join(java.bin, 'javac'), ['-cp', `${libraries}/*`, '-d', classes, ...sources]);
  return { java: path.join(java.bin, 'java'), version: java.version, classpath: `${classes}:${libraries}/*` };
}

function buildLucene(work, bp) {
  const { java, version, classpath } = luceneSetup(work);
  const base = [java, '-Xmx4g', '--add-modules', 'jdk.incubator.vector', '-cp', classpath, 'Race'];
  return {
    name: bp ? 'lucene-bp' : 'lucene',
    runtime: version,
    index: (corpus, directory, threads) =>
      onThreads(threads, [...base, 'index', corpus, directory, threads, '1', bp ? 'bp' : 'plain']),
    query: (directory, queries, mode, rounds, out) =>
      pinned([...base, 'query', directory, queries, mode, 'body', rounds, out]),
  };
}

function buildTantivy(work) {
  const target = path.join(work, 'tantivy');
  run('cargo', ['build', '--release', '--manifest-path', path.join(here, 'tantivy/Cargo.toml')], {
    env: { ...process.env, CARGO_TARGET_DIR: target },
  });
  const binary = path.join(target, 'release/race-tantivy');
  return {
    name: 'tantivy',
    built: 'cargo --release, with link-time optimisation; words cut as Unicode has them, as the other sides do',
    stamp: String(statSync(binary).mtimeMs),
    index: (corpus, directory, threads) => onThreads(threads, [binary, 'index', corpus, directory, threads]),
    query: (directory, queries, mode, rounds, out) =>
      pinned([binary, 'query', directory, queries, mode, 'body', rounds, out]),
  };
}

const builders = {
  'auk-bp': () => buildAuk(true),
  lucene: (work) => buildLucene(work, false),
  'lucene-bp': (work) => buildLucene(work, true),
  tantivy: buildTantivy,
};

// Why a build failed, in a line.
export const reason = (error) => {
  const lines = String(error.message).split('\n');
  return lines.find((line) => /error/i.test(line)) ?? lines[0];
};

// Auk and those peers that can be built here; the others are named with the reason.
export function buildSides(peers, work) {
  console.error('building auk');
  const sides = [buildAuk()];
  const missing = [];
  for (const name of peers.filter((peer) => builders[peer])) {
    console.error(`building ${name}`);
    try {
      sides.push(builders[name](work));
    } catch (error) {
      missing.push(`${name}: ${reason(error)}`);
    }
  }
  if (!sides.some((side) => side.name === 'lucene')) throw new Error(`no race without Lucene: ${missing}`);
  return { sides, missing };
}
