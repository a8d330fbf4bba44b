// One number is kept: in a memory cgroup of 512 MiB with --memory 256mb, bulks, searches, big
// aggregations, large answers, readers that stop and 500 clients at once. Nothing is killed, nobody is
// told anything worse than 429, and what is resident and no file stays within the number and a tenth.
// AUK_TEST_MEMORY_SECONDS sets how long.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCgroup } from '../support/cgroup.mjs';
import { connectRaw } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

const MIB = 1024 * 1024;
const BUDGET = 256 * MIB;
const SECONDS = Number(process.env.AUK_TEST_MEMORY_SECONDS ?? 60);
const sanitized = /\/(asan|tsan)\//.test(process.env.AUK_BINARY ?? '');

const { group, why } = sanitized ? { why: 'the sanitizers hold memory of their own' } : makeCgroup(512 * MIB);
let server;
before(async () => {
  if (!group) return;
  server = await startServer({ memory: '256mb', wrap: group.wrap, args: ['--transfer-window', '5s'] });
});
after(async () => {
  await server?.stop();
  group?.remove();
});

const status = () => readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
const resident = () => {
  const text = status();
  const bytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)[1]) * 1024;
  return bytes('RssAnon') + bytes('RssShmem');
};

// Repeatable, and good for texts that share words.
let seed = 42;
const pick = (most) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed % most;
};
const text = (words) => Array.from({ length: words }, () => `word${pick(20000)}`).join(' ');

const counts = {};
let until;
const tell = (what, code, text) => {
  counts[what] ??= { 200: 0 };
  counts[what][code < 300 ? 200 : code] = (counts[what][code < 300 ? 200 : code] ?? 0) + 1;
  assert.ok(code < 300 || code === 429, `${what}: ${code} ${text?.slice(0, 300)}`);
};

async function repeat(what, run) {
  while (Date.now() < until) {
    const { status: code, headers, text: said } = await run();
    tell(what, code, said);
    if (code !== 429) continue;
    assert.ok(Number(headers.get('retry-after')) >= 1, what);
    await sleep(200);
  }
}

const json = (path, body) => () => server.post(path, body);

async function bulks() {
  await repeat('bulk of megabytes', () => {
    const lines = [];
    for (let i = 0; i < 400; i++)
      lines.push({ index: { _id: String(pick(20000)) } }, { t: text(20 + pick(1000)), uid: `user${pick(1000000)}`, k: `key${pick(50)}`, n: pick(1e9) });
    return server.bulk('/heavy/_bulk', lines);
  });
}

const buckets = { size: 0, aggs: { u: { terms: { field: 'uid', size: 20000 }, aggs: { k: { terms: { field: 'k' }, aggs: { n: { cardinality: { field: 'n' } } } } } } } };
const huge = '{"size":10000,"query":{"match_all":{}}}';

async function scrolls() {
  await repeat('scroll', async () => {
    const first = await server.post('/heavy/_search?scroll=10s', { size: 500 });
    if (first.status === 200) await server.post('/_search/scroll', { scroll_id: first.body._scroll_id, scroll: '10s' });
    return first;
  });
}

// Ask for large answers and leave them unread.
async function stopReading() {
  while (Date.now() < until) {
    const client = await connectRaw(server);
    client.socket.pause();
    for (let i = 0; i < 10; i++) client.send(`POST /heavy/_search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${huge.length}\r\n\r\n${huge}`);
    await sleep(2000);
    client.destroy();
  }
}

function crowd() {
  const { port } = new URL(server.url);
  const child = spawn(process.env.AUK_BENCH_LOAD, [port, '500', String(SECONDS), '1', 'mix', '/crowd'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (data) => (output += data));
  return new Promise((resolve, reject) => child.on('close', (code) => (code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`bench_load: ${code}`)))));
}

test(`${SECONDS} s in 512 MiB with --memory 256mb`, { skip: group ? false : `skipped: ${why}` }, async () => {
  await server.put('/heavy', { mappings: { properties: { uid: { type: 'keyword' }, k: { type: 'keyword' }, n: { type: 'long' } } } });
  await server.put('/crowd', { mappings: { properties: { k: { type: 'keyword' } } } });
  until = Date.now() + SECONDS * 1000;
  let peak = 0;
  let holders;
  const watch = setInterval(() => {
    const bytes = resident();
    if (bytes <= peak) return;
    peak = bytes;
    server.get('/_memory').then(({ body }) => (holders = body), () => {});
  }, 50);
  let load;
  try {
    [load] = await Promise.all([crowd(), bulks(), bulks(), repeat('aggregation', json('/heavy/_search', buckets)), repeat('aggregation', json('/heavy/_search', buckets)),
      repeat('answer of megabytes', json('/heavy/_search', huge)), repeat('answer of megabytes', json('/heavy/_search', huge)), scrolls(), stopReading(), stopReading()]);
  } finally {
    clearInterval(watch);
  }
  console.log(`# at most ${(peak / MIB).toFixed(1)} MiB resident without files, ${((100 * peak) / BUDGET).toFixed(0)} % of the budget`);
  console.log(`# 500 clients: ${JSON.stringify(load)}`);
  console.log(`# the others: ${JSON.stringify(counts)}`);
  console.log(`# then: ${JSON.stringify(holders?.purposes)} used ${holders?.used_in_bytes}`);
  assert.equal(group.killed(), 0);
  assert.equal(load.errors, 0, `${load.first_error}`);
  assert.equal(load.lost, 0);
  assert.ok(load.answers_per_second > 0);
  for (const [what, { 200: fine }] of Object.entries(counts)) assert.ok(fine > 0, `${what} never went through`);
  assert.ok(peak <= BUDGET * 1.1, `${(peak / MIB).toFixed(1)} MiB`);
  // and when it is over, everything is given back
  for (let i = 0; ; i++) {
    const { purposes } = (await server.get('/_memory')).body;
    if (purposes.requests.used_in_bytes + purposes.answers.used_in_bytes < MIB && purposes.search.used_in_bytes < 16 * MIB) break;
    assert.ok(i < 300, JSON.stringify(purposes));
    await sleep(100);
  }
});
