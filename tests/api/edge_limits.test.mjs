// Limits: what is too large, too deep, too slow or too much ends early, with bounded memory, and
// those who behave do not notice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { eventually } from '../support/eventually.mjs';
import { anonymousBytes, connectRaw, exchange } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

const MIB = 1024 * 1024;
// The sanitizers keep freed memory for a while, so there memory is only printed.
const sanitized = /\/asan\//.test(process.env.AUK_BINARY ?? '');

let server;
before(async () => {
  server = await startServer({ args: ['--body-limit', '8mb'] });
  await server.put('/limits', { mappings: { properties: { n: { type: 'long' }, k: { type: 'keyword' }, t: { type: 'text' } } } });
  const lines = [];
  for (let i = 0; i < 3000; i++) lines.push({ index: { _id: String(i) } }, { n: i, k: `key${i}`, t: `word${i % 7} and ${'x'.repeat(400)}` });
  assert.equal((await server.bulk('/limits/_bulk?refresh=true', lines)).body.errors, false);
});
after(() => server?.stop());

async function grown(name, most, run) {
  const before = anonymousBytes(server);
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, anonymousBytes(server));
  }, 3);
  try {
    await run();
  } finally {
    clearInterval(watch);
  }
  peak = Math.max(peak, anonymousBytes(server));
  console.log(`# ${name}: at most ${((peak - before) / MIB).toFixed(1)} MiB more`);
  if (!sanitized) assert.ok(peak - before < most * MIB, `${name}: ${(peak - before) / MIB} MiB`);
}

const head = 'Host: a\r\nContent-Type: application/json\r\n';
const refusedBy = async (bytes, status) => {
  const [answer, ...more] = await exchange(server, bytes);
  assert.equal(more.length, 0);
  assert.equal(answer?.status, status, answer?.text.slice(0, 300));
  assert.equal(answer.headers.connection, 'close');
  return answer;
};

test('a request line of 8 KiB is taken, one more byte is 414', async () => {
  const line = (size) => `GET /limits/_count?filter_path=${'a'.repeat(size - 'GET /limits/_count?filter_path= HTTP/1.1'.length)} HTTP/1.1`;
  const [taken] = await exchange(server, `${line(8192)}\r\nHost: a\r\nConnection: close\r\n\r\n`);
  assert.equal(taken.status, 200);
  await refusedBy(`${line(8193)}\r\nHost: a\r\n\r\n`, 414);
  await refusedBy('G'.repeat(100000), 414);
});

test('a head of 32 KiB and 100 headers is taken, more is 431', async () => {
  const count = (n) => `GET /limits/_count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${'X: 1\r\n'.repeat(n - 2)}\r\n`;
  assert.equal((await exchange(server, count(100)))[0].status, 200);
  await refusedBy(count(101), 431);
  await refusedBy(count(100000), 431);
  const start = 'GET /limits/_count HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ';
  const size = (n) => `${start}${'y'.repeat(n - start.length - 4)}\r\n\r\n`;
  assert.equal((await exchange(server, size(32768)))[0].status, 200);
  await refusedBy(size(32769), 431);
  await grown('a header of a megabyte', 2, () => refusedBy(size(MIB), 431));
});

test('a body over the limit is 413 before it is read', async () => {
  await grown('announced terabytes', 2, async () => {
    const client = await connectRaw(server);
    client.send(`POST /_bulk HTTP/1.1\r\n${head}Content-Length: 1099511627776\r\n\r\n`);
    const answer = await client.answer({ timeoutMs: 3000 });
    assert.equal(answer.status, 413);
    assert.match(answer.body.error.reason, /over the limit of 8388608 bytes/);
    await client.ended();
  });
  await refusedBy(`POST /_bulk HTTP/1.1\r\n${head}Expect: 100-continue\r\nContent-Length: 8388609\r\n\r\n`, 413);
  const client = await connectRaw(server);
  client.send(`POST /_bulk HTTP/1.1\r\n${head}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n`);
  assert.equal((await client.answer()).status, 100);
  client.send('{}\n');
  assert.equal((await client.answer()).status, 400);
  client.destroy();
});

test('a chunked body over the limit is 413 when it gets there', async () => {
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 32), Buffer.from('\r\n')]);
  await grown('chunks without an end', 24, async () => {
    const client = await connectRaw(server);
    client.send(`POST /_bulk HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`);
    for (let i = 0; i < 9; i++) client.send(chunk);
    assert.equal((await client.answer()).status, 413);
    await client.ended();
  });
});

test('endless chunk extensions and trailers are 431', async () => {
  const chunked = `POST /limits/_search HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`;
  await refusedBy(`${chunked}1;${'x'.repeat(20000)}\r\n{\r\n`, 431);
  await refusedBy(`${chunked}${'1;aaaaaaaaaaaaaaaa=b\r\n \r\n'.repeat(2000)}`, 431);
  await refusedBy(`${chunked}0\r\n${'X: 1\r\n'.repeat(5000)}`, 431);
  assert.equal((await refusedBy(`${chunked}${'0'.repeat(20)}`, 400)).status, 400);
});

test('a gzip bomb is 413 with bounded memory', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * MIB, 32), { level: 9 });
  console.log(`# the bomb: ${bomb.length} bytes for ${200 * MIB}, 1:${Math.round((200 * MIB) / bomb.length)}`);
  for (const framing of ['length', 'chunks'])
    await grown(`a gzip bomb by ${framing}`, 24, async () => {
      const client = await connectRaw(server);
      const start = `POST /_bulk HTTP/1.1\r\n${head}Content-Encoding: gzip\r\n`;
      if (framing === 'length') client.send(`${start}Content-Length: ${bomb.length}\r\n\r\n`).send(bomb);
      else client.send(`${start}Transfer-Encoding: chunked\r\n\r\n${bomb.length.toString(16)}\r\n`).send(bomb);
      const answer = await client.answer();
      assert.equal(answer.status, 413, answer.text);
      await client.ended();
    });
  const nested = gzipSync(bomb);
  assert.equal((await server.post('/_bulk', nested, { 'content-encoding': 'gzip' })).status, 400);
});

test('deep JSON is refused in an instant, however deep', async () => {
  const started = Date.now();
  for (const text of ['['.repeat(1000000), '{"a":'.repeat(1000000), `${'['.repeat(1000000)}${']'.repeat(1000000)}`, '[{"a":'.repeat(500000)])
    for (const path of ['/limits/_doc', '/limits/_search', '/limits2'])
      assert.equal((await server.request(path === '/limits2' ? 'PUT' : 'POST', path, text)).status, 400);
  const deep = (depth) => JSON.parse(`${'{"bool":{"must":'.repeat(depth)}{"match_all":{}}${'}}'.repeat(depth)}`);
  assert.equal((await server.post('/limits/_search', { query: deep(20) })).status, 200);
  assert.equal((await server.post('/limits/_search', { query: deep(31) })).status, 400);
  console.log(`# 14 deep bodies: ${Date.now() - started} ms`);
});

const repeated = (count, item) => Array.from({ length: count }, (_, i) => item(i)).join();
const bombs = {
  'a bool of 100,000 clauses': () => `{"query":{"bool":{"should":[${repeated(100000, (i) => `{"term":{"n":${i}}}`)}]}}}`,
  '100,000 terms': () => `{"query":{"terms":{"k":[${repeated(100000, (i) => `"k${i}"`)}]}}}`,
  '500,000 ids': () => `{"query":{"ids":{"values":[${repeated(500000, (i) => `"${i}"`)}]}}}`,
  'match with 200,000 words': () => `{"query":{"match":{"t":"${repeated(200000, (i) => `w${i} `).replace(/,/g, '')}"}}}`,
  'a phrase of 200,000 words': () => `{"query":{"match_phrase":{"t":"${repeated(200000, (i) => `w${i} `).replace(/,/g, '')}"}}}`,
  'multi_match over 50,000 fields': () => `{"query":{"multi_match":{"query":"a","fields":[${repeated(50000, (i) => `"f${i}"`)}]}}}`,
  'a million sorts': () => `{"sort":[${repeated(300000, (i) => `"f${i}"`)}]}`,
  '200,000 aggregations': () => `{"aggs":{${repeated(200000, (i) => `"a${i}":{"terms":{"field":"k"}}`)}}}`,
  'aggregations 30 deep': () => `{"size":0${',"aggs":{"a":{"terms":{"field":"k"}'.repeat(30)}${'}}'.repeat(30)}}`,
  'buckets by the million': () => '{"size":0,"aggs":{"a":{"histogram":{"field":"n","interval":0.0000001}}}}',
  'terms of terms of terms': () => `{"size":0,"aggs":{"a":{"terms":{"field":"k","size":5000},"aggs":{"b":{"terms":{"field":"k","size":5000},"aggs":{"c":{"terms":{"field":"k","size":5000}}}}}}}}`,
  'size of two billion': () => '{"size":2147483647}',
  'size past 32 bits': () => '{"size":99999999999999}',
  'from of two billion': () => '{"from":2147483647,"size":1}',
  'from and size past the window': () => '{"from":9999,"size":2}',
  'a negative size': () => '{"size":-1}',
  'source filters by the hundred thousand': () => `{"_source":[${repeated(100000, (i) => `"*a*b*c*${i}*"`)}]}`,
  'a query of 7 MB in one string': () => `{"query":{"term":{"k":"${'x'.repeat(7000000)}"}}}`,
  'a field name of 7 MB': () => `{"query":{"term":{"${'x'.repeat(7000000)}":1}}}`,
  'an unknown key of 7 MB': () => `{"${'x'.repeat(7000000)}":1}`,
};

test('query bombs end soon, with an answer or a refusal, and with bounded memory', async () => {
  for (const [name, make] of Object.entries(bombs))
    await grown(name, 96, async () => {
      const started = Date.now();
      const { status, body, text } = await server.post('/limits/_search', make());
      const took = Date.now() - started;
      assert.ok([200, 400, 429].includes(status), `${name}: ${status}`);
      if (status !== 200) {
        assert.ok(text.length < 8000, `${name}: an answer of ${text.length} bytes`);
        assert.ok(body.error.reason.length > 10, name);
      }
      assert.ok(took < (sanitized ? 20000 : 5000), `${name} took ${took} ms`);
      console.log(`# ${name}: ${status} in ${took} ms ${status === 200 ? '' : body.error.reason.slice(0, 90)}`);
    });
  assert.equal((await server.get('/limits/_count')).body.count, 3000);
});

test('the window of a search says its limit', async () => {
  assert.equal((await server.post('/limits/_search', { size: 10000 })).body.hits.hits.length, 3000);
  const { status, body } = await server.post('/limits/_search', { size: 10001 });
  assert.equal(status, 400);
  assert.match(body.error.reason, /from \+ size must be less than or equal to: \[10000\] but was \[10001\]/);
  await server.put('/limits/_settings', { 'index.max_result_window': 20000 });
  assert.equal((await server.post('/limits/_search', { size: 20000 })).status, 200);
  assert.equal((await server.get('/limits/_search?size=20001')).status, 400);
  assert.equal((await server.get('/limits/_search?size=99999999999999999999')).status, 400);
  assert.equal((await server.get('/limits/_search?from=-1')).status, 400);
});

test('wildcards against long names are linear', async () => {
  const name = 'a'.repeat(250);
  await server.put(`/${name}`);
  const started = Date.now();
  const pattern = `${'*a'.repeat(120)}*b`;
  assert.deepEqual((await server.get(`/${pattern}/_count?allow_no_indices=true`)).body.count, 0);
  assert.equal((await server.get(`/${'*a'.repeat(120)}*/_count`)).status, 200);
  assert.equal((await server.get(`/_cat/indices/${pattern}`)).status, 200);
  assert.equal((await server.get(`/_alias/${pattern}`)).text, '{}');
  assert.equal((await server.get(`/${name}/_mapping/field/${pattern}`)).status < 500, true);
  assert.equal((await server.get(`/_all/_settings/${pattern}`)).status < 500, true);
  const long = 'a'.repeat(3000);
  await server.put('/limits/_doc/long?refresh=true', `{"${long.slice(0, 2000)}":{"${long}":1}}`);
  const filtered = await server.post('/limits/_search', { _source: [`${'*a'.repeat(1000)}*b`, `${'*a'.repeat(1000)}*`], query: { ids: { values: ['long'] } } });
  assert.equal(filtered.status, 200);
  assert.equal((await server.get(`/limits/_search?filter_path=${'*a'.repeat(1000)}*b,${'**.'.repeat(1000)}b,hits.total`)).status, 200);
  assert.equal((await server.get(`/limits/_search?filter_path=${'**.'.repeat(1000)}a`)).status, 200);
  assert.equal((await server.post('/limits/_search', { query: { multi_match: { query: 'a', fields: [`${'*a'.repeat(1000)}*b`] } } })).status, 200);
  const took = Date.now() - started;
  console.log(`# wildcards: ${took} ms`);
  assert.ok(took < (sanitized ? 10000 : 3000), `${took} ms`);
  await server.delete(`/${name}`);
});

test('memory says who holds what, and nothing is held when nothing runs', async () => {
  const body = await eventually(async () => {
    const { body: memory } = await server.get('/_memory');
    assert.equal(memory.purposes.search.used_in_bytes, 0);
    assert.ok(memory.purposes.requests.used_in_bytes < MIB);
    return memory;
  });
  assert.deepEqual(Object.keys(body.purposes), ['store', 'indexing', 'requests', 'answers', 'search', 'caches', 'process']);
  assert.equal(body.limit_in_bytes, 256 * MIB);
  assert.match((await server.get('/metrics')).text, /auk_memory_used_bytes\{purpose="search"\} 0\n/);
});
