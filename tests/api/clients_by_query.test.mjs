// Copies and changes by query, rollover and resizes as official clients speak them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachClient } from './each_client.mjs';

forEachClient((it) => {
  const load = async (index, count) => {
    const datasource = Array.from({ length: count }, (_, n) => ({ n, tag: `t${n % 5}` }));
    await it.client.helpers.bulk({ datasource, onDocument: ({ n }) => ({ index: { _index: index, _id: String(n) } }), refreshOnCompletion: index });
  };

  test('a reindex, awaited and in the background', async () => {
    const { client } = it, index = it.name('source'), copy = it.name('copy');
    await load(index, 500);
    const done = await client.reindex({
      source: { index, query: { term: { 'tag.keyword': 't1' } }, size: 40 }, dest: { index: copy, op_type: 'create' }, refresh: true, slices: 'auto', conflicts: 'proceed',
    });
    assert.deepEqual([done.total, done.created, done.version_conflicts, done.failures], [100, 100, 0, []]);
    await assert.rejects(client.reindex({ source: { index }, dest: { index: copy, op_type: 'create' } }), (error) => error.statusCode === 409 && error.body.version_conflicts === 100);
    const { task } = await client.reindex({ source: { index, size: 50 }, dest: { index: it.name('slow') }, wait_for_completion: false, requests_per_second: 1 });
    await client.reindexRethrottle({ task_id: task, requests_per_second: -1 });
    const end = await client.tasks.get({ task_id: task, wait_for_completion: true, timeout: '60s' });
    assert.equal(end.response.created, 500);
  });

  test('updates and deletes by query', async () => {
    const { client } = it, index = it.name('by-query');
    await load(index, 300);
    await client.indices.putMapping({ index, properties: { n: { type: 'long', fields: { word: { type: 'keyword' } } } } });
    assert.equal((await client.updateByQuery({ index, refresh: true })).updated, 300);
    assert.equal((await client.count({ index, query: { term: { 'n.word': '7' } } })).count, 1);
    assert.equal((await client.deleteByQuery({ index, refresh: true, query: { range: { n: { lt: 100 } } }, conflicts: 'proceed' })).deleted, 100);
    const slow = await client.updateByQuery({ index, refresh: true, scroll_size: 50, requests_per_second: 1, wait_for_completion: false });
    await client.updateByQueryRethrottle({ task_id: slow.task, requests_per_second: 100000 });
    assert.equal((await client.tasks.get({ task_id: slow.task, wait_for_completion: true, timeout: '60s' })).response.updated, 200);
    const gone = await client.deleteByQuery({ index, query: { match_all: {} }, scroll_size: 10, requests_per_second: 0.01, wait_for_completion: false });
    await client.tasks.cancel({ task_id: gone.task });
    const end = await client.tasks.get({ task_id: gone.task, wait_for_completion: true, timeout: '60s' });
    assert.equal(end.response.canceled, 'by user request');
  });

  test('a rollover, a shrink, a clone', async () => {
    const { client } = it, alias = it.name('roll'), first = `${alias}-000001`;
    await client.indices.create({ index: first, settings: { number_of_shards: 2 }, aliases: { [alias]: { is_write_index: true } } });
    await load(alias, 20);
    const early = await client.indices.rollover({ alias, conditions: { max_docs: 100 } });
    assert.deepEqual([early.rolled_over, early.conditions], [false, { '[max_docs: 100]': false }]);
    const done = await client.indices.rollover({ alias, conditions: { max_docs: 20 } });
    assert.deepEqual([done.rolled_over, done.old_index, done.new_index], [true, first, `${alias}-000002`]);
    await client.indices.addBlock({ index: first, block: 'write' });
    assert.equal((await client.indices.shrink({ index: first, target: `${alias}-small` })).acknowledged, true);
    assert.equal((await client.indices.clone({ index: first, target: `${alias}-twin` })).index, `${alias}-twin`);
    assert.equal((await client.indices.split({ index: first, target: `${alias}-wide`, settings: { number_of_shards: 4 } })).acknowledged, true);
    for (const index of [`${alias}-small`, `${alias}-twin`, `${alias}-wide`]) assert.equal((await client.count({ index })).count, 20);
  });
});
