// Names and schemas as official clients change them, and the whole story of an index: made through a template, filled,
// rebuilt, searched meanwhile, taken back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachClient } from './each_client.mjs';

forEachClient((it) => {
  const alias = it.name('shop'), first = `${alias}-v1`, template = it.name('shop-template');

  test('the story of an index', async () => {
    const { client } = it;
    await client.cluster.putComponentTemplate({
      name: it.name('words'),
      template: { settings: { analysis: { analyzer: { plain: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'asciifolding'] } } } } },
    });
    await client.indices.putIndexTemplate({
      name: template, index_patterns: [`${alias}-*`], composed_of: [it.name('words')], priority: 200 + it.major,
      template: {
        settings: { number_of_shards: 2 },
        mappings: {
          dynamic_templates: [{ codes: { match: '*_code', match_mapping_type: 'string', mapping: { type: 'keyword' } } }],
          properties: { title: { type: 'text', analyzer: 'plain' }, price: { type: 'integer' } },
        },
        aliases: { [alias]: {}, [`${alias}-cheap`]: { filter: { range: { price: { lt: 100 } } } } },
      },
    });
    const simulated = await client.indices.simulateIndexTemplate({ name: first });
    assert.equal(simulated.template.settings.index.number_of_shards, '2');

    // imported: the first document makes the index
    const datasource = Array.from({ length: 2000 }, (_, n) => ({ n, title: `Café number ${n}`, price: n, item_code: `c${n % 7}` }));
    const imported = await client.helpers.bulk({ datasource, onDocument: ({ n }) => ({ index: { _index: first, _id: String(n) } }), refreshOnCompletion: first });
    assert.deepEqual([imported.successful, imported.failed], [2000, 0]);
    const mapping = (await client.indices.getMapping({ index: alias }))[first].mappings;
    assert.deepEqual([mapping.properties.price.type, mapping.properties.item_code.type], ['integer', 'keyword']);
    assert.equal((await client.count({ index: `${alias}-cheap` })).count, 100);

    // rebuilt with another mapping, searched and written meanwhile
    const { task } = await client.transport.request({
      method: 'POST', path: `/${alias}/_rebuild`, querystring: { wait_for_completion: false },
      body: { merge: true, mappings: { properties: { price: { type: 'double' }, seller: { type: 'keyword' } } }, max_docs_per_second: 5000, promote: 'manual' },
    });
    for (let phase, n = 0; phase !== 'ready'; n++) {
      assert.equal((await client.search({ index: alias, query: { match: { title: 'CAFE' } }, size: 0, track_total_hits: true })).hits.total.value, 2000);
      await client.update({ index: alias, id: String(n % 100), doc: { seen: true } });
      ({ phase } = (await client.tasks.get({ task_id: task })).task.status);
    }
    const { index: second } = await client.transport.request({ method: 'POST', path: `/${alias}/_promote` });
    assert.equal((await client.tasks.get({ task_id: task, wait_for_completion: true })).completed, true);
    const after = (await client.indices.getMapping({ index: alias }))[second].mappings.properties;
    assert.deepEqual([after.price.type, after.seller.type], ['double', 'keyword']);
    await client.indices.refresh({ index: alias });
    assert.equal((await client.count({ index: `${alias}-cheap` })).count, 100); // the filter moved along
    await client.index({ index: alias, id: 'half', document: { title: 'Half', price: 0.5 }, refresh: true });
    assert.equal((await client.count({ index: `${alias}-cheap` })).count, 101);

    // and back, with what was written since
    const { index: third } = await client.transport.request({ method: 'POST', path: `/${alias}/_rollback` });
    assert.notEqual(third, second);
    assert.equal((await client.get({ index: alias, id: 'half' })).found, true);
    assert.equal((await client.indices.getMapping({ index: alias }))[third].mappings.properties.price.type, 'integer');
    await client.indices.deleteIndexTemplate({ name: template });
    assert.equal(await client.indices.existsIndexTemplate({ name: template }), false);
  });

  test('templates of every kind', async () => {
    const { client } = it;
    const name = it.name('every'), component = it.name('part');
    await client.cluster.putComponentTemplate({ name: component, template: { settings: { number_of_replicas: 1 } }, version: 2 });
    assert.equal(await client.cluster.existsComponentTemplate({ name: component }), true);
    assert.equal((await client.cluster.getComponentTemplate({ name: component })).component_templates[0].component_template.version, 2);
    await client.indices.putIndexTemplate({ name, index_patterns: [`${name}-*`], composed_of: [component], priority: it.major });
    const [found] = (await client.indices.getIndexTemplate({ name: `${name}*` })).index_templates;
    assert.deepEqual([found.name, found.index_template.composed_of], [name, [component]]);
    assert.equal((await client.indices.simulateTemplate({ name })).template.settings.index.number_of_replicas, '1');
    await assert.rejects(client.indices.putIndexTemplate({ name, index_patterns: ['x'], create: true }), (error) => error.statusCode === 400);
    await assert.rejects(client.cluster.deleteComponentTemplate({ name: component }), (error) => error.meta.body.error.type === 'illegal_argument_exception');
    await client.indices.deleteIndexTemplate({ name });
    await client.cluster.deleteComponentTemplate({ name: component });
    await assert.rejects(client.indices.getIndexTemplate({ name }), (error) => error.statusCode === 404);
    await client.indices.putTemplate({ name, index_patterns: [`${name}-*`], order: 1, settings: { number_of_shards: 2 } });
    assert.equal(await client.indices.existsTemplate({ name }), true);
    assert.equal((await client.indices.getTemplate({ name }))[name].order, 1);
    await client.indices.create({ index: `${name}-1` });
    assert.equal((await client.indices.getSettings({ index: `${name}-1` }))[`${name}-1`].settings.index.number_of_shards, '2');
    await client.indices.deleteTemplate({ name });
    assert.equal(typeof (await client.cat.templates({ format: 'json' })).length, 'number');
  });

  test('states, blocks and names', async () => {
    const { client } = it;
    const index = it.name('state');
    await client.indices.create({ index, aliases: { [`${index}-alias`]: {} } });
    assert.deepEqual((await client.indices.close({ index })).indices, { [index]: { closed: true } });
    await assert.rejects(client.search({ index }), (error) => error.meta.body.error.type === 'index_closed_exception');
    await client.indices.putSettings({ index, settings: { analysis: { analyzer: { other: { tokenizer: 'whitespace' } } } } });
    assert.equal((await client.indices.open({ index })).acknowledged, true);
    assert.equal((await client.indices.analyze({ index, analyzer: 'other', text: 'a b' })).tokens.length, 2);
    assert.deepEqual((await client.indices.addBlock({ index, block: 'write' })).indices, [{ name: index, blocked: true }]);
    await assert.rejects(client.index({ index, document: {} }), (error) => error.statusCode === 403);
    await client.indices.putSettings({ index, settings: { 'index.blocks.write': null } });
    await client.index({ index, document: {} });
    const resolved = await client.indices.resolveIndex({ name: `${index}*` });
    assert.deepEqual([resolved.indices[0].name, resolved.aliases[0].name], [index, `${index}-alias`]);
    const dated = `<${index}-{2024-05-15||/M{yyyy.MM}}>`;
    await client.indices.create({ index: dated });
    assert.equal(await client.indices.exists({ index: `${index}-2024.05` }), true);
    assert.equal((await client.index({ index: dated, document: {} }))._index, `${index}-2024.05`);
    const field = await client.indices.getFieldMapping({ index, fields: '*' });
    assert.deepEqual(field, { [index]: { mappings: {} } });
  });
});
