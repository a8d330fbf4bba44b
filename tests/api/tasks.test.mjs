import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  for (let i = 0; i < 4; i++) {
    await server.put(`/a/_doc/${i}?refresh=true`, { i });
    await server.post('/a/_flush');
  }
});
after(() => server?.stop());

const completed = async (task) => (await server.get(`/_tasks/${task}?wait_for_completion=true&timeout=20s`)).body;

test('a merge that nobody waits for is a task with an answer', async () => {
  const { status, body } = await server.post('/a/_forcemerge?max_num_segments=1&wait_for_completion=false');
  assert.equal(status, 200);
  assert.match(body.task, /^[\w-]+:\d+$/);
  const done = await completed(body.task);
  assert.equal(done.completed, true);
  assert.equal(done.task.action, 'indices:admin/forcemerge');
  assert.equal(done.task.description, 'Force-merge indices [a], maxSegments[1], onlyExpungeDeletes[false], flush[true]');
  assert.equal(`${done.task.node}:${done.task.id}`, body.task);
  assert.equal(done.task.cancellable, false);
  assert.deepEqual(done.response, { _shards: { total: 1, successful: 1, failed: 0 } });
  assert.equal((await server.get('/_cat/segments/a?format=json')).body?.length ?? 1, 1);
});

test('its answer is there after a restart, and numbers go on', async () => {
  const { body } = await server.post('/a/_forcemerge?wait_for_completion=false');
  await completed(body.task);
  await server.restart();
  const again = await completed(body.task);
  assert.equal(again.completed, true);
  assert.ok(again.response._shards.total === 1);
  const next = await server.post('/a/_forcemerge?wait_for_completion=false');
  assert.ok(Number(next.body.task.split(':')[1]) > Number(body.task.split(':')[1]));
  await completed(next.body.task);
});

test('lists are empty when nothing runs, in each form', async () => {
  assert.deepEqual((await server.get('/_tasks')).body, { nodes: {} });
  assert.deepEqual((await server.get('/_tasks?group_by=parents&detailed')).body, { tasks: {} });
  assert.deepEqual((await server.get('/_tasks?group_by=none&actions=*reindex')).body, { tasks: [] });
  assert.equal((await server.get('/_tasks?group_by=moon')).status, 400);
  assert.deepEqual((await server.post('/_tasks/_cancel?actions=*')).body, { nodes: {} });
});

test('what is none is said', async () => {
  const node = Object.keys((await server.get('/_nodes')).body.nodes)[0];
  const lost = await server.get(`/_tasks/${node}:999999`);
  assert.equal(lost.status, 404);
  assert.equal(lost.body.error.type, 'resource_not_found_exception');
  assert.equal(lost.body.error.reason, `task [${node}:999999] isn't running and hasn't stored its results`);
  assert.equal((await server.get('/_tasks/nonsense')).status, 400);
  assert.equal((await server.get('/_tasks/other:1')).status, 404);
  assert.equal((await server.post(`/_tasks/${node}:999999/_cancel`)).status, 404);
});
