import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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

const begin = async (rate) =>
  (await server.post(`/_reindex?wait_for_completion=false&requests_per_second=${rate}`, { source: { index: 'a', size: 1 }, dest: { index: 'b' } })).body.task;

test('a list waits for those that it names', async () => {
  const task = await begin(0.001);
  const early = (await server.get('/_tasks?actions=*reindex&group_by=none&wait_for_completion=true&timeout=10ms')).body.tasks;
  assert.equal(early.length, 1);
  const waited = server.get('/_tasks?actions=*reindex&group_by=none&wait_for_completion=true&timeout=60s');
  await server.post(`/_reindex/${task}/_rethrottle?requests_per_second=-1`);
  assert.deepEqual((await waited).body.tasks, []);
  assert.equal((await server.get('/_tasks?actions=*reindex&wait_for_completion=true')).status, 200);
});

test('auk tasks lists, shows and cancels', async () => {
  const auk = (...args) => spawnSync(process.env.AUK_BINARY, ['tasks', ...args, '--url', server.url], { encoding: 'utf8' });
  assert.equal(auk().stdout, 'no tasks\n');
  const task = await begin(0.001);
  const listed = auk('list', '--actions', '*reindex').stdout.split('\n');
  assert.match(listed[0], /^task +running +progress +what$/);
  assert.ok(listed[1].startsWith(task), listed[1]);
  assert.match(listed[1], /\d of 4.*reindex from \[a\] to \[b\]$/);
  const shown = auk('show', task);
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, /^reindex from \[a\] to \[b\]\nindices:data\/write\/reindex, begun .*, runs for /);
  assert.match(shown.stdout, /requests_per_second +0\.001\n/);
  assert.match(auk('cancel', task).stdout, /ends as soon as it can/);
  await completed(task);
  assert.match(auk('show', task).stdout, /, cancelled for /);
  for (const args of [['moon'], ['show'], ['list', 'x'], ['show', 'x:1']]) assert.equal(auk(...args).status, 1);
  assert.match(auk('--help').stdout, /auk tasks/);
});
