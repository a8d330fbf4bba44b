// Requests that are well framed and wrong: names, ids, paths, broken bulk lines, values that a
// mapping does not take. Each has its error in Elasticsearch's shape, and harms nothing else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectRaw } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const ndjson = { 'content-type': 'application/x-ndjson' };
const first = (item) => Object.values(item)[0];

function refused({ status, body }, expected, type, what) {
  assert.equal(status, expected, `${what}: ${JSON.stringify(body).slice(0, 300)}`);
  assert.equal(body.status, expected, what);
  assert.equal(body.error.type, type, what);
  assert.equal(body.error.root_cause[0].type, type, what);
  assert.ok(body.error.reason.length > 0, what);
}

test('index names that Elasticsearch forbids are refused, whatever asks for them', async () => {
  await server.put('/real');
  const forbidden = ['Upper', 'a b', 'a"b', 'a*b', 'a\\b', 'a<b', 'a>b', 'a|b', 'a?b', 'a#b', 'a:b', '-a', '_a', '+a', '.', '..', 'a,b', 'x'.repeat(256), 'ä'.repeat(128), 'É', 'a\nb', 'a\0b', '\x7f', 'a/b', 'a\tb'];
  for (const name of forbidden) {
    const path = `/${encodeURIComponent(name).replaceAll('.', '%2E')}`;
    const { body } = await server.post('/_bulk', `{"index":{"_index":${JSON.stringify(name)}}}\n{}\n`, ndjson);
    assert.equal(body.items ? first(body.items[0]).status : body.status, 400, name);
    const alias = await server.post('/_aliases', { actions: [{ add: { index: 'real', alias: name } }] });
    assert.equal(alias.status, name === 'Upper' || name === 'É' ? 200 : 400, `alias ${name}: ${alias.text}`);
    if (alias.status === 200) await server.post('/_aliases', { actions: [{ remove: { index: 'real', alias: name } }] });
    if (name[0] === '.') continue; // fetch takes the segments away
    assert.equal((await server.put(path)).status, 400, `PUT ${JSON.stringify(name)}`);
    const written = await server.put(`${path}/_doc/1`, { a: 1 });
    assert.ok(written.status === 400 || written.status === 404, `${name}: ${written.status}`);
  }
  assert.equal((await server.get('/_cat/indices?h=index')).text, 'real\n');
  for (const name of ['a', 'a-b_c+d', '1', 'é', '日本', 'a.b', 'x'.repeat(255), 'a@b', 'a=b', 'a%b', "a'b", 'a;b', 'a&b', 'a(b)'])
    assert.equal((await server.put(`/${encodeURIComponent(name)}`)).status, 200, name);
  const metrics = (await server.get('/metrics')).text;
  for (const line of metrics.split('\n')) assert.match(line, /^($|# |[a-z_]+(\{([a-z]+="[^"]*",?)*\})? -?[0-9.e+-]+$)/);
  await server.delete('/_all?expand_wildcards=all');
});

test('ids of 512 bytes, of any character, and none longer', async () => {
  const ids = ['x'.repeat(512), '日'.repeat(170), 'a/b', '/', '//', 'a b', 'a+b', 'a%b', '%2F', '?', '#', '&=', '"', "'", '\\', '\0', '\r\n', '\t', 'é', '😀', '_', '_doc', '__proto__', '0', 'null', '*', '<script>', ' ', '\u200b', '\uffff', 'a,b'];
  for (const id of ids) {
    const path = `/ids/_doc/${encodeURIComponent(id).replaceAll('.', '%2E')}`;
    const put = await server.put(path, { id });
    assert.equal(put.status, 201, JSON.stringify(id));
    assert.equal(put.body._id, id);
    const got = await server.get(path);
    assert.equal(got.status, 200, JSON.stringify(id));
    assert.equal(got.body._source.id, id);
  }
  await server.post('/ids/_refresh');
  const found = await server.post('/ids/_search', { query: { ids: { values: ids } }, size: 100 });
  assert.deepEqual(found.body.hits.hits.map((hit) => hit._id).sort(), [...ids].sort());
  for (const id of ids.filter((one) => !one.includes(','))) {
    const path = `/ids/_doc/${encodeURIComponent(id).replaceAll('.', '%2E')}`;
    assert.equal((await server.delete(path)).status, 200, JSON.stringify(id));
  }
  for (const id of ['x'.repeat(513), '日'.repeat(171)]) {
    const put = await server.put(`/ids/_doc/${encodeURIComponent(id)}`, {});
    assert.equal(put.status, 400);
    assert.match(put.body.error.reason, /512 bytes/);
    const { body } = await server.bulk('/ids/_bulk', [{ index: { _id: id } }, {}]);
    assert.equal(body.items ? body.items[0].index.status : body.status, 400);
  }
  const empty = await server.bulk('/ids/_bulk', [{ index: { _id: '' } }, {}]);
  assert.equal(empty.body.items ? empty.body.items[0].index.status : empty.body.status, 400);
  assert.ok((await server.put('/ids/_doc/', {})).status >= 400);
});

test('routing, aliases and parameters of odd bytes are held or refused, never taken apart', async () => {
  const odd = encodeURIComponent('a\r\nb\0c"d');
  assert.equal((await server.put(`/odd/_doc/1?routing=${odd}`, {})).status, 201);
  assert.equal((await server.get(`/odd/_doc/1?routing=${odd}`)).body._routing, 'a\r\nb\0c"d');
  for (const path of ['/odd/_search?size=%31', '/odd/_search?size=1&size=2', '/odd/_search?&&size=1&', '/odd/_search?size=', '/odd/_search?=1', '/odd/_search?size', '/%6Fdd/_search', '//odd///_search//'])
    assert.ok((await server.get(path)).status < 500, path);
  for (const path of ['/odd/_search?nothing=1', `/odd/_search?${odd}=1`, '/odd/_doc/1?version=x', '/odd/_search?preference=%00', `/_cat/${odd}`, `/odd/${odd}`, `/${odd}/_search`])
    assert.ok([200, 400, 404, 405].includes((await server.get(path)).status), path);
  const hints = await server.get(`/odd/_search?siez=1`);
  assert.match(hints.body.error.reason, /size/);
});

test('a broken document line leaves its neighbours alone, in order', async () => {
  const broken = ['{"a":', '{"a":1,"a":2}', '{"a":01}', '{"a":"\\ud800"}', '[]', 'null', '"x"', '1', '', '   ', '{"a":1}}', '{"a":1} {"b":2}', '{"n":"x"}', '{"o":1}', '{"n":{"m":1}}', '{"d":"never"}', '{"ip":"999.1.1.1"}', '{"b":"maybe"}', '\0', '{"a":"\x01"}', `{"k":"${'x'.repeat(40000)}"}`, '{".":1}', '{"a..b":1}', '{"":1}', '{"long":9223372036854775808}'];
  await server.put('/bulk', { mappings: { properties: { i: { type: 'long' }, n: { type: 'long' }, o: { properties: { p: { type: 'long' } } }, d: { type: 'date' }, ip: { type: 'ip' }, b: { type: 'boolean' }, k: { type: 'keyword' }, long: { type: 'long' } } } });
  for (const end of ['\n', '\r\n']) {
    const lines = broken.flatMap((line, i) => ['{"index":{}}', line, `{"index":{"_id":"${i}"}}`, `{"i":${i}}`]);
    const { status, body } = await server.post('/bulk/_bulk?refresh=true', lines.join(end) + end, ndjson);
    assert.equal(status, 200, JSON.stringify(body.error));
    assert.equal(body.errors, true);
    let last = -1;
    broken.forEach((line, i) => {
      const bad = body.items[2 * i].index, good = body.items[2 * i + 1].index;
      assert.equal(bad.status, 400, `${line.slice(0, 50)}: ${JSON.stringify(bad)}`);
      assert.ok(bad.error.type.endsWith('exception') && bad.error.reason.length > 0, line.slice(0, 50));
      assert.equal(good._id, String(i));
      assert.ok(good.status < 300, line.slice(0, 50));
      assert.ok(good._seq_no > last, 'sequence numbers follow the order of the lines');
      last = good._seq_no;
    });
    const found = await server.post('/bulk/_search', { size: 100, sort: [{ i: 'asc' }] });
    assert.deepEqual(found.body.hits.hits.map((hit) => hit._source.i), broken.map((_, i) => i));
  }
});

test('a broken action line refuses the bulk before anything is written', async () => {
  const good = '{"index":{"_index":"whole","_id":"1"}}\n{"n":1}\n';
  for (const bad of ['{"index":{}\n{}\n', '{"index":{}}}\n{}\n', 'x\n{}\n', '{"explode":{"_index":"whole"}}\n{}\n', '{"index":{"_index":"whole"},"delete":{"_id":"1"}}\n{}\n', '{}\n{}\n', '{"index":1}\n{}\n', '{"delete":{"_index":"whole","_id":"1"}}', '{"index":{"_index":"whole"}}\n', '{"index":{"_index":"whole"}}\n{"a":1}', '{"index":{"_index":"whole","_id":{}}}\n{}\n', '\0\n{}\n', '\xef\xbb\xbf{"index":{}}\n{}\n', '{"index":{"_index":"whole","version":"x"}}\n{}\n', '{"update":{"_index":"whole","_id":"1","if_seq_no":-5}}\n{"doc":{}}\n']) {
    const { status, body } = await server.post('/_bulk', Buffer.from(good + bad, 'latin1'), ndjson);
    assert.equal(status, 400, bad);
    assert.ok(body.error.type.endsWith('exception') && body.error.reason, bad);
  }
  assert.equal((await server.get('/whole/_doc/1')).status, 404);
  for (const empty of ['', '\n', '\n\n\r\n', '   \n']) assert.equal((await server.post('/_bulk', empty, ndjson)).status, 400);
});

test('values that a mapping does not take are refused by name of field', async () => {
  await server.put('/typed', { mappings: { properties: { d: { type: 'date' }, day: { type: 'date', format: 'yyyy-MM-dd' }, n: { type: 'byte' }, ip: { type: 'ip' }, b: { type: 'boolean' }, o: { properties: { p: { type: 'keyword' } } }, k: { type: 'keyword' } } } });
  const bad = { d: ['x', '2024-02-30', '2024-13-01', '24:00', true, {}, '2024-01-01T25:00:00Z', '', '99999999999999999999', '2024-01-01T00:00:00+99:00'], day: ['2024-02-30', '2023-02-29', '2024-1-1', '2024-01-01T00:00', 20240101.5, '0', 'now'],
    n: [128, -129, 'x', true, {}, '1e400', '0x1', 'NaN'], ip: ['1.2.3', '1.2.3.4.5', '::g', 'localhost', '1.2.3.4/8', '', 5], b: ['yes', 'True', 1, 0, {}, 'on'], o: [1, 'x', true, [1]], k: [{}, { a: 1 }] };
  for (const [field, values] of Object.entries(bad))
    for (const value of values) {
      const answer = await server.put('/typed/_doc/1', { [field]: value });
      assert.equal(answer.status, 400, `${field}: ${JSON.stringify(value)}`);
      assert.equal(answer.body.error.type, 'document_parsing_exception', `${field}: ${JSON.stringify(value)} ${answer.text}`);
      assert.match(answer.body.error.reason, new RegExp(`\\b${field}\\b`), `${field}: ${JSON.stringify(value)}`);
    }
  assert.equal((await server.get('/typed/_doc/1')).status, 404);
  for (const [field, value] of [['d', '2024-02-29'], ['d', 1], ['d', -1], ['d', '2024-02-29T23:59:59.999+01:00'], ['day', '2024-02-29'], ['n', 127], ['n', '-128'], ['ip', '::1'], ['b', ''], ['b', 'true'], ['k', [1, 'a', true, null]], ['o', null], ['o', []]])
    assert.ok((await server.put('/typed/_doc/2', { [field]: value })).status < 300, `${field}: ${value}`);
});

test('a mapping that contradicts itself or what is there is refused and changes nothing', async () => {
  await server.put('/map', { mappings: { properties: { a: { type: 'text' }, o: { properties: { p: { type: 'long' } } } } } });
  const before = (await server.get('/map/_mapping')).text;
  for (const properties of [{ a: { type: 'long' } }, { a: { properties: {} } }, { o: { type: 'long' } }, { 'o.p': { type: 'text' } }, { a: { type: 'txet' } }, { a: { type: 'text', analyzer: 'none' } }, { x: { type: 'text', indxe: true } }, { x: 1 }, { x: { type: 5 } }, { '': { type: 'long' } }, { 'x.': { type: 'long' } }, { x: { type: 'date', format: 'yyyy-QQQQ-\'' } }, { good: { type: 'long' }, a: { type: 'long' } }, { x: { properties: { y: { type: 'nothing' } } } }]) {
    const answer = await server.put('/map/_mapping', { properties });
    assert.equal(answer.status, 400, JSON.stringify(properties));
    assert.ok(answer.body.error.reason, JSON.stringify(properties));
  }
  assert.equal((await server.get('/map/_mapping')).text, before);
  const deep = JSON.parse('{"properties":{"a":'.repeat(25) + '{"type":"long"}' + '}}'.repeat(25));
  assert.equal((await server.put('/map/_mapping', deep)).status, 400);
  const wide = Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`f${i}`, { type: 'long' }]));
  refused(await server.put('/map/_mapping', { properties: wide }), 400, 'illegal_argument_exception', 'too many fields');
  assert.equal((await server.get('/map/_mapping')).text, before);
  const many = await server.put('/map/_doc/1', Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`g${i}`, i])));
  assert.equal(many.status, 400);
  assert.equal((await server.get('/map/_mapping')).text, before);
});

test('what a mapping holds as deep as may be survives a restart', async () => {
  const kept = [];
  for (let depth = 54; depth < 66; depth++) {
    const deep = JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));
    const { status } = await server.put(`/meta${depth}`, { mappings: { _meta: deep } });
    assert.ok(status === 200 || (status === 400 && depth > 60), `${depth}: ${status}`);
    if (status === 200) kept.push(depth);
  }
  await server.restart();
  for (const depth of kept)
    for (const form of ['', '?pretty', '?format=yaml', '?filter_path=**.aliases'])
      assert.equal((await server.get(`/meta${depth}${form}`)).status, 200, `${depth} ${form}`);
});

test('a document as deep as may be is shown in every form', async () => {
  await server.put('/deep', { mappings: { enabled: false } });
  const deep = `${'{"a":'.repeat(63)}{}${'}'.repeat(63)}`;
  assert.equal((await server.put('/deep/_doc/1?refresh=true', deep)).status, 201);
  for (const query of ['', '?pretty', '?format=yaml', '?filter_path=took', '?filter_path=hits.hits._source', '?_source_includes=a', '?_source_excludes=b', '?format=yaml&filter_path=**'])
    for (const path of ['/deep/_search', '/deep/_doc/1', '/deep/_msearch', '/_mget']) {
      const answer = path === '/deep/_msearch' ? query.includes('_source_') ? { status: 200 } : await server.post(path + query, '{}\n{}\n', ndjson)
        : path === '/_mget' ? await server.post(path + query, { docs: [{ _index: 'deep', _id: '1' }] }) : await server.get(path + query);
      assert.equal(answer.status, 200, `${path}${query}: ${answer.text?.slice(0, 300)}`);
    }
});

test('paths that are no routes and methods that are none of theirs say so', async () => {
  for (const [method, path, status] of [['GET', '/_nothing', 400], ['POST', '/a/_nothing', 400], ['DELETE', '/_search', 405], ['PATCH', '/a', 405], ['PUT', '/_bulk/x/y/z', 400], ['POST', '/', 405], ['GET', '/a/b/c/d/e', 400]]) {
    const answer = await server.request(method, path);
    assert.ok(answer.status === status || answer.status === 404 || answer.status === 405, `${method} ${path}: ${answer.status}`);
    assert.ok(answer.body.error, path);
  }
  const client = await connectRaw(server);
  client.send(`GET ${'/a'.repeat(4000)} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const long = await client.answer();
  assert.ok(long.status === 400 || long.status === 404);
  assert.ok(long.text.length < 20000);
  client.destroy();
});

test('media types that are not JSON are refused before they are read', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/xml', 'text/html', 'application/json;charset=utf-16', 'x', ''])
    assert.ok([406, 415, 400].includes((await server.request('POST', '/deep/_search', '{}', { 'content-type': type })).status), type);
  for (const type of ['application/json', 'application/json; charset=utf-8', 'application/json;charset=UTF-8', 'application/vnd.elasticsearch+json; compatible-with=8'])
    assert.equal((await server.request('POST', '/deep/_search', '{}', { 'content-type': type })).status, 200, type);
});
