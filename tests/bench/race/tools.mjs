// What the parts of the race share: processes, figures, files of results.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.resolve(here, '../../..');

// ---- processes ----

export const core = String(os.cpus().length - 1);

export function run(command, args, settings = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...settings });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${result.stderr || result.stdout || result.error}`);
  return result.stdout;
}
export const pinned = (argv) => run('taskset', ['-c', core, ...argv]);
// One thread is one core, also for what an engine does in the background.
export const onThreads = (threads, argv) => (threads === '1' ? pinned(argv) : run(argv[0], argv.slice(1)));
export const lastLine = (text) => JSON.parse(text.trim().split('\n').at(-1));

export function newestJava() {
  const homes = existsSync('/usr/lib/jvm') ? readdirSync('/usr/lib/jvm') : [];
  const found = homes
    .map((name) => path.join('/usr/lib/jvm', name, 'bin'))
    .filter((bin) => existsSync(path.join(bin, 'javac')))
    .map((bin) => ({ bin, version: spawnSync(path.join(bin, 'javac'), ['-version'], { encoding: 'utf8' }).stdout.trim() }))
    .map((java) => ({ ...java, major: Number(/(\d+)/.exec(java.version)?.[1] ?? 0) }));
  return found.sort((a, b) => b.major - a.major)[0];
}

// Jars that a pom.xml names, fetched once.
export function fetchJars(pom, directory) {
  if (!existsSync(path.join(directory, 'whole'))) {
    run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${directory}`]);
    writeFileSync(path.join(directory, 'whole'), '');
  }
  return directory;
}

// ---- figures ----

export const geometric = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
export const share = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];
export const number = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));

// What one side did with the queries of each tag: { tag: { geometric, mean, p50, p99 } }.
export function byTag(rows) {
  const tags = [...new Set(rows.flatMap((row) => row.tags))];
  return Object.fromEntries(tags.map((tag) => {
    const times = rows.filter((row) => row.tags.includes(tag)).map((row) => row.best_us);
    return [tag, { geometric: geometric(times), mean: mean(times), p50: share(times, 0.5), p99: share(times, 0.99) }];
  }));
}

// The better of two turns, query by query.
export function better(rows, before) {
  if (!before) return rows;
  const least = (i, name) => Math.min(rows[i][name], before[i][name]);
  return rows.map((row, i) => ({ ...row, best_us: least(i, 'best_us'), median_us: least(i, 'median_us') }));
}

// ---- results, a file a part: a part that is run again replaces its own only ----

const commit = () => run('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).trim();

export function keepPart(work, name, result) {
  const about = { part: name, date: new Date().toISOString().slice(0, 10), commit: commit(), load: os.loadavg()[0], seconds: Math.round(result.seconds ?? 0) };
  writeFileSync(path.join(work, `part-${name}.json`), `${JSON.stringify({ ...about, ...result }, null, 1)}\n`);
}

export function readParts(work) {
  const names = readdirSync(work).filter((name) => /^part-.*\.json$/.test(name)).sort();
  return names.map((name) => JSON.parse(readFileSync(path.join(work, name), 'utf8')));
}

export const sizeOf = (file) => statSync(file).size;
