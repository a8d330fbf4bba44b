// The story of a rebuild: from one call to a rollback, with what it refuses on the way.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.mjs';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

async function load(name, count, make = (i) => ({ n: i, title: `title ${i}`, tag: String(i % 7) })) {
  const lines = [];
  for (let i = 0; i < count; i++) lines.push({ index: { _id: `d${i}` } }, make(i));
  assert.equal((await server.bulk(`/${name}/_bulk?refresh=true`, lines)).body.errors, false);
}

async function phase(task, wanted) {
  for (let tries = 0; tries < 2000; tries++) {
    const { body } = await server.get(`/_tasks/${task}`);
    if (body.completed || body.task.status.phase === wanted) return body;
    await sleep(10);
  }
  throw new Error(`the task never reached ${wanted}`);
}

const count = async (name) => {
  await server.post(`/${name}/_refresh`);
  return (await server.get(`/${name}/_count`)).body.count;
};
const indices = async () => (await server.get('/_cat/indices?format=json&expand_wildcards=all&h=index')).body.map((row) => row.index).sort();
const named = async (prefix) => (await indices()).filter((name) => name.startsWith(prefix));

test('a plain name becomes an alias, with the old settings, versions and deletes', async () => {
  await server.put('/plain', { settings: { number_of_shards: 2, refresh_interval: '5s' } });
  await load('plain', 300);
  await server.put('/plain/_doc/d5', { n: 5, again: true });
  await server.delete('/plain/_doc/d6');
  await server.put('/plain/_doc/r?routing=x', { n: 1 });
  const { status, body } = await server.post('/plain/_rebuild', {
    mappings: { properties: { n: { type: 'keyword' } } }, settings: { number_of_shards: 3 }, merge: true,
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.index, 'plain-000002');
  assert.equal(body.old_index, 'plain-000001');
  assert.equal(body.documents, 300);
  assert.equal(body.verified, true);
  assert.ok(body.switch_in_millis < 5000);
  assert.equal(await count('plain'), 300);
  assert.deepEqual(Object.keys((await server.get('/_alias/plain')).body), ['plain-000002']);
  const { settings, mappings } = (await server.get('/plain')).body['plain-000002'];
  assert.equal(settings.index.number_of_shards, '3');
  assert.equal(settings.index.refresh_interval, '5s');
  assert.equal(mappings.properties.n.type, 'keyword');
  assert.equal(mappings.properties.title.type, 'text');
  assert.equal((await server.get('/plain/_doc/d5')).body._version, 2);
  assert.equal((await server.get('/plain/_doc/r?routing=x')).body.found, true);
  assert.equal((await server.put('/plain/_doc/d6', { n: 6 })).body._version, 3);
  assert.equal((await server.put('/plain/_doc/d5?version=2&version_type=external', {})).status, 409);
  const refused = await server.put('/plain-000001/_doc/x', {});
  assert.equal(refused.status, 403);
  assert.equal(refused.body.error.type, 'cluster_block_exception');
  assert.equal((await server.get('/pla*/_count')).body.count, 300);
});

test('a token from before the switch is stale after it', async () => {
  const old = (await server.put('/tokens/_doc/1', { a: 1 })).body;
  await server.post('/tokens/_rebuild');
  const path = `/tokens/_doc/1?if_seq_no=${old._seq_no}&if_primary_term=${old._primary_term}`;
  assert.equal((await server.put(path, {})).status, 409);
  const now = (await server.get('/tokens/_doc/1')).body;
  const fresh = `/tokens/_doc/1?if_seq_no=${now._seq_no}&if_primary_term=${now._primary_term}`;
  assert.equal((await server.put(fresh, {})).body._version, 2);
});

test('back and forth, with what was written meanwhile, also over a start', async () => {
  await load('back', 100);
  await server.post('/back/_rebuild', { mappings: { properties: { n: { type: 'keyword' } } } });
  await server.put('/back/_doc/new', { n: 'text' });
  await server.delete('/back/_doc/d1');
  await server.put('/back/_doc/d2', { n: 222 });
  await server.restart();
  const { body } = await server.post('/back/_rollback');
  assert.deepEqual(body, { acknowledged: true, index: 'back-000001', rejected: 1 });
  assert.equal((await server.get('/back/_doc/new')).status, 404); // a text is no long: refused there, and listed
  assert.equal((await server.get('/back/_doc/d1')).status, 404);
  assert.equal((await server.get('/back/_doc/d2')).body._source.n, 222);
  await server.put('/back/_doc/d3', { n: 333 });
  assert.equal((await server.post('/back/_promote')).body.index, 'back-000002');
  assert.equal((await server.get('/back/_doc/d3')).body._source.n, 333);
  assert.equal((await server.post('/back/_promote')).body.index, 'back-000002');
});

test('refused documents make it wait; a word or a cancel ends that', async () => {
  await load('odd', 50, (i) => ({ n: i % 10 ? i : `text ${i}` }));
  await server.put('/odd/_doc/late', { n: 1 });
  const body = { mappings: { properties: { n: { type: 'long' } } } };
  const { task } = (await server.post('/odd/_rebuild?wait_for_completion=false', body)).body;
  assert.equal((await phase(task, 'ready')).task.status.rejected, 5);
  await server.put('/odd/_doc/d10', { n: 10 }); // is none any more
  await server.put('/odd/_doc/late', { n: 'text' }); // is one now
  await server.delete('/odd/_doc/d20');
  const refused = await eventually(async () => {
    const { body: list } = await server.get(`/_tasks/${task}/rejected`);
    assert.deepEqual(list.documents.map(({ id }) => id).sort(), ['d0', 'd30', 'd40', 'late']);
    return list;
  });
  assert.equal(refused.total, 4);
  assert.equal(refused.documents[0].index, 'odd-000002');
  assert.equal(refused.documents[0].cause.type, 'document_parsing_exception');
  assert.equal((await server.get(`/_tasks/${task}/rejected?from=1&size=2`)).body.documents.length, 2);
  const running = (await server.get('/_tasks?actions=*rebuild&detailed')).body;
  assert.equal(Object.values(Object.values(running.nodes)[0].tasks)[0].status.phase, 'ready');
  assert.equal((await server.post('/odd/_rebuild', body)).status, 409);
  await server.post(`/_tasks/${task}/_cancel`);
  assert.equal((await phase(task, 'never')).error.type, 'task_cancelled_exception');
  await eventually(async () => assert.deepEqual(await named('odd'), ['odd']));
  const again = (await server.post('/odd/_rebuild?wait_for_completion=false', body)).body.task;
  await phase(again, 'ready');
  assert.equal((await server.post('/odd/_promote')).body.rejected, 4);
  assert.equal((await phase(again, 'never')).response.rejected, 4);
  assert.equal(await count('odd'), 46);
  const enough = await server.post('/odd/_rebuild', { ...body, max_rejected: 5, keep_old: '0' });
  assert.equal(enough.body.index, 'odd-000003');
  await eventually(async () => assert.deepEqual(await named('odd'), ['odd-000003']));
  await eventually(async () => assert.equal((await server.post('/odd/_rollback')).status, 404)); // its record goes after the index
});

test('transforms on the way', async () => {
  await server.put('/shapes/_doc/1?refresh=true', {
    a: 'x', gone: 1, list: 'a,b,c', many: ['p', 'q'], name: 'UPPER', num: '42', shout: ['ÄPFEL', 'ΟΔΟΣ'], day: '31/12/2023', keep: { in: 1 },
  });
  const { body } = await server.post('/shapes/_rebuild', {
    mappings: {},
    transforms: [
      { rename: { from: 'a', to: 'b.c' } }, { remove: 'gone' }, { set: { field: 'made', value: { by: ['us'] } } },
      { copy: { from: 'keep', to: 'kept' } }, { split: { field: 'list', separator: ',' } },
      { join: { field: 'many', separator: '-' } }, { lowercase: 'name' }, { lowercase: 'shout' }, { convert: { field: 'num', type: 'long' } },
      { date: { field: 'day', formats: ['dd/MM/yyyy'] } }, { rename: { from: 'absent', to: 'nowhere' } },
    ],
  });
  assert.equal(body.verified, true, JSON.stringify(body));
  assert.deepEqual((await server.get('/shapes/_doc/1')).body._source, {
    list: ['a', 'b', 'c'], many: 'p-q', name: 'upper', num: 42, shout: ['äpfel', 'οδος'], day: '2023-12-31T00:00:00.000Z', keep: { in: 1 },
    b: { c: 'x' }, made: { by: ['us'] }, kept: { in: 1 },
  });
});

test('fields that are added meanwhile are in both generations', async () => {
  await server.put('/grow', { mappings: { properties: { n: { type: 'long' }, title: { type: 'text' }, in: { properties: { a: { type: 'long' } } } } } });
  await load('grow', 50, (i) => ({ n: i, title: `Title ${i}` }));
  const mappings = { properties: { n: { type: 'keyword' }, title: { type: 'text' }, price: { type: 'double' } } };
  const { task } = (await server.post('/grow/_rebuild?wait_for_completion=false', { mappings, promote: 'manual' })).body;
  await phase(task, 'ready');
  // what the old one has is the rebuild's business; what it lacks goes to both
  const whole = { properties: {
    n: { type: 'long' }, title: { type: 'text', fields: { raw: { type: 'keyword' } } }, in: { properties: { b: { type: 'date' } } }, code: { type: 'keyword' },
  } };
  assert.equal((await server.put('/grow/_mapping', whole)).status, 200);
  await server.put('/grow/_doc/1', { n: 1, title: 'Title again', code: '007', brought: 5 });
  const refused = await server.put('/grow/_mapping', { properties: { price: { type: 'keyword' } } });
  assert.equal(refused.status, 400);
  assert.match(refused.body.error.reason, /^\[grow\] is being rebuilt by task \[\d+\], whose mapping refuses this: mapper \[price\] cannot be changed from type \[double\] to \[keyword\]$/);
  assert.equal((await server.post('/grow/_promote')).status, 200);
  const { properties } = (await server.get('/grow/_mapping')).body['grow-000002'].mappings;
  assert.deepEqual(properties, {
    n: { type: 'keyword' }, title: { type: 'text', fields: { raw: { type: 'keyword' } } }, price: { type: 'double' },
    in: { properties: { b: { type: 'date' } } }, code: { type: 'keyword' }, brought: { type: 'long' },
  });
  await server.post('/grow/_refresh');
  assert.equal((await server.post('/grow/_count', { query: { term: { 'title.raw': 'Title again' } } })).body.count, 1);
  // and on the way back, as far as the old mapping takes it
  assert.equal((await server.put('/grow/_mapping', { properties: { later: { type: 'keyword' }, n: { type: 'keyword', fields: { x: { type: 'text' } } } } })).status, 200);
  assert.equal((await server.put('/grow/_mapping', { properties: { last: { type: 'ip' } } })).status, 200);
  assert.equal((await server.post('/grow/_rollback')).status, 200);
  const back = (await server.get('/grow/_mapping')).body['grow-000001'].mappings.properties;
  assert.equal(back.n.type, 'long');
  assert.equal(back.last.type, 'ip');
});

test('what a transform cannot do refuses the document', async () => {
  await server.put('/hard/_doc/1?refresh=true', { num: 'many' });
  await server.put('/hard/_doc/2?refresh=true', { num: '2' });
  const transforms = [{ convert: { field: 'num', type: 'long' } }];
  const { task } = (await server.post('/hard/_rebuild?wait_for_completion=false', { transforms, mappings: {} })).body;
  await phase(task, 'ready');
  const { documents } = (await server.get(`/_tasks/${task}/rejected`)).body;
  assert.deepEqual(documents.map(({ id, cause }) => [id, cause.reason]), [['1', 'unable to convert [many] of field [num] to long']]);
  assert.equal((await server.post('/hard/_promote')).status, 200);
  assert.deepEqual((await server.get('/hard/_doc/2')).body._source, { num: 2 });
  assert.equal((await server.get('/hard/_doc/1')).status, 404);
});

test('only what a query lets through, then and later; searches are compared', async () => {
  await load('some', 100);
  const { task } = (await server.post('/some/_rebuild?wait_for_completion=false', {
    query: { term: { 'tag.keyword': '1' } }, promote: 'manual',
    queries: [{ query: { match_all: {} }, sort: [{ n: 'desc' }] }, { query: { nonsense: {} } }],
  })).body;
  const { status } = (await phase(task, 'ready')).task;
  assert.equal(status.copied, 15);
  assert.deepEqual([status.queries[0].old_total, status.queries[0].new_total], [100, 15]);
  assert.deepEqual(status.queries[0].entered.length, status.queries[0].left.length);
  assert.match(status.queries[1].error, /nonsense/);
  await server.put('/some/_doc/d1', { tag: '2' }); // leaves
  await server.put('/some/_doc/d2', { tag: '1' }); // enters
  await server.put('/some/_doc/new', { tag: '1' });
  await server.put('/some/_doc/other', { tag: '3' });
  await server.delete('/some/_doc/d8');
  await server.post('/some/_promote');
  assert.equal(await count('some'), 15);
  for (const [id, found] of Object.entries({ d1: false, d2: true, new: true, other: false, d8: false, d15: true, d3: false }))
    assert.equal((await server.get(`/some/_doc/${id}`)).body.found, found, id);
  assert.equal((await server.post('/some/_rebuild', { query: { range: { n: { gte: 'x' } } } })).status, 400);
});

test('what cannot be begun is said at once', async () => {
  await server.put('/bad/_doc/1', { a: 1 });
  for (const [body, status, reason] of [
    [{ mapings: {} }, 400, /unknown field \[mapings\] did you mean \[mappings\]/],
    [{ mappings: { properties: { a: { type: 'nonsense' } } } }, 400, /nonsense/],
    [{ transforms: [{ turn: 'a' }] }, 400, /unknown transform \[turn\]/],
    [{ transforms: [{ rename: { from: 'a' } }] }, 400, /needs \[to\]/],
    [{ keep_old: 'long' }, 400, /keep_old/],
    [{ promote: 'perhaps' }, 400, /promote/],
    [{ max_rejected: -1 }, 400, /max_rejected/],
    [[], 400, /expected an object/],
  ]) {
    const answer = await server.post('/bad/_rebuild', body);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.body.error.reason, reason);
  }
  assert.equal((await server.post('/nowhere/_rebuild')).status, 404);
  assert.equal((await server.post('/bad/_rollback')).status, 404);
  await server.put('/nosource', { mappings: { _source: { enabled: false } } });
  assert.equal((await server.post('/nosource/_rebuild')).status, 400);
  assert.deepEqual((await indices()).filter((name) => name.startsWith('bad')), ['bad']);
});

test('an index that is deleted on the way ends it; one that leads leaves the other', async () => {
  await load('lost', 200);
  const { task } = (await server.post('/lost/_rebuild?wait_for_completion=false', { promote: 'manual' })).body;
  await phase(task, 'ready');
  await server.delete('/lost');
  assert.equal((await phase(task, 'never')).error.type, 'index_not_found_exception');
  await load('left', 10);
  await server.post('/left/_rebuild');
  await server.delete('/left-000002');
  await eventually(async () => assert.equal((await server.put('/left-000001/_doc/x', {})).status, 201));
  assert.deepEqual((await indices()).filter((name) => /^l[eo]/.test(name)), ['left-000001']);
});

test('auk rebuild tells what changed and goes back', async () => {
  await load('shop', 500);
  const file = join(server.directory, 'new.json');
  writeFileSync(file, JSON.stringify({ properties: { n: { type: 'keyword' } } }));
  const auk = (...args) => spawnSync(process.env.AUK_BINARY, ['rebuild', 'shop', ...args, '--url', server.url], { encoding: 'utf8' });
  const done = auk('--mapping', file, '--merge');
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /^shop is shop-000002 now: 500 documents copied in .+ and verified, writers waited [\d.]+ ms\n/);
  assert.match(done.stdout, /~ n long -> keyword\n/);
  assert.match(done.stdout, /shop-000001 follows until .+; to go back: auk rebuild shop --rollback\n/);
  assert.equal(auk('--rollback').stdout, 'shop is shop-000001 now\n');
  const waits = auk('--manual');
  assert.equal(waits.status, 2, waits.stderr);
  assert.match(waits.stdout, /shop-000003 is ready and follows; it waits for a word/);
  assert.equal(auk('--promote').stdout, 'shop is shop-000003 now\n');
  assert.equal(auk('--mapping', '/nowhere').status, 1);
});
