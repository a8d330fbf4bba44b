// _clone, _shrink, _split: an index once more with another number of shards.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  await server.put('/s', {
    settings: { number_of_shards: 4, refresh_interval: '7s' }, mappings: { properties: { tag: { type: 'keyword' } } }, aliases: { old: {} },
  });
  const lines = [];
  for (let i = 0; i < 1500; i++) lines.push({ index: { _id: `d${i}`, ...(i % 3 === 0 && { routing: `r${i % 4}` }) } }, { n: i, tag: `t${i % 5}` });
  assert.equal((await server.bulk('/s/_bulk', lines)).body.errors, false);
  for (let i = 1; i < 5; i++) await server.put(`/s/_doc/d${i}?routing=${i % 3 ? '' : `r${i % 4}`}`.replace(/\?routing=$/, ''), { n: i, again: true });
  await server.delete('/s/_doc/d7');
});
after(() => server?.stop());

const documents = async (index) => {
  const { body } = await server.post(`/${index}/_search`, { size: 2000, version: true, sort: [{ n: 'asc' }], track_total_hits: true });
  return body.hits.hits.map(({ _id, _routing, _version, _source }) => ({ _id, _routing, _version, _source }));
};
const settings = async (index) => (await server.get(`/${index}/_settings`)).body[index].settings.index;
const completed = async (task) => (await server.get(`/_tasks/${task}?wait_for_completion=true&timeout=60s`)).body;

test('a source that takes writes is refused', async () => {
  const { status, body } = await server.post('/s/_clone/c');
  assert.equal(status, 400);
  assert.deepEqual([body.error.type, body.error.reason], ['illegal_state_exception', 'index s must be read-only to resize index. use "index.blocks.write=true"']);
  assert.equal((await server.put('/s/_block/write')).status, 200);
  assert.equal((await server.post('/s/_clone/fresh')).status, 200); // also what no search has seen yet
  assert.equal((await server.get('/fresh/_count')).body.count, 1499);
});

test('each has the documents with their versions, under its own shards', async () => {
  const wanted = await documents('s');
  assert.equal(wanted.length, 1499);
  const cases = [
    ['/s/_clone/c', undefined, '4'],
    ['/s/_shrink/one', { settings: { 'index.blocks.write': null } }, '1'],
    ['/s/_shrink/two', { settings: { index: { number_of_shards: 2, number_of_replicas: 0 } }, aliases: { both: { filter: { term: { tag: 't1' } } } } }, '2'],
    ['/s/_split/eight', { settings: { 'index.number_of_shards': 8, refresh_interval: '3s' } }, '8'],
  ];
  for (const [path, body, shards] of cases) {
    const name = path.split('/').at(-1);
    const answer = await server.request(shards === '1' ? 'PUT' : 'POST', path, body);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.body, { acknowledged: true, shards_acknowledged: true, index: name });
    assert.deepEqual(await documents(name), wanted, name);
    const made = await settings(name);
    assert.equal(made.number_of_shards, shards);
    assert.equal(made.refresh_interval, name === 'eight' ? '3s' : '7s');
    assert.equal(made.blocks?.write, name === 'one' ? undefined : 'true');
    assert.equal((await server.get(`/${name}/_doc/d3?routing=r3`)).body._version, 2);
    assert.equal((await server.get(`/${name}/_mapping`)).body[name].mappings.properties.tag.type, 'keyword');
  }
  assert.deepEqual(Object.keys((await server.get('/two/_alias')).body.two.aliases), ['both']);
  assert.equal((await server.get('/both/_count')).body.count, 299);
  assert.deepEqual(Object.keys((await server.get('/_alias/old')).body), ['s']);
  // one like any other: written to, refused when it is there, still there after a kill
  assert.equal((await server.put('/one/_doc/new', { n: -1 })).status, 201);
  assert.equal((await server.put('/two/_doc/new', { n: -1 })).status, 403);
  assert.equal((await server.post('/s/_clone/c')).body.error.type, 'resource_already_exists_exception');
  await server.restart('SIGKILL');
  for (const name of ['c', 'two', 'eight']) assert.deepEqual(await documents(name), wanted, name);
});

test('as a task; what is cut off or cancelled leaves nothing', async () => {
  const { body } = await server.post('/s/_split/later?wait_for_completion=false', { settings: { number_of_shards: 8 } });
  const done = await completed(body.task);
  assert.equal(done.task.action, 'indices:admin/resize');
  assert.equal(done.task.description, 'split from [s] to [later]');
  assert.deepEqual(done.response, { acknowledged: true, shards_acknowledged: true, index: 'later' });
  for (const end of ['SIGKILL', 'SIGTERM']) {
    const { task } = (await server.post('/s/_clone/half?wait_for_completion=false')).body;
    await server.restart(end);
    const after = await completed(task);
    const whole = (await server.head('/half')).status === 200;
    assert.equal(after.completed, true);
    if (whole) assert.equal((await documents('half')).length, 1499);
    else assert.equal(after.error.type, 'task_interrupted_exception');
    if (whole) await server.delete('/half');
    assert.equal((await server.get('/_cat/indices?h=index&expand_wildcards=all')).text.includes('half'), false);
  }
  const { task } = (await server.post('/s/_clone/half?wait_for_completion=false')).body;
  await server.post(`/_tasks/${task}/_cancel`);
  const end = await completed(task);
  assert.equal((await server.head('/half')).status, end.error ? 404 : 200);
  if (end.error) assert.equal(end.error.type, 'task_cancelled_exception');
});

test('what cannot be is refused as Elasticsearch words it', async () => {
  const cases = [
    ['/s/_clone/x', { settings: { number_of_shards: 2 } }, 'the number of target shards (2) must be the same as the number of source shards (4)'],
    ['/s/_shrink/x', { settings: { number_of_shards: 3 } }, 'the number of source shards [4] must be a multiple of [3]'],
    ['/s/_shrink/x', { settings: { number_of_shards: 8 } }, 'the number of target shards [8] must be less that the number of source shards [4]'],
    ['/s/_split/x', { settings: { number_of_shards: 6 } }, 'the number of source shards [4] must be a factor of [6]'],
    ['/s/_split/x', { settings: { number_of_shards: 2 } }, 'the number of source shards [4] must be less that the number of target shards [2]'],
    ['/s/_split/x', {}, 'Validation Failed: 1: index.number_of_shards is required for split operations;'],
    ['/s/_clone/x', { mappings: {} }, 'mappings are not allowed when resizing indices, all mappings are copied from the source index'],
    ['/s/_clone/X', {}, 'Invalid index name [X], must be lowercase'],
    ['/s/_clone/x', { setting: {} }, '[resize_request] unknown field [setting] did you mean [settings]?'],
  ];
  for (const [path, body, reason] of cases) {
    const answer = await server.post(path, body);
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.body.error.reason, reason);
  }
  assert.equal((await server.post('/absent/_clone/x')).status, 404);
  assert.equal((await server.head('/x')).status, 404);
});
