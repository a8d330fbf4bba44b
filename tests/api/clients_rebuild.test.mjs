// The story of a rebuild as official clients tell it: create, import, rebuild, search during it, roll back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachClient } from './each_client.mjs';

forEachClient((it) => {
  const index = it.name('story');

  test('an index is rebuilt, searched meanwhile, and taken back', async () => {
    const { client } = it;
    await client.indices.create({ index, mappings: { properties: { n: { type: 'integer' } } } });
    const datasource = Array.from({ length: 2000 }, (_, n) => ({ n, title: `title ${n}` }));
    const imported = await client.helpers.bulk({ datasource, onDocument: ({ n }) => ({ index: { _index: index, _id: String(n) } }), refreshOnCompletion: index });
    assert.equal(imported.successful, 2000);
    const { task } = await client.transport.request({
      method: 'POST', path: `/${index}/_rebuild`, querystring: { wait_for_completion: false },
      body: { mappings: { properties: { n: { type: 'keyword' } } }, max_docs_per_second: 5000, promote: 'manual' },
    });
    const running = await client.tasks.list({ actions: '*rebuild', detailed: true });
    const tasks = Object.values(Object.values(running.nodes)[0].tasks);
    assert.deepEqual(tasks.map(({ node, id, cancellable }) => [`${node}:${id}`, cancellable]), [[task, true]]);
    for (let phase; phase !== 'ready'; ) {
      assert.equal((await client.count({ index })).count, 2000);
      await client.index({ index, id: '7', document: { n: 7, again: true } });
      phase = (await client.tasks.get({ task_id: task })).task.status.phase;
    }
    const promoted = await client.transport.request({ method: 'POST', path: `/${index}/_promote` });
    assert.equal(promoted.index, `${index}-000002`);
    const done = await client.tasks.get({ task_id: task, wait_for_completion: true, timeout: '10s' });
    assert.equal(done.completed, true);
    assert.equal(done.response.documents, 2000);
    assert.equal((await client.indices.getAlias({ name: index }))[`${index}-000002`].aliases[index] !== undefined, true);
    assert.equal((await client.get({ index, id: '7' }))._source.again, true);
    await client.index({ index, id: 'later', document: { n: 1 } });
    const back = await client.transport.request({ method: 'POST', path: `/${index}/_rollback` });
    assert.equal(back.index, `${index}-000001`);
    assert.equal((await client.get({ index, id: 'later' })).found, true);
  });

  test('one that is cancelled leaves nothing behind', async () => {
    const { client } = it;
    const name = it.name('given-up');
    await client.index({ index: name, id: '1', document: { a: 1 }, refresh: true });
    const { task } = await client.transport.request({
      method: 'POST', path: `/${name}/_rebuild`, querystring: { wait_for_completion: false }, body: { promote: 'manual' },
    });
    const cancelled = await client.tasks.cancel({ task_id: task });
    assert.equal(Object.keys(Object.values(cancelled.nodes)[0].tasks)[0], task);
    const done = await client.tasks.get({ task_id: task, wait_for_completion: true });
    assert.equal(done.error.type, 'task_cancelled_exception');
    await client.index({ index: name, id: '2', document: { a: 2 }, refresh: true });
    assert.equal((await client.count({ index: name })).count, 2);
    await assert.rejects(client.tasks.cancel({ task_id: task }), (error) => error.statusCode === 404);
  });
});
