import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const ndjson = { 'content-type': 'application/x-ndjson' };

test('each action has its item, in order', async () => {
  const { status, body } = await server.bulk('/_bulk?refresh=true', [
    { index: { _index: 'b', _id: '1' } }, { n: 1 },
    { create: { _index: 'b', _id: '1' } }, { n: 2 },
    { update: { _index: 'b', _id: '1', retry_on_conflict: 3 } }, { doc: { m: 3 } },
    { delete: { _index: 'b', _id: '9' } },
    { create: { _index: 'b' } }, { n: 5 },
  ]);
  assert.equal(status, 200);
  assert.equal(body.errors, true);
  assert.deepEqual(body.items.map((item) => Object.keys(item)[0]),
    ['index', 'create', 'update', 'delete', 'create']);
  assert.deepEqual(body.items.map((item) => Object.values(item)[0].status), [201, 409, 200, 404, 201]);
  assert.deepEqual(body.items[0].index, {
    _index: 'b', _id: '1', _version: 1, result: 'created', forced_refresh: true,
    _shards: { total: 1, successful: 1, failed: 0 }, _seq_no: 0, _primary_term: 1, status: 201,
  });
  assert.equal(body.items[1].create.error.type, 'version_conflict_engine_exception');
  assert.equal(body.items[1].create.error.index, 'b');
  assert.deepEqual((await server.get('/b/_source/1')).body, { n: 1, m: 3 });
});

test('the answer is compact and begins with took, errors, items', async () => {
  const { text } = await server.bulk('/compact/_bulk', [{ index: {} }, { n: 1 }]);
  assert.match(text, /^\{"took":\d+,"errors":false,"items":\[\{"index":\{"_index":"compact",/);
});

test('pretty and filter_path work here too', async () => {
  const { text } = await server.bulk('/compact/_bulk?pretty', [{ index: {} }, { n: 1 }]);
  assert.match(text, /^\{\n {2}"took" : \d+,\n {2}"errors" : false,\n {2}"items" : \[\n/);
  const filtered = await server.bulk('/compact/_bulk?filter_path=errors,items.*.error', [{ index: {} }, { n: 1 }]);
  assert.deepEqual(filtered.body, { errors: false });
});

test('shippers\' habits are taken: CRLF, _type, trailing slash, PUT, application/json', async () => {
  const body = '{"create":{"_index":"ship","_type":"_doc","_id":"1"}}\r\n{"a":1}\r\n\r\n';
  assert.equal((await server.post('/_bulk/', body)).body.items[0].create.status, 201);
  const second = await server.request('PUT', '/_bulk', body.replace('"1"', '"2"'), ndjson);
  assert.equal(second.body.errors, false);
  assert.equal((await server.post('/ship/_bulk?timeout=60s', body.replace('"1"', '"3"'))).status, 200);
  assert.deepEqual((await server.get('/ship/_doc/1')).body._source, { a: 1 });
});

test('a malformed line refuses the whole bulk, naming it, and nothing is written', async () => {
  const good = '{"index":{"_index":"refused","_id":"1"}}\n{"n":1}\n';
  const cases = [
    ['{"indx":{}}\n{}\n', /line \[3\], expected field \[create\], \[delete\], \[index\] or \[update\] but found \[indx\]/],
    ['[]\n{}\n', /Malformed action\/metadata line \[3\]/],
    ['{"index":{"_idd":"1"}}\n{}\n', /line \[3\] contains an unknown parameter \[_idd\]/],
    ['{"index":{"_index":"refused"}}\n{}', /The bulk request must be terminated by a newline \[\\n\]/],
    ['{"index":{"pipeline":"p"}}\n{}\n', /pipeline with id \[p\] does not exist/],
    ['{"delete":{"_index":"refused"}}\n', /id is missing/],
    ['{"index":{}}\n{}\n', /index is missing/],
  ];
  for (const [bad, reason] of cases) {
    const { status, body } = await server.post('/_bulk', good + bad, ndjson);
    assert.equal(status, 400, bad);
    assert.match(body.error.reason, reason);
  }
  assert.equal((await server.get('/refused/_doc/1')).status, 404);
  assert.equal((await server.post('/_bulk', '\n', ndjson)).status, 400);
});

test('what is wrong with one document is the answer of its item alone', async () => {
  const { status, body } = await server.bulk('/single/_bulk', [
    { index: { _id: '1' } }, { n: 1 },
    { index: { _id: '2' } }, { n: 'no number' },
    { index: { _id: '3' } }, '{"n":',
    { update: { _id: '4' } }, { doc: {} },
    { index: { _index: 'UPPER', _id: '5' } }, {},
    { index: { _id: '6', require_alias: true } }, {},
    { index: { _id: '7' } }, { n: 7 },
  ]);
  assert.equal(status, 200);
  assert.equal(body.errors, true);
  const items = body.items.map((item) => Object.values(item)[0]);
  assert.deepEqual(items.map((item) => item.status), [201, 400, 400, 404, 400, 404, 201]);
  assert.equal(items[1].error.type, 'document_parsing_exception');
  assert.equal(items[3].error.type, 'document_missing_exception');
  assert.equal(items[4].error.type, 'invalid_index_name_exception');
});

test('actions on one document hold their order', async () => {
  const lines = [];
  for (let i = 0; i < 50; i++) lines.push({ update: { _id: '1' } }, { doc: { n: i }, doc_as_upsert: true });
  lines.push({ delete: { _id: '1' } }, { create: { _id: '1' } }, { last: true });
  const { body } = await server.bulk('/order/_bulk', lines);
  assert.equal(body.errors, false);
  assert.equal(body.items.at(-2).delete.result, 'deleted');
  assert.equal(body.items.at(-1).create._version, 52);
  assert.deepEqual((await server.get('/order/_source/1')).body, { last: true });
});

test('many documents in one bulk are all there', async () => {
  const lines = [];
  for (let i = 0; i < 5000; i++) lines.push({ index: { _id: String(i) } }, { n: i, text: `document number ${i}` });
  const { body } = await server.bulk('/large/_bulk?refresh=wait_for', lines);
  assert.equal(body.errors, false);
  assert.equal(body.items.length, 5000);
  assert.equal((await server.get('/large/_count')).body.count, 5000);
});

test('versions and guards of items are honoured', async () => {
  const { body } = await server.bulk('/guards/_bulk', [
    { index: { _id: '1', version: 7, version_type: 'external' } }, { n: 1 },
    { index: { _id: '1', version: 7, version_type: 'external' } }, { n: 2 },
    { index: { _id: '1', if_seq_no: 99, if_primary_term: 1 } }, { n: 3 },
    { update: { _id: '1', _source: true } }, { doc: { m: 1 } },
  ]);
  const items = body.items.map((item) => Object.values(item)[0]);
  assert.deepEqual(items.map((item) => item.status), [201, 409, 409, 200]);
  assert.equal(items[0]._version, 7);
  assert.deepEqual(items[3].get._source, { n: 1, m: 1 });
});
