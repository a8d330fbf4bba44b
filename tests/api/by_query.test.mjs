// _update_by_query and _delete_by_query.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

async function load(name, count, make = (i) => ({ n: i, tag: `t${i % 5}` }), refresh = true) {
  const lines = [];
  for (let i = 0; i < count; i++) lines.push({ index: { _id: `d${i}` } }, make(i));
  assert.equal((await server.bulk(`/${name}/_bulk?refresh=${refresh}`, lines)).body.errors, false);
}
const count = async (name, query) => (await server.post(`/${name}/_count`, query && { query })).body.count;
const completed = async (task) => (await server.get(`/_tasks/${task}?wait_for_completion=true&timeout=60s`)).body;

test('a delete by query, with the answer of Elasticsearch', async () => {
  await server.put('/a', { settings: { number_of_shards: 3 } });
  await load('a', 2500);
  const { status, body } = await server.post('/a/_delete_by_query?refresh=true', { query: { term: { 'tag.keyword': 't1' } } });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual({ ...body, took: 0 }, {
    took: 0, timed_out: false, total: 500, deleted: 500, batches: 1, version_conflicts: 0, noops: 0, retries: { bulk: 0, search: 0 },
    throttled_millis: 0, requests_per_second: -1, throttled_until_millis: 0, failures: [],
  });
  assert.equal(await count('a'), 2000);
  const by = await server.post('/a/_delete_by_query?refresh=true&q=n:17&conflicts=proceed');
  assert.equal(by.body.deleted, 1);
  const many = await server.post('/a/_delete_by_query?refresh=true&max_docs=100&scroll_size=30', { query: { match_all: {} } });
  assert.deepEqual([many.body.total, many.body.deleted, many.body.batches], [100, 100, 4]);
  const sliced = await server.post('/a/_delete_by_query?refresh=true&slices=3&scroll_size=100', { query: { match_all: {} } });
  assert.equal(sliced.body.deleted, 1899);
  assert.equal(sliced.body.slices.length, 3);
  assert.equal(await count('a'), 0);
});

test('an update by query takes up what the mapping has become', async () => {
  await server.put('/u', { mappings: { dynamic: false, properties: { title: { type: 'text' } } } });
  await load('u', 1200, (i) => ({ title: `Title ${i}`, free: i }));
  await server.put('/u/_mapping', { properties: { title: { type: 'text', fields: { raw: { type: 'keyword' } } }, free: { type: 'integer' } } });
  assert.equal(await count('u', { term: { 'title.raw': 'Title 7' } }), 0);
  const { status, body } = await server.post('/u/_update_by_query?refresh=true&scroll_size=500');
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual({ ...body, took: 0 }, {
    took: 0, timed_out: false, total: 1200, updated: 1200, deleted: 0, batches: 3, version_conflicts: 0, noops: 0,
    retries: { bulk: 0, search: 0 }, throttled_millis: 0, requests_per_second: -1, throttled_until_millis: 0, failures: [],
  });
  assert.equal(await count('u', { term: { 'title.raw': 'Title 7' } }), 1);
  assert.equal(await count('u', { range: { free: { lt: 10 } } }), 10);
  assert.equal((await server.get('/u/_doc/d3')).body._version, 2);
  const some = await server.post('/u/_update_by_query?routing=x&conflicts=proceed', { query: { range: { free: { lt: 10 } } } });
  assert.equal(some.body.updated, 10);
});

test('routing stays with a document, and narrows the shards', async () => {
  await server.put('/ro', { settings: { number_of_shards: 4 } });
  for (let i = 0; i < 40; i++) await server.put(`/ro/_doc/${i}?routing=${i % 4}${i === 39 ? '&refresh=true' : ''}`, { n: i });
  assert.equal((await server.post('/ro/_update_by_query?refresh=true')).body.updated, 40);
  assert.equal((await server.get('/ro/_doc/5?routing=1')).body._version, 2);
  const one = await server.post('/ro/_delete_by_query?routing=1&refresh=true', { query: { match_all: {} } });
  assert.ok(one.body.deleted >= 10 && one.body.deleted < 40);
  assert.equal(await count('ro'), 40 - one.body.deleted);
});

test('what changed since it was found is a conflict', async () => {
  await server.put('/c', { settings: { refresh_interval: '-1' } });
  await load('c', 20);
  await server.put('/c/_doc/d3', { n: 3, changed: true }); // not yet to be seen
  await server.delete('/c/_doc/d4');
  for (const verb of ['_update_by_query', '_delete_by_query']) {
    const { status, body } = await server.post(`/c/${verb}`, { query: { terms: { n: [3, 4, 5] } } });
    assert.equal(status, 409, JSON.stringify(body));
    assert.equal(body.version_conflicts, verb === '_update_by_query' ? 2 : 3);
    assert.equal(body.failures.length, body.version_conflicts);
    const changed = body.failures.find((failure) => failure.id === 'd3');
    assert.match(changed.cause.reason, /^\[d3\]: version conflict, required seqNo \[\d+\], primary term \[\d+\]\. current document has seqNo \[\d+\] and primary term \[\d+\]$/);
    const gone = body.failures.find((failure) => failure.id === 'd4');
    assert.match(gone.cause.reason, /but no document was found$/);
  }
  const { status, body } = await server.post('/c/_delete_by_query', { conflicts: 'proceed', query: { range: { n: { lt: 10 } } } });
  assert.equal(status, 200);
  assert.deepEqual([body.total, body.deleted, body.version_conflicts], [10, 7, 3]);
  assert.equal((await server.get('/c/_doc/d3')).body._source.changed, true);
});

test('in the background, slower, faster, cancelled', async () => {
  await load('t', 200);
  for (const verb of ['_update_by_query', '_delete_by_query']) {
    const begin = async (rate) => (await server.post(`/t/${verb}?wait_for_completion=false&scroll_size=20&requests_per_second=${rate}&conflicts=proceed`, { query: { match_all: {} } })).body.task;
    const first = await begin(0.01);
    const cancelled = await server.post(`/_tasks/_cancel?actions=*byquery`);
    assert.ok(Object.values(cancelled.body.nodes)[0].tasks[first]);
    const end = await completed(first);
    assert.equal(end.response.canceled, 'by user request');
    await server.post('/t/_refresh');
    const second = await begin(0.01);
    assert.equal((await server.post(`/${verb}/${second}/_rethrottle?requests_per_second=-1`)).status, 200);
    const done = await completed(second);
    assert.equal(done.response.updated + done.response.deleted + done.response.version_conflicts, done.response.total);
    assert.equal(done.task.action, verb === '_update_by_query' ? 'indices:data/write/update/byquery' : 'indices:data/write/delete/byquery');
    await server.post('/t/_refresh');
  }
  assert.equal(await count('t'), 0);
});

test('a task that somebody waits for is none afterwards; it is shown while it runs', async () => {
  await load('sync', 40);
  const answer = server.post('/sync/_update_by_query?scroll_size=10&requests_per_second=0.001');
  let tasks = {};
  for (let tries = 0; tries < 2000 && !Object.keys(tasks).length; tries++)
    tasks = (await server.get('/_tasks?group_by=parents&actions=*byquery&detailed')).body.tasks;
  const [task] = Object.keys(tasks);
  assert.equal(tasks[task].description, 'update-by-query [sync]');
  await server.post(`/_update_by_query/${task}/_rethrottle?requests_per_second=100000`);
  assert.equal((await answer).body.updated, 40);
  assert.equal((await server.get(`/_tasks/${task}`)).status, 404);
});

test('what cannot be is refused as Elasticsearch words it', async () => {
  await load('e', 1);
  const cases = [
    ['/e/_delete_by_query', {}, 'Validation Failed: 1: query is missing;'],
    ['/e/_delete_by_query', undefined, 'Validation Failed: 1: query is missing;'],
    ['/e/_update_by_query', { script: { source: 'ctx.op = "noop"' } }, '[script] is not supported'],
    ['/e/_update_by_query?pipeline=p', {}, '[pipeline] is not supported'],
    ['/e/_update_by_query?conflicts=moon', {}, 'conflicts may only be "proceed" or "abort" but was [moon]'],
    ['/e/_update_by_query?max_docs=3', { max_docs: 4 }, '[max_docs] set to two different values [3] and [4]'],
    ['/e/_update_by_query?slices=2', { slice: { id: 0, max: 2 } }, "Validation Failed: 1: can't specify both manual and automatic slicing at the same time;"],
    ['/e/_update_by_query?slices=-1', {}, '[slices] must be at least 1 but was [-1]'],
    ['/e/_update_by_query?scroll_size=0', {}, '[size] parameter must be greater than 0, found [0]'],
    ['/e/_update_by_query?requests_per_second=0', {}, '[requests_per_second] must be a float greater than 0. Use -1 to disable throttling.'],
  ];
  for (const [path, body, reason] of cases) {
    const answer = await server.post(path, body);
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.equal(answer.body.error.reason, reason);
  }
  assert.equal((await server.post('/absent/_update_by_query')).status, 404);
  assert.equal((await server.post('/absent*/_delete_by_query', { query: { match_all: {} } })).body.total, 0);
  assert.equal((await server.post('/e/_update_by_query', { query: { moon: {} } })).status, 400);
  assert.equal((await server.post('/e/_update_by_query?moon=1')).status, 400);
  await server.put('/nosource', { mappings: { _source: { enabled: false } } });
  assert.equal((await server.post('/nosource/_update_by_query')).body.error.reason, '[nosource] didn\'t store _source');
});
