// _reindex: one index into another, and what it says of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

async function load(name, count, make = (i) => ({ n: i, tag: `t${i % 5}`, in: { deep: i, other: -i } }), routing) {
  const lines = [];
  for (let i = 0; i < count; i++) lines.push({ index: { _id: `d${i}`, ...(routing && { routing: routing(i) }) } }, make(i));
  assert.equal((await server.bulk(`/${name}/_bulk?refresh=true`, lines)).body.errors, false);
}
const reindex = (body, parameters = '') => server.post(`/_reindex?refresh=true${parameters}`, body);
const count = async (name, query) => (await server.post(`/${name}/_count`, query && { query })).body.count;
const completed = async (task) => (await server.get(`/_tasks/${task}?wait_for_completion=true&timeout=60s`)).body;

test('an index into another, with the answer of Elasticsearch', async () => {
  await server.put('/a', { settings: { number_of_shards: 3 } });
  await load('a', 2500);
  await server.put('/b', { settings: { number_of_shards: 2 }, mappings: { properties: { tag: { type: 'keyword' } } } });
  const { status, body } = await reindex({ source: { index: 'a' }, dest: { index: 'b' } });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(typeof body.took, 'number');
  assert.deepEqual({ ...body, took: 0 }, {
    took: 0, timed_out: false, total: 2500, updated: 0, created: 2500, deleted: 0, batches: 3, version_conflicts: 0, noops: 0,
    retries: { bulk: 0, search: 0 }, throttled_millis: 0, requests_per_second: -1, throttled_until_millis: 0, failures: [],
  });
  assert.match(JSON.stringify(body), /"total":2500,"updated":0,"created":2500,"deleted":0,"batches":3,"version_conflicts":0,"noops":0,"retries":\{"bulk":0,"search":0\}/);
  assert.equal(await count('b'), 2500);
  assert.equal(await count('b', { term: { tag: 't3' } }), 500);
  assert.deepEqual((await server.get('/b/_doc/d7')).body._source, { n: 7, tag: 't2', in: { deep: 7, other: -7 } });
  const again = await reindex({ source: { index: ['a'] }, dest: { index: 'b' } });
  assert.equal(again.body.updated, 2500);
  assert.equal((await server.get('/b/_doc/d7')).body._version, 2);
});

test('lists, wildcards, aliases with a filter, a query', async () => {
  await load('m1', 10);
  await load('m2', 20, (i) => ({ n: i + 100 }));
  await server.post('/_aliases', { actions: [{ add: { index: 'm1', alias: 'few', filter: { range: { n: { lt: 4 } } } } }] });
  assert.equal((await reindex({ source: { index: 'm*' }, dest: { index: 'all' } })).body.total, 30);
  assert.equal(await count('all'), 20); // the same ids
  assert.equal((await reindex({ source: { index: ['m1', 'm2'] }, dest: { index: 'all2' } })).body.total, 30);
  const some = await reindex({ source: { index: 'few', query: { range: { n: { gte: 2 } } } }, dest: { index: 'some' } });
  assert.equal(some.body.created, 2);
  assert.equal(await count('some'), 2);
});

test('max_docs, in the order of a sort; batches of a size', async () => {
  await load('s', 100);
  const { body } = await reindex({ max_docs: 10, source: { index: 's', size: 4, sort: { n: 'desc' } }, dest: { index: 's10' } });
  assert.equal(body.total, 10);
  assert.equal(body.created, 10);
  assert.equal(body.batches, 3);
  assert.equal(await count('s10', { range: { n: { gte: 90 } } }), 10);
  const plain = await reindex({ max_docs: 7, source: { index: 's' }, dest: { index: 's7' } }, '&slices=5');
  assert.equal(plain.body.created, 7);
  const whole = await reindex({ source: { index: 's', size: 7, sort: [{ n: 'asc' }] }, dest: { index: 'sall' } });
  assert.equal(whole.body.created, 100);
  assert.equal(whole.body.batches, 15);
});

test('op_type create and external versions meet what is there', async () => {
  await load('v', 10);
  for (let i = 0; i < 5; i++) await server.put(`/v/_doc/d${i}?refresh=true`, { n: i, again: true });
  await reindex({ source: { index: 'v', query: { range: { n: { lt: 3 } } } }, dest: { index: 'vd', version_type: 'external' } });
  assert.equal((await server.get('/vd/_doc/d1')).body._version, 2);
  const abort = await reindex({ source: { index: 'v' }, dest: { index: 'vd', op_type: 'create' } });
  assert.equal(abort.status, 409);
  assert.equal(abort.body.version_conflicts, 3);
  assert.equal(abort.body.created, 7);
  assert.equal(abort.body.failures.length, 3);
  const [failure] = abort.body.failures;
  assert.equal(failure.index, 'vd');
  assert.equal(failure.status, 409);
  assert.equal(failure.cause.type, 'version_conflict_engine_exception');
  assert.match(failure.cause.reason, /^\[d\d\]: version conflict, document already exists \(current version \[2\]\)$/);
  const proceed = await reindex({ conflicts: 'proceed', source: { index: 'v' }, dest: { index: 'vd', op_type: 'create' } });
  assert.equal(proceed.status, 200);
  assert.equal(proceed.body.version_conflicts, 10);
  assert.deepEqual(proceed.body.failures, []);
  for (const [type, conflicts, updated] of [['external', 8, 2], ['external_gte', 0, 10], ['external_gt', 10, 0], ['internal', 0, 10]]) {
    const { body } = await reindex({ conflicts: 'proceed', source: { index: 'v' }, dest: { index: 'vd', version_type: type } });
    assert.deepEqual([body.version_conflicts, body.updated, body.created], [conflicts, updated, 0], type);
  }
});

test('routing is kept, discarded or set', async () => {
  await load('r', 20, undefined, (i) => `k${i % 3}`);
  await server.put('/rk', { settings: { number_of_shards: 5 } });
  for (const [routing, wanted] of [[undefined, 'k1'], ['keep', 'k1'], ['=cat', 'cat'], ['discard', undefined]]) {
    await server.post('/rk/_delete_by_query?refresh=true', { query: { match_all: {} } });
    const { body } = await reindex({ source: { index: 'r' }, dest: { index: 'rk', routing } });
    assert.equal(body.created, 20, JSON.stringify(body));
    const { hits } = (await server.post('/rk/_search', { query: { ids: { values: ['d1'] } } })).body.hits;
    assert.equal(hits[0]._routing, wanted);
    assert.equal((await server.get(`/rk/_doc/d1${wanted ? `?routing=${wanted}` : ''}`)).body.found, true);
  }
});

test('only fields of the source, and transforms on the way', async () => {
  await load('f', 3);
  await reindex({ source: { index: 'f', _source: ['n', 'in.deep'] }, dest: { index: 'f1' } });
  assert.deepEqual((await server.get('/f1/_doc/d2')).body._source, { n: 2, in: { deep: 2 } });
  await reindex({ source: { index: 'f', _source: { excludes: ['in'] } }, dest: { index: 'f2' } });
  assert.deepEqual((await server.get('/f2/_doc/d2')).body._source, { n: 2, tag: 't2' });
  const { body } = await reindex({
    source: { index: 'f' }, dest: { index: 'f3' }, transforms: [{ rename: { from: 'tag', to: 'label' } }, { remove: 'in' }],
  });
  assert.equal(body.created, 3, JSON.stringify(body));
  assert.deepEqual((await server.get('/f3/_doc/d2')).body._source, { n: 2, label: 't2' });
});

test('a document that the destination refuses ends it, and is named', async () => {
  await server.put('/strict', { mappings: { properties: { x: { type: 'integer' } } } });
  await server.put('/texts', { mappings: { properties: { x: { type: 'keyword' } } } });
  await server.bulk('/texts/_bulk?refresh=true', [{ index: { _id: '1' } }, { x: 'text' }, { index: { _id: '2' } }, { x: '5' }]);
  const { status, body } = await reindex({ source: { index: 'texts' }, dest: { index: 'strict' } });
  assert.equal(status, 400);
  assert.equal(body.created, 1);
  assert.equal(body.failures.length, 1);
  assert.equal(body.failures[0].id, '1');
  assert.equal(body.failures[0].cause.type, 'document_parsing_exception');
});

test('in slices: automatic ones share the work, manual ones have their part', async () => {
  await server.put('/w', { settings: { number_of_shards: 4 } });
  await load('w', 1000);
  const { body } = await reindex({ source: { index: 'w', size: 50 }, dest: { index: 'w4' } }, '&slices=auto');
  assert.equal(body.created, 1000);
  assert.equal(body.slices.length, 4);
  assert.deepEqual(body.slices.map((slice) => slice.slice_id), [0, 1, 2, 3]);
  assert.equal(body.slices.reduce((sum, slice) => sum + slice.created, 0), 1000);
  assert.equal(await count('w4'), 1000);
  let total = 0;
  for (const id of [0, 1, 2]) {
    const part = (await reindex({ source: { index: 'w', slice: { id, max: 3 } }, dest: { index: 'w3' } })).body;
    assert.ok(part.created > 200, String(part.created));
    assert.equal(part.total, part.created);
    total += part.created;
  }
  assert.equal(total, 1000);
  assert.equal(await count('w3'), 1000);
});

test('in the background: a task with progress, a pace that changes, and an end', async () => {
  await load('t', 60);
  const { body } = await server.post('/_reindex?wait_for_completion=false&requests_per_second=5', { source: { index: 't', size: 10 }, dest: { index: 't2' } });
  assert.match(body.task, /^[\w-]+:\d+$/);
  const listed = (await server.get('/_tasks?actions=*reindex&detailed')).body.nodes;
  const [node] = Object.values(listed);
  const shown = node.tasks[body.task];
  assert.equal(shown.action, 'indices:data/write/reindex');
  assert.equal(shown.description, 'reindex from [t] to [t2]');
  assert.equal(shown.cancellable, true);
  assert.equal(shown.status.total, 60);
  assert.equal(shown.status.requests_per_second, 5);
  const faster = await server.post(`/_reindex/${body.task}/_rethrottle?requests_per_second=-1`);
  assert.equal(faster.status, 200);
  assert.equal(Object.values(faster.body.nodes)[0].tasks[body.task].action, 'indices:data/write/reindex');
  const done = await completed(body.task);
  assert.equal(done.completed, true);
  assert.equal(done.response.created, 60);
  assert.equal(done.response.requests_per_second, -1);
  assert.ok(done.response.throttled_millis >= 0);
  assert.equal((await server.post(`/_reindex/${body.task}/_rethrottle?requests_per_second=1`)).status, 404);
});

test('cancel takes effect while it waits for its pace', async () => {
  await load('c', 100);
  const { task } = (await server.post('/_reindex?wait_for_completion=false&requests_per_second=0.001', { source: { index: 'c', size: 10 }, dest: { index: 'c2' } })).body;
  assert.equal((await server.post(`/_tasks/${task}/_cancel`)).status, 200);
  const done = await completed(task);
  assert.equal(done.completed, true);
  assert.equal(done.task.cancelled, true);
  assert.equal(done.response.canceled, 'by user request');
  assert.ok(done.response.created <= 10);
});

test('one that a restart interrupts says so, and how far it was', async () => {
  await load('k', 100);
  const begin = async () => (await server.post('/_reindex?wait_for_completion=false&requests_per_second=0.001', { source: { index: 'k', size: 10 }, dest: { index: 'k2' } })).body.task;
  const killed = await begin();
  for (let tries = 0; tries < 500; tries++)
    if ((await server.get(`/_tasks/${killed}`)).body.task.status?.created === 10) break;
  await server.restart('SIGKILL');
  const after = await completed(killed);
  assert.equal(after.completed, true);
  assert.equal(after.error.type, 'task_interrupted_exception');
  assert.equal(after.task.action, 'indices:data/write/reindex');
  const stopped = await begin();
  for (let tries = 0; tries < 500; tries++)
    if ((await server.get(`/_tasks/${stopped}`)).body.task.status?.updated === 10) break;
  await server.restart();
  const end = await completed(stopped);
  assert.equal(end.error.type, 'task_interrupted_exception');
  assert.equal(end.task.status.updated, 10);
  assert.equal(end.task.status.total, 100);
});

test('what cannot be is refused as Elasticsearch words it', async () => {
  const cases = [
    [{ dest: { index: 'x' } }, 'action_request_validation_exception', 'Validation Failed: 1: use _all if you really want to copy from all existing indexes;'],
    [{ source: { index: 'a' } }, 'action_request_validation_exception', 'Validation Failed: 1: index must be specified;'],
    [{ source: { index: 'a' }, dest: { index: 'a' } }, 'action_request_validation_exception', 'Validation Failed: 1: reindex cannot write into an index its reading from [a];'],
    [{ source: { index: 'few' }, dest: { index: 'few' } }, 'action_request_validation_exception', 'Validation Failed: 1: reindex cannot write into an index its reading from [few];'],
    [{ source: { index: 'a' }, dest: { index: 'x', routing: 'moon' } }, 'action_request_validation_exception', 'Validation Failed: 1: routing must be unset, [keep], [discard] or [=<some new value>];'],
    [{ source: { index: 'a' }, dest: { index: 'x', version_type: 'moon' } }, 'illegal_argument_exception', 'No version type match [moon]'],
    [{ source: { index: 'a' }, dest: { index: 'x', op_type: 'moon' } }, 'illegal_argument_exception', "opType must be 'create' or 'index', found: [moon]"],
    [{ source: { index: 'a' }, dest: { index: 'x' }, conflicts: 'moon' }, 'illegal_argument_exception', 'conflicts may only be "proceed" or "abort" but was [moon]'],
    [{ source: { index: 'a' }, dest: { index: 'x' }, script: { source: '1' } }, 'illegal_argument_exception', '[script] is not supported'],
    [{ source: { index: 'a' }, dest: { index: 'x', pipeline: 'p' } }, 'illegal_argument_exception', '[pipeline] is not supported'],
    [{ source: { index: 'a' }, dest: { index: 'x' }, max_docs: -4 }, 'illegal_argument_exception', '[max_docs] parameter cannot be negative, found [-4]'],
    [{ source: { index: 'a' }, dest: { index: 'x' }, conflict: 'proceed' }, 'x_content_parse_exception', '[reindex] unknown field [conflict] did you mean [conflicts]?'],
    [{ source: { index: 'a', querry: {} }, dest: { index: 'x' } }, 'x_content_parse_exception', '[source] unknown field [querry] did you mean [query]?'],
  ];
  for (const [body, type, reason] of cases) {
    const answer = await server.post('/_reindex', body);
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.deepEqual([answer.body.error.type, answer.body.error.reason], [type, reason]);
  }
  assert.equal((await reindex({ source: { index: 'absent' }, dest: { index: 'x' } })).status, 404);
  assert.equal((await reindex({ source: { index: 'a' }, dest: { index: 'x' } }, '&slices=0')).status, 400);
  assert.equal((await reindex({ source: { index: 'a' }, dest: { index: 'x' } }, '&requests_per_second=0')).status, 400);
  assert.equal((await reindex({ source: { index: 'a' }, dest: { index: 'x' } }, '&require_alias=true')).status, 404);
  assert.equal((await server.head('/x')).status, 404);
});
