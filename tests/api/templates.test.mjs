import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const mappingOf = async (index) => (await server.get(`/${index}/_mapping`)).body[index].mappings;
const settingsOf = async (index) => (await server.get(`/${index}/_settings`)).body[index].settings.index;
const aliasesOf = async (index) => (await server.get(`/${index}/_alias`)).body[index].aliases;
const ok = ({ status, text }) => assert.equal(status, 200, text);

test('a component and an index template are put, shown and removed', async () => {
  ok(await server.put('/_component_template/base', {
    template: { settings: { number_of_shards: 2, 'index.refresh_interval': '5s' }, mappings: { properties: { at: { type: 'date' } } } },
    version: 3, _meta: { by: 'us' },
  }));
  ok(await server.put('/_index_template/logs', {
    index_patterns: ['logs-*'], composed_of: ['base'], priority: 10, version: 1, _meta: { why: 'test' },
    template: { settings: { index: { number_of_shards: 3 } }, aliases: { 'all-logs': { routing: 'r', filter: { term: { level: 'error' } } } } },
  }));
  const { body } = await server.get('/_index_template/logs');
  assert.deepEqual(body, {
    index_templates: [{
      name: 'logs',
      index_template: {
        index_patterns: ['logs-*'], composed_of: ['base'], priority: 10, version: 1, _meta: { why: 'test' },
        template: {
          settings: { index: { number_of_shards: '3' } },
          aliases: { 'all-logs': { filter: { term: { level: 'error' } }, index_routing: 'r', search_routing: 'r' } },
        },
      },
    }],
  });
  assert.deepEqual((await server.get('/_component_template/base?flat_settings=true')).body, {
    component_templates: [{
      name: 'base',
      component_template: {
        template: { settings: { 'index.number_of_shards': '2', 'index.refresh_interval': '5s' }, mappings: { properties: { at: { type: 'date' } } } },
        version: 3, _meta: { by: 'us' },
      },
    }],
  });
  for (const kind of ['_index_template/logs', '_component_template/base']) assert.equal((await server.head(`/${kind}`)).status, 200);
  assert.equal((await server.head('/_index_template/none')).status, 404);
  const used = await server.delete('/_component_template/base');
  assert.equal(used.status, 400);
  assert.equal(used.body.error.reason, 'component templates [base] cannot be removed as they are still in use by index templates [logs]');
});

test('an index made by name, by a document, by a bulk gets it all', async () => {
  ok(await server.put('/logs-1', { settings: { refresh_interval: '9s' }, mappings: { properties: { level: { type: 'keyword' } } } }));
  assert.equal((await server.put('/logs-2/_doc/1', { at: '2024-01-01' })).status, 201);
  assert.equal((await server.bulk('/_bulk', [{ index: { _index: 'logs-3' } }, { at: '2024-01-01' }])).body.errors, false);
  assert.equal((await server.post('/logs-4/_update/1', { doc: { at: '2024-01-01' }, doc_as_upsert: true })).status, 201);
  for (const n of [1, 2, 3, 4]) {
    const settings = await settingsOf(`logs-${n}`);
    assert.equal(settings.number_of_shards, '3');
    assert.equal(settings.refresh_interval, n === 1 ? '9s' : '5s');
    assert.equal((await mappingOf(`logs-${n}`)).properties.at.type, 'date');
    assert.deepEqual(Object.keys(await aliasesOf(`logs-${n}`)), ['all-logs']);
  }
});

test('the filter of an alias from a template holds', async () => {
  await server.put('/_index_template/filtered', {
    index_patterns: ['filtered-*'], template: { mappings: { properties: { kind: { type: 'keyword' } } }, aliases: { '{index}-red': { filter: { term: { kind: 'red' } } } } },
  });
  await server.bulk('/filtered-1/_bulk?refresh=true', [{ index: {} }, { kind: 'red' }, { index: {} }, { kind: 'blue' }]);
  assert.equal((await server.get('/filtered-1/_count')).body.count, 2);
  assert.equal((await server.get('/filtered-1-red/_count')).body.count, 1);
});

test('the highest priority holds, and equal ones for the same names are refused', async () => {
  ok(await server.put('/_index_template/low', { index_patterns: ['p-*'], priority: 1, template: { settings: { number_of_shards: 2 } } }));
  ok(await server.put('/_index_template/high', { index_patterns: ['p-x*'], priority: 2, template: { mappings: { properties: { a: { type: 'ip' } } } } }));
  await server.put('/p-x1');
  assert.equal((await settingsOf('p-x1')).number_of_shards, '1');
  assert.equal((await mappingOf('p-x1')).properties.a.type, 'ip');
  await server.put('/p-y1');
  assert.equal((await settingsOf('p-y1')).number_of_shards, '2');
  const { status, body } = await server.put('/_index_template/other', { index_patterns: ['*-y'], priority: 1 });
  assert.equal(status, 400);
  assert.equal(body.error.type, 'illegal_argument_exception');
  assert.equal(body.error.reason,
    'index template [other] has index patterns [*-y] matching patterns from existing templates [low] with patterns (low => [p-*]) that have the same priority [1], ' +
    'multiple index templates may not match during index creation, please use a different priority');
  ok(await server.put('/_index_template/other', { index_patterns: ['q-*'], priority: 1 }));
  ok(await server.put('/_index_template/low', { index_patterns: ['p-*', 'r-*'], priority: 1, template: { settings: { number_of_shards: 2 } } })); // itself
});

test('components and template are laid over each other field by field', async () => {
  await server.put('/_component_template/c1', {
    template: {
      mappings: {
        _meta: { a: 1 }, dynamic: 'strict', dynamic_templates: [{ one: { match: 'x*', mapping: { type: 'long' } } }],
        properties: { user: { properties: { name: { type: 'text' }, age: { type: 'long' } } }, tag: { type: 'text', fields: { raw: { type: 'keyword' } } } },
      },
    },
  });
  await server.put('/_component_template/c2', {
    template: {
      mappings: {
        _meta: { b: 2 }, dynamic_templates: [{ two: { match: 'y*', mapping: { type: 'ip' } } }, { one: { match: 'x*', mapping: { type: 'double' } } }],
        properties: { user: { properties: { name: { type: 'keyword' } } }, tag: { type: 'keyword' } },
      },
    },
  });
  ok(await server.put('/_index_template/laid', { index_patterns: ['laid-*'], priority: 5, composed_of: ['c1', 'c2'], template: { mappings: { dynamic: true } } }));
  await server.put('/laid-1', { mappings: { properties: { own: { type: 'boolean' } } } });
  assert.deepEqual(await mappingOf('laid-1'), {
    dynamic: 'true', _meta: { a: 1, b: 2 },
    dynamic_templates: [{ one: { match: 'x*', mapping: { type: 'double' } } }, { two: { match: 'y*', mapping: { type: 'ip' } } }],
    properties: { own: { type: 'boolean' }, tag: { type: 'keyword' }, user: { properties: { age: { type: 'long' }, name: { type: 'keyword' } } } },
  });
});

test('legacy templates come into play only where no other matches', async () => {
  ok(await server.put('/_template/t1', { index_patterns: ['old-*'], order: 1, settings: { number_of_shards: 2, refresh_interval: '3s' }, mappings: { properties: { a: { type: 'long' } } } }));
  ok(await server.put('/_template/t2', { index_patterns: 'old-*', order: 2, settings: { 'index.refresh_interval': '4s' }, aliases: { older: {} }, mappings: { properties: { b: { type: 'ip' } } } }));
  assert.deepEqual((await server.get('/_template/t1')).body, {
    t1: { order: 1, index_patterns: ['old-*'], settings: { index: { number_of_shards: '2', refresh_interval: '3s' } }, mappings: { properties: { a: { type: 'long' } } }, aliases: {} },
  });
  assert.deepEqual(Object.keys((await server.get('/_template/t*')).body), ['t1', 't2']);
  ok(await server.put('/_template/t3?order=9', { index_patterns: ['t3'] }));
  assert.equal((await server.get('/_template/t3')).body.t3.order, 9);
  const missing = await server.get('/_template/none');
  assert.equal(missing.status, 404);
  assert.deepEqual(missing.body, {});
  await server.put('/old-1');
  const settings = await settingsOf('old-1');
  assert.deepEqual([settings.number_of_shards, settings.refresh_interval], ['2', '4s']);
  assert.deepEqual(Object.keys((await mappingOf('old-1')).properties), ['a', 'b']);
  assert.deepEqual(Object.keys(await aliasesOf('old-1')), ['older']);
  await server.put('/_index_template/newer', { index_patterns: ['old-n*'], priority: 3 });
  await server.put('/old-n1');
  assert.equal((await settingsOf('old-n1')).number_of_shards, '1');
  assert.equal((await server.put('/_template/t1?create=true', { index_patterns: ['z'] })).body.error.reason, 'index_template [t1] already exists');
  ok(await server.delete('/_template/t*'));
  assert.equal((await server.delete('/_template/t1')).body.error.type, 'index_template_missing_exception');
});

test('a null in the request takes back what a template says', async () => {
  await server.put('/_index_template/null', { index_patterns: ['null-*'], priority: 1, template: { settings: { refresh_interval: '7s' } } });
  await server.put('/null-1', { settings: { index: { refresh_interval: null } } });
  assert.equal((await settingsOf('null-1')).refresh_interval, undefined);
});

test('templates that no index could be made with are refused', async () => {
  const reasonOf = async (path, body) => {
    const answer = await server.put(path, body);
    assert.equal(answer.status, 400, answer.text);
    return answer.body.error.reason;
  };
  assert.match(await reasonOf('/_index_template/bad', { index_patterns: ['bad-*'], composed_of: ['none'] }),
    /^index_template \[bad\] invalid, cause \[index template \[bad\] specifies component templates \[none\] that do not exist\]/);
  ok(await server.put('/_index_template/lenient', { index_patterns: ['lenient-*'], composed_of: ['none'], ignore_missing_component_templates: ['none'] }));
  assert.match(await reasonOf('/_index_template/bad', { index_patterns: ['bad-*'], template: { settings: { number_of_shard: 1 } } }), /unknown setting \[index.number_of_shard\] did you mean/);
  assert.match(await reasonOf('/_index_template/bad', { index_patterns: ['bad-*'], template: { mappings: { properties: { a: { type: 'txt' } } } } }),
    /^composable template \[bad\] template after composition is invalid: /);
  assert.match(await reasonOf('/_component_template/c1', { template: { mappings: { properties: { tag: { type: 'nothing' } } } } }), /No handler for type \[nothing\]/);
  assert.match(await reasonOf('/_index_template/bad', { index_patterns: ['bad-*'], data_stream: {} }), /\[data_stream\] is not supported/);
  assert.match(await reasonOf('/_index_template/bad', { index_patterns: ['bad-*'], prioritty: 1 }), /unknown field \[prioritty\] did you mean \[priority\]/);
  assert.match(await reasonOf('/_index_template/bad', {}), /index patterns are missing/);
  assert.match(await reasonOf('/_index_template/Bad', { index_patterns: ['bad-*'] }), /name must be lower cased/);
  assert.match(await reasonOf('/_index_template/bad', { index_patterns: ['*'], template: { settings: { hidden: true } } }), /global composable templates may not specify the setting index.hidden/);
  assert.equal(await reasonOf('/_index_template/lenient?create=true', { index_patterns: ['x'] }), 'index template [lenient] already exists');
  const none = await server.get('/_index_template/nope');
  assert.equal(none.status, 404);
  assert.equal(none.body.error.reason, 'index template matching [nope] not found');
  assert.deepEqual((await server.get('/_index_template/nope*')).body, { index_templates: [] });
  assert.equal((await server.delete('/_index_template/nope')).body.error.reason, 'index_template [nope] missing');
});

test('a component that would break a template is refused', async () => {
  await server.put('/_component_template/analysis', { template: { settings: { analysis: { analyzer: { mine: { tokenizer: 'standard' } } } } } });
  ok(await server.put('/_index_template/analysed', { index_patterns: ['an-*'], composed_of: ['analysis'], template: { mappings: { properties: { t: { type: 'text', analyzer: 'mine' } } } } }));
  const { status, body } = await server.put('/_component_template/analysis', { template: { settings: {} } });
  assert.equal(status, 400);
  assert.match(body.error.reason, /^updating component template \[analysis\] results in invalid composable template \[analysed\] after templates are merged: /);
});

test('allow_auto_create stands above action.auto_create_index', async () => {
  await server.put('/_index_template/never', { index_patterns: ['never-*'], allow_auto_create: false });
  const refused = await server.put('/never-1/_doc/1', {});
  assert.equal(refused.status, 404);
  assert.match(refused.body.error.reason, /no such index \[never-1\] and composable template forbids index auto creation/);
  ok(await server.put('/never-2'));
  await server.put('/_index_template/always', { index_patterns: ['always-*'], allow_auto_create: true });
  await server.put('/_cluster/settings', { persistent: { 'action.auto_create_index': false } });
  assert.equal((await server.put('/always-1/_doc/1', {})).status, 201);
  assert.equal((await server.put('/other-1/_doc/1', {})).status, 404);
  await server.put('/_cluster/settings', { persistent: { 'action.auto_create_index': null } });
});

test('simulation says what an index would get', async () => {
  const index = await server.post('/_index_template/_simulate_index/p-x9');
  assert.deepEqual(index.body, {
    template: { settings: {}, mappings: { properties: { a: { type: 'ip' } } }, aliases: {} },
    overlapping: [{ name: 'low', index_patterns: ['p-*', 'r-*'] }],
  });
  assert.deepEqual((await server.post('/_index_template/_simulate_index/unmatched')).body, {});
  const stored = await server.post('/_index_template/_simulate/logs');
  assert.equal(stored.body.template.settings.index.number_of_shards, '3');
  assert.equal(stored.body.template.settings.index.refresh_interval, '5s');
  const given = await server.post('/_index_template/_simulate', { index_patterns: ['logs-z*'], priority: 99, composed_of: ['base'] });
  assert.equal(given.body.template.settings.index.number_of_shards, '2');
  assert.deepEqual(given.body.overlapping.map(({ name }) => name), ['logs']);
  const extra = await server.post('/_index_template/_simulate_index/p-x9', { index_patterns: ['p-*'], priority: 50, template: { settings: { number_of_shards: 7 } } });
  assert.equal(extra.body.template.settings.index.number_of_shards, '7');
  assert.equal((await server.post('/_index_template/_simulate/nope')).status, 400);
});

test('tables of templates', async () => {
  ok(await server.put('/_template/shown', { index_patterns: ['y*', 'z*'], order: 4, version: 7 }));
  assert.equal((await server.get('/_cat/templates/shown')).text, 'shown [y*, z*] 4 7 \n');
  assert.equal((await server.get('/_cat/templates/laid?h=name,p,c')).text, 'laid 5 [c1, c2]\n');
  assert.deepEqual((await server.get('/_cat/component_templates/base?format=json')).body, [
    { name: 'base', version: '3', alias_count: '0', mapping_count: '1', settings_count: '2', metadata_count: '1', included_in: '[logs]' },
  ]);
  assert.equal((await server.get('/_cat/indices/logs-1?health=red')).text, '');
  ok(await server.delete('/_template/shown'));
});

test('everything is there after a restart, and nothing that was removed', async () => {
  await server.delete('/_index_template/high');
  const before = await Promise.all(['/_index_template', '/_component_template', '/_template'].map(async (path) => (await server.get(path)).body));
  await server.restart('SIGKILL');
  assert.deepEqual(await Promise.all(['/_index_template', '/_component_template', '/_template'].map(async (path) => (await server.get(path)).body)), before);
  await server.put('/logs-after/_doc/1', {});
  assert.equal((await settingsOf('logs-after')).number_of_shards, '3');
});
