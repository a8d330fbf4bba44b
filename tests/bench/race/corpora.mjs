// The corpora of the race, each a file of NDJSON with the fields of mapping.json, and queries drawn from it:
//   packages   the package index of this machine (datasets/packages), else the sample of it
//   N          so many generated documents of 200 words (auk-generate)
// No corpus is ever held in memory.
import { spawnSync } from 'node:child_process';
import { closeSync, createReadStream, createWriteStream, existsSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { here, root, run } from './tools.mjs';

function printTo(file, command, args) {
  const out = openSync(`${file}.part`, 'w');
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', out, 'ignore'] });
  closeSync(out);
  if (status !== 0) throw new Error(`${command} ended with ${status ?? error}`);
  renameSync(`${file}.part`, file);
}

// Prose and lists of a package become title and body; what one set of fields serves, it serves for all.
async function writePackages(file) {
  const raw = `${file}.raw`;
  const packages = path.join(root, 'datasets/packages');
  let source = path.join(packages, 'sample.ndjson');
  try {
    printTo(raw, path.join(packages, 'packages.pl'), []);
    source = raw;
  } catch {
    console.error('no package index on this machine: the sample of 2,000 packages instead');
  }
  const out = createWriteStream(`${file}.part`);
  for await (const line of createInterface({ input: createReadStream(source) })) {
    const { name, version, section, installed_size: views, maintainer, tags = [], depends = '', summary = '', description = '' } = JSON.parse(line);
    const body = [summary, description, depends, tags.join(' '), maintainer].filter(Boolean).join('\n');
    const document = { id: `${name} ${version}`, title: `${name} ${summary}`, body, category: section ?? 'none', views: views ?? 0 };
    if (!out.write(`${JSON.stringify(document)}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  rmSync(raw, { force: true });
  renameSync(`${file}.part`, file);
}

export async function makeCorpus(name, work, perTag) {
  const file = path.join(work, `corpus-${name}.ndjson`);
  const queries = path.join(work, `queries-${name}.jsonl`);
  if (!existsSync(file)) {
    console.error(`writing corpus ${name}`);
    if (name === 'packages') await writePackages(file);
    else printTo(file, path.join(root, 'build/release/datasets/auk-generate'), ['--documents', name, '--words', '200']);
  }
  writeFileSync(queries, run(process.execPath, [path.join(here, 'queries.mjs'), file, String(perTag)]));
  return { name, file, queries };
}
