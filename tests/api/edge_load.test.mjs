// Those who are slow, silent or do not read: they end by deadlines or cost little, and good clients
// do not notice. AUK_TEST_IDLE sets how many connections idle.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.mjs';
import { anonymousBytes, connectRaw } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

const MIB = 1024 * 1024;
const IDLE = Number(process.env.AUK_TEST_IDLE ?? 5000);
const sanitized = /\/asan\//.test(process.env.AUK_BINARY ?? '');

// What is measured at one is measured at the other at the same time, which nobody attacks.
let server, calm;
before(async () => {
  const lines = [];
  for (let i = 0; i < 4000; i++) lines.push({ index: { _id: String(i) } }, { n: i, t: `word${i % 7} ${'x'.repeat(500)}` });
  [server, calm] = await Promise.all([0, 1].map(() => startServer({ args: ['--head-deadline', '1s', '--transfer-window', '1s'] })));
  for (const one of [server, calm]) assert.equal((await one.bulk('/load/_bulk?refresh=true', lines)).body.errors, false);
});
after(async () => {
  await server?.stop();
  await calm?.stop();
});

const request = 'POST /load/_search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
const good = '{"query":{"match":{"t":"word3"}}}';

// Latencies in milliseconds of keep-alive searches, one after the other on each of two connections.
async function measure(at, count) {
  const times = [];
  const run = async () => {
    const client = await connectRaw(at);
    for (let i = 0; i < count / 2; i++) {
      const started = performance.now();
      client.send(`${request}Content-Length: ${good.length}\r\n\r\n${good}`);
      const answer = await client.answer();
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      times.push(performance.now() - started);
    }
    client.destroy();
  };
  await Promise.all([run(), run()]);
  times.sort((a, b) => a - b);
  return { p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] };
}

// p99 below twice that of the calm one; what a busy machine does to one of them is measured again.
async function unhurt(name) {
  let p99, quiet;
  for (let i = 0; i < 12; i++) {
    [p99, quiet] = (await Promise.all([measure(server, 400), measure(calm, 400)])).map((one) => one.p99);
    if (p99 < 2 * quiet + 2) break;
    await sleep(200);
  }
  console.log(`# ${name}: p99 ${p99.toFixed(2)} ms, beside ${quiet.toFixed(2)} ms of a calm server`);
  assert.ok(p99 < 2 * quiet + 2, `${name}: p99 ${p99} ms, beside ${quiet} ms`);
}

test('a head, a body and a body in chunks that trickle are ended by their deadlines', async () => {
  const starts = {
    head: 'GET / HTTP/1.1\r\nHost: a\r\nX: ',
    body: `${request}Content-Length: 100000\r\n\r\n`,
    'chunked body': `${request}Transfer-Encoding: chunked\r\n\r\n`,
    'gzip body': `${request}Content-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n\x1f\x8b\x08`,
  };
  await Promise.all(Object.entries(starts).map(async ([name, start]) => {
    const client = await connectRaw(server);
    const started = Date.now();
    client.send(start);
    const drip = setInterval(() => client.send(name === 'chunked body' ? '1\r\n \r\n' : '\x00'.replace('\0', name === 'head' ? 'x' : '\0')), 100);
    try {
      const answer = await client.answer({ timeoutMs: 10000 });
      assert.equal(answer.status, 408, name);
      assert.match(answer.body.error.reason, /arrived too slowly/);
      await client.ended();
    } finally {
      clearInterval(drip);
    }
    const took = Date.now() - started;
    assert.ok(took > 800 && took < 8000, `${name} ended after ${took} ms`);
  }));
});

test('a silent start of a request is ended too', async () => {
  const client = await connectRaw(server);
  client.send('G');
  assert.equal((await client.answer()).status, 408);
  await client.ended();
});

test('many slow heads at once leave good clients alone', async () => {
  const slow = await Promise.all(Array.from({ length: 500 }, () => connectRaw(server)));
  for (const client of slow) client.send('GET / HTTP/1.1\r\nHost: a\r\nX: ');
  await unhurt('500 slow heads');
  for (const client of slow) assert.equal((await client.answer()).status, 408);
  for (const client of slow) client.destroy();
});

test('readers that stop hold a bounded output and lose their connection', async () => {
  const before = anonymousBytes(server);
  const ask = '{"size":4000}'; // about 2.5 MB
  const slow = await Promise.all(Array.from({ length: 40 }, () => connectRaw(server)));
  for (const client of slow) {
    client.socket.pause();
    for (let i = 0; i < 20; i++) client.send(`${request}Content-Length: ${ask.length}\r\n\r\n${ask}`);
  }
  await sleep(300);
  await unhurt('40 readers that stop');
  const grown = anonymousBytes(server) - before;
  const { body } = await server.get('/_memory');
  console.log(`# 40 readers that stopped, 20 answers of 2.5 MB each asked for: ${(grown / MIB).toFixed(0)} MiB more, answers ${(body.purposes.answers.used_in_bytes / MIB).toFixed(0)} MiB of ${(body.purposes.answers.limit_in_bytes / MIB).toFixed(0)}`);
  if (!sanitized) assert.ok(grown < 180 * MIB, `${grown / MIB} MiB`);
  for (let i = 0; ; i++) {
    const { answers } = (await server.get('/_memory')).body.purposes;
    if (answers.used_in_bytes < MIB) break;
    assert.ok(i < 200, `${answers.used_in_bytes} bytes are still held`);
    await sleep(100);
  }
  for (const client of slow) client.destroy();
});

test('a full budget is 429 with purpose, figures and Retry-After, and passes', async () => {
  const small = await startServer({ memory: '64mb' });
  try {
    await small.put('/m', { mappings: { enabled: false } });
    const large = `{"a":"${'x'.repeat(30 * MIB)}"}`;
    const refused = await small.put('/m/_doc/1', large);
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.equal(refused.body.error.type, 'circuit_breaking_exception');
    assert.match(refused.body.error.reason, /data for \[requests\] would be \[\d+\/\d+(\.\d)?mb\], which is larger than the limit of \[26843545\/25\.5mb\]/);
    const values = await small.put('/m/_doc/1', `[${'0,'.repeat(4 * MIB)}0]`);
    assert.equal(values.status, 429, values.text);
    assert.match(values.body.error.reason, /data for \[(indexing|requests)\] would be/);
    assert.equal(values.headers.get('retry-after'), '1');
    const query = await small.post('/m/_search', `{"query":{"terms":{"a":[${'0,'.repeat(4 * MIB)}0]}}}`);
    assert.equal(query.status, 429, query.text);
    assert.match(query.body.error.reason, /data for \[requests\] would be/);
    const item = await small.bulk('/m/_bulk', [{ index: { _id: '1' } }, `{"a":[${'0,'.repeat(3 * MIB)}0]}`, { index: { _id: '2' } }, { a: 1 }]);
    assert.ok(item.status === 429 || item.body.items[0].index.status === 429, item.text.slice(0, 500));
    assert.equal((await small.put('/m/_doc/1', { a: 1 })).status < 300, true);
    // what a flush has not made room for yet is refused, and taken a little later
    for (let i = 0; i < 30; i++)
      for (let tries = 0; ; tries++) {
        const { status, text } = await small.put(`/m/_doc/large${i}${i % 8 ? '' : '?refresh'}`, `{"a":"${'x'.repeat(MIB)}"}`);
        if (status === 201) break;
        assert.ok(status === 429 && tries < 600, text);
        await sleep(100);
      }
    await small.post('/m/_flush');
    await small.post('/m/_refresh');
    const shown = await small.get('/m/_search?size=31');
    assert.equal(shown.status, 429, shown.text.slice(0, 300));
    assert.match(shown.body.error.reason, /data for \[(answers|search)\] would be/);
    assert.equal(shown.headers.get('retry-after'), '1');
    assert.equal((await small.get('/m/_search?size=5')).body.hits.hits.length, 5);
    await sleep(100);
    const { purposes } = (await small.get('/_memory')).body;
    assert.ok(purposes.requests.used_in_bytes < MIB);
    assert.ok(purposes.indexing.used_in_bytes < MIB, JSON.stringify(purposes));
  } finally {
    await small.stop();
  }
});

test('idle keep-alive connections cost little and slow nobody', async () => {
  const before = anonymousBytes(server);
  const idle = [];
  for (let i = 0; i < IDLE; i += 250)
    idle.push(...await Promise.all(Array.from({ length: Math.min(250, IDLE - i) }, async () => {
      const client = await connectRaw(server);
      client.send('GET /load/_count HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal((await client.answer()).status, 200);
      return client;
    })));
  const each = (anonymousBytes(server) - before) / IDLE;
  console.log(`# ${IDLE} idle connections: ${(each / 1024).toFixed(2)} KiB each`);
  if (!sanitized) assert.ok(each < 20 * 1024, `${each} bytes each`);
  await unhurt(`${IDLE} idle connections`);
  assert.match((await server.get('/metrics')).text, new RegExp(`auk_http_connections ${IDLE + 1}\\b|auk_http_connections ${IDLE + 2}\\b`));
  for (const client of idle.slice(0, 50)) {
    client.send('GET /load/_count HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await client.answer()).body.count, 4000);
  }
  assert.ok(idle.every((client) => !client.closed));
  for (const client of idle) client.destroy();
});

test('connections past the limit are closed at once, and idle ones by their deadline', async () => {
  const small = await startServer({ args: ['--connection-limit', '20', '--idle-deadline', '5s'] });
  try {
    const clients = await Promise.all(Array.from({ length: 30 }, () => connectRaw(small)));
    await eventually(() => assert.equal(clients.filter((client) => client.closed).length, 10), 4000);
    await Promise.all(clients.map((client) => client.ended({ timeoutMs: 20000 })));
    assert.equal((await small.get('/_count')).status, 200);
  } finally {
    await small.stop();
  }
});
