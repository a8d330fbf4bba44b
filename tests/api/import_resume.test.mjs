// auk import --resume: the importer is killed, the server is killed, both; in the end every record of
// the file is in, once, as it stands there. AUK_SOAK_ROUNDS makes more rounds, AUK_TEST_SEED other ones.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { random, scratch } from '../support/directory.mjs';
import { startServer } from '../support/server.mjs';

const binary = process.env.AUK_BINARY;
const folder = scratch('resume');
const seed = Number(process.env.AUK_TEST_SEED ?? 1);
const rounds = Math.max(1, Math.ceil(Number(process.env.AUK_SOAK_ROUNDS ?? 0) / 10));
const COUNT = 5000;

const auk = (args) =>
  new Promise((resolve) =>
    execFile(binary, args, { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    ),
  );

const document = (n) => ({ n, key: `k${n}`, text: `record ${n} of the file, with some words to index` });
const ndjson = (count) => Array.from({ length: count }, (_, n) => JSON.stringify(document(n)) + '\n').join('');
const bulk = (count) => Array.from({ length: count }, (_, n) => `{"index":${n % 2 ? '{}' : `{"_id":"own${n}"}`}}\n${JSON.stringify(document(n))}\n`).join('');

// Once each, with the content that the file has.
async function verify(server, index, count) {
  await server.post(`/${index}/_refresh`);
  const found = new Map();
  let after;
  for (;;) {
    const { body } = await server.post(`/${index}/_search`, { size: 2000, sort: [{ n: 'asc' }], ...(after && { search_after: after }) });
    for (const hit of body.hits.hits) {
      assert.ok(!found.has(hit._source.n), `record ${hit._source.n} is in twice`);
      found.set(hit._source.n, hit._source);
    }
    if (body.hits.hits.length < 2000) break;
    after = body.hits.hits.at(-1).sort;
  }
  for (let n = 0; n < count; n++) assert.deepEqual(found.get(n), document(n), `record ${n}`);
  assert.equal(found.size, count);
}

// Runs the import, killed by and by with the signal, until it ends by itself. Answers how often.
async function importUnderFire(server, args, next, { killServer = false } = {}) {
  let kills = 0;
  for (let run = 0; run < 60; run++) {
    const child = spawn(binary, ['import', ...args, '--resume', '--url', server.url], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.stderr.on('data', (text) => (said += text));
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
    const calm = run > 4; // then it may come to its end
    const end = await Promise.race([ended, calm ? ended : sleep(30 + next() * 120).then(() => null)]);
    if (end !== null) {
      assert.equal(end, 0, said);
      return kills;
    }
    kills++;
    if (killServer && next() < 0.5) {
      await server.halt('SIGKILL'); // the importer waits for it, or is killed while it does
      if (next() < 0.5) await server.start();
    }
    child.kill(next() < 0.3 ? 'SIGINT' : 'SIGKILL');
    await ended;
    if (!server.child) await server.start();
  }
  assert.fail('the import did not come to its end');
}

const forms = [
  ['ndjson without ids', 'plain.ndjson', () => ndjson(COUNT), []],
  ['ndjson with ids', 'ids.ndjson', () => ndjson(COUNT), ['--id', 'key']],
  ['gzip', 'packed.ndjson.gz', () => gzipSync(ndjson(COUNT)), []],
  ['bulk lines with and without ids', 'lines.ndjson', () => bulk(COUNT), []],
];

for (const [name, file, content, flags] of forms) {
  test(`${name}: importer and server are killed, nothing is missing and nothing is in twice`, async (t) => {
    let kills = 0;
    for (let round = 0; round < rounds; round++) {
      const next = random(seed * 1000 + round);
      const own = `${round}-${file}`;
      writeFileSync(join(folder, own), content());
      const server = await startServer();
      try {
        kills += await importUnderFire(server, [own, '--index', 'it', '--batch', '60', '--parallel', '3', ...flags], next, { killServer: true });
        await verify(server, 'it', COUNT);
        const again = await auk(['import', own, '--index', 'it', '--resume', '--url', server.url]);
        assert.equal(again.code, 0);
        assert.match(again.stdout, new RegExp(`all ${COUNT} records of .* are in it already`));
        await verify(server, 'it', COUNT);
      } finally {
        await server.stop();
      }
    }
    t.diagnostic(`${kills} kills`);
  });
}

test('a lost server is waited for', async () => {
  const server = await startServer();
  const port = new URL(server.url).port;
  try {
    writeFileSync(join(folder, 'wait.ndjson'), ndjson(COUNT));
    const running = auk(['import', 'wait.ndjson', '--resume', '--batch', '60', '--url', server.url]);
    /* The first request of an import may fail: a wrong address is told at once. Later ones wait. */
    while (!(await fetch(`${server.url}/wait/_count`)).ok) await sleep(5);
    await server.halt('SIGKILL');
    await sleep(300);
    const child = spawn(binary, ['serve', '--data', join(server.directory, 'data'), '--http', `127.0.0.1:${port}`, '--memory', '256mb'], { stdio: 'ignore' });
    const gone = new Promise((resolve) => child.on('exit', resolve));
    server.url = `http://127.0.0.1:${port}`;
    const result = await running;
    assert.equal(result.code, 0, result.stderr);
    while (!(await fetch(`${server.url}/_health/ready`).catch(() => null))?.ok) await sleep(50);
    await verify(server, 'wait', COUNT);
    child.kill('SIGTERM');
    await gone;
  } finally {
    await server.stop();
  }
});

test('what was rejected is said once, over all runs', async () => {
  const server = await startServer();
  try {
    await server.put('/strict', { mappings: { properties: { n: { type: 'integer' } } } });
    const lines = Array.from({ length: 3000 }, (_, n) => (n % 500 === 7 ? '{"n":"no number"}' : JSON.stringify(document(n))) + '\n').join('');
    writeFileSync(join(folder, 'some.ndjson'), lines);
    for (let run = 0; run < 40; run++) {
      const child = spawn(binary, ['import', 'some.ndjson', '--index', 'strict', '--resume', '--batch', '40', '--url', server.url], { cwd: folder, stdio: 'ignore' });
      const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
      if (run < 6) setTimeout(() => child.kill('SIGKILL'), 50 + 20 * run);
      const end = await ended;
      if (end === 'SIGKILL') continue;
      break;
    }
    const said = readFileSync(join(folder, 'some.ndjson.rejected.ndjson'), 'utf8').trim().split('\n').map((line) => JSON.parse(line).line);
    assert.deepEqual(said.sort((a, b) => a - b), [8, 508, 1008, 1508, 2008, 2508]);
    await server.post('/strict/_refresh');
    assert.equal((await server.get('/strict/_count')).body.count, 2994);
  } finally {
    await server.stop();
  }
});

test('standard input, and a file that has changed, are refused', async () => {
  const none = await auk(['import', '-', '--index', 'x', '--resume']);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /--resume needs a file: standard input cannot be read again/);
  const server = await startServer();
  try {
    writeFileSync(join(folder, 'moved.ndjson'), ndjson(50));
    assert.equal((await auk(['import', 'moved.ndjson', '--resume', '--url', server.url])).code, 0);
    assert.ok(existsSync(join(folder, 'moved.ndjson.import')));
    utimesSync(join(folder, 'moved.ndjson'), 1, 1);
    const changed = await auk(['import', 'moved.ndjson', '--resume', '--url', server.url]);
    assert.equal(changed.code, 1);
    assert.match(changed.stderr, /the file has changed since its import began/);
    const other = await auk(['import', 'moved.ndjson', '--index', 'y', '--resume', '--url', server.url]);
    assert.match(other.stderr, /changed|another index/);
  } finally {
    await server.stop();
  }
});
