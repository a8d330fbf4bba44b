// Mappings and settings of indices that are in use: what may change, and the words of what may not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const ok = ({ status, text }) => assert.equal(status, 200, text);
const refused = async (answer, reason, type = 'illegal_argument_exception') => {
  const { status, body, text } = await answer;
  assert.equal(status, 400, text);
  assert.equal(body.error.type, type);
  if (reason instanceof RegExp) assert.match(body.error.reason, reason);
  else assert.equal(body.error.reason, reason);
};
const put = (index, properties, more = {}) => server.put(`/${index}/_mapping`, { properties, ...more });
const mappingOf = async (index) => (await server.get(`/${index}/_mapping`)).body[index].mappings;
const settingsOf = async (index, query = '') => (await server.get(`/${index}/_settings${query}`)).body[index];

// ---- mappings ----

test('fields, multi-fields and objects are added', async () => {
  await server.put('/m', { mappings: { properties: { t: { type: 'text' }, o: { properties: { a: { type: 'long' } } } } } });
  await server.put('/m/_doc/1?refresh=true', { t: 'One Two', o: { a: 1 } });
  ok(await put('m', { n: { type: 'ip' }, t: { type: 'text', fields: { raw: { type: 'keyword' } } }, 'o.b': { type: 'date' }, p: { properties: { q: { type: 'boolean' } } } }));
  ok(await put('m', { t: { type: 'text', fields: { len: { type: 'keyword', ignore_above: 3 } } } }));
  assert.deepEqual(await mappingOf('m'), {
    properties: {
      n: { type: 'ip' }, o: { properties: { a: { type: 'long' }, b: { type: 'date' } } }, p: { properties: { q: { type: 'boolean' } } },
      t: { type: 'text', fields: { len: { type: 'keyword', ignore_above: 3 }, raw: { type: 'keyword' } } },
    },
  });
  await server.put('/m/_doc/2?refresh=true', { t: 'One Two' });
  const { body } = await server.post('/m/_search', { query: { term: { 't.raw': 'One Two' } } });
  assert.deepEqual(body.hits.hits.map(({ _id }) => _id), ['2']); // what was there is not read again
});

test('what may change changes', async () => {
  await server.put('/u', { mappings: { _meta: { v: 1 }, properties: { k: { type: 'keyword', ignore_above: 2 }, n: { type: 'integer', ignore_malformed: false }, t: { type: 'text' }, o: { type: 'object', dynamic: 'strict' } } } });
  await refused(server.put('/u/_doc/1', { n: 'x' }), /failed to parse field \[n\]/, 'document_parsing_exception');
  ok(await put('u', { k: { type: 'keyword', ignore_above: 9 }, n: { type: 'integer', ignore_malformed: true }, t: { type: 'text', search_analyzer: 'whitespace', norms: false, copy_to: 'k' }, o: { type: 'object', dynamic: true } },
    { _meta: { v: 2 }, dynamic: false, date_detection: false }));
  assert.equal((await server.put('/u/_doc/1?refresh=true', { n: 'x', t: 'abc', o: { z: 1 }, unseen: 1 })).status, 201);
  const mapping = await mappingOf('u');
  assert.deepEqual([mapping._meta, mapping.dynamic, mapping.date_detection], [{ v: 2 }, 'false', false]);
  assert.deepEqual(Object.keys(mapping.properties), ['k', 'n', 'o', 't']);
  assert.deepEqual(mapping.properties.o.properties, { z: { type: 'long' } });
  assert.equal((await server.post('/u/_count', { query: { term: { k: 'abc' } } })).body.count, 1);
  await server.restart();
  assert.deepEqual(await mappingOf('u'), mapping);
});

test('what may not change is refused with Elasticsearch\'s words', async () => {
  await server.put('/r', { mappings: { properties: { n: { type: 'long' }, t: { type: 'text' }, o: { properties: { x: { type: 'byte' } } }, d: { type: 'date' } } } });
  await refused(put('r', { n: { type: 'text' } }), 'mapper [n] cannot be changed from type [long] to [text]');
  await refused(put('r', { o: { properties: { x: { type: 'ip' } } } }), 'mapper [o.x] cannot be changed from type [byte] to [ip]');
  await refused(put('r', { o: { type: 'long' } }), 'can\'t merge a non object mapping [o] with an object mapping');
  await refused(put('r', { n: { properties: {} } }), 'mapper [n] cannot be changed from type [long] to [ObjectMapper]');
  await refused(put('r', { n: { type: 'long', index: false } }), 'Mapper for [n] conflicts with existing mapper:\n\tCannot update parameter [index] from [true] to [false]');
  await refused(put('r', { t: { type: 'text', analyzer: 'english' } }), 'Mapper for [t] conflicts with existing mapper:\n\tCannot update parameter [analyzer] from [default] to [english]');
  await refused(put('r', { d: { type: 'date', format: 'yyyy' } }), /^Mapper for \[d\] conflicts with existing mapper:\n\tCannot update parameter \[format\] from \[strict_date_optional_time\|\|epoch_millis\] to \[yyyy\]$/);
  await refused(put('r', { z: { type: 'nope' } }), /No handler for type \[nope\] declared on field \[z\]/, 'mapper_parsing_exception');
  assert.deepEqual(Object.keys((await mappingOf('r')).properties), ['d', 'n', 'o', 't']);
});

test('a mapping of several indices changes in all or in none', async () => {
  await server.put('/s1', { mappings: { properties: { a: { type: 'long' } } } });
  await server.put('/s2', { mappings: { properties: { a: { type: 'ip' } } } });
  await refused(put('s1,s2', { a: { type: 'long' }, b: { type: 'long' } }), 'mapper [a] cannot be changed from type [ip] to [long]');
  assert.deepEqual(Object.keys((await mappingOf('s1')).properties), ['a']);
  ok(await put('s*', { b: { type: 'long' } }));
  assert.deepEqual(Object.keys((await mappingOf('s2')).properties), ['a', 'b']);
  const missing = await put('nothing*', { b: { type: 'long' } });
  assert.equal(missing.status, 404);
  assert.equal(missing.body.error.type, 'index_not_found_exception');
});

test('mappings of single fields', async () => {
  await server.put('/f', { mappings: { properties: { t: { type: 'text', fields: { raw: { type: 'keyword' } } }, o: { properties: { a: { type: 'long' }, b: { type: 'ip' } } } } } });
  assert.deepEqual((await server.get('/f/_mapping/field/o.*,t')).body, {
    f: {
      mappings: {
        'o.a': { full_name: 'o.a', mapping: { a: { type: 'long' } } }, 'o.b': { full_name: 'o.b', mapping: { b: { type: 'ip' } } },
        t: { full_name: 't', mapping: { t: { type: 'text', fields: { raw: { type: 'keyword' } } } } },
      },
    },
  });
  assert.deepEqual((await server.get('/f/_mapping/field/none')).body, { f: { mappings: {} } });
  assert.deepEqual((await server.get('/f/_mapping/field/t.raw')).body.f.mappings['t.raw'], { full_name: 't.raw', mapping: { raw: { type: 'keyword' } } });
  const defaults = (await server.get('/f/_mapping/field/o.a?include_defaults=true')).body.f.mappings['o.a'].mapping.a;
  assert.deepEqual([defaults.type, defaults.index, defaults.doc_values, defaults.coerce], ['long', true, true, true]);
});

test('limits of fields and depth', async () => {
  await server.put('/l', { settings: { 'index.mapping.total_fields.limit': 3, 'index.mapping.depth.limit': 2 } });
  await refused(put('l', { a: { type: 'long' }, b: { type: 'long' }, c: { type: 'long' }, d: { type: 'long' } }), /Limit of total fields \[3\] has been exceeded/);
  ok(await put('l', { a: { type: 'text', fields: { b: { type: 'keyword' } } } }));
  await refused(put('l', { c: { properties: { d: { type: 'long' } } } }), /Limit of total fields \[3\] has been exceeded/); // objects count
  ok(await server.put('/l/_settings', { 'index.mapping.total_fields.limit': 100 }));
  ok(await put('l', { c: { properties: { d: { type: 'long' } } } }));
  await refused(put('l', { c: { properties: { e: { properties: { f: { type: 'long' } } } } } }), /Limit of mapping depth \[2\] has been exceeded/);
  ok(await server.put('/l/_settings', { 'index.mapping.total_fields.limit': 1 }));
  ok(await put('l', { a: { type: 'text', fields: { b: { type: 'keyword', ignore_above: 3 } } } }));
  assert.equal((await server.put('/l/_doc/1', { a: 'x', c: { d: 1 } })).status, 201);
  await server.restart();
  assert.equal((await server.get('/l/_doc/1')).body.found, true);
});

// ---- settings ----

test('settings in either form, with and without index in front', async () => {
  await server.put('/g', { settings: { number_of_shards: 2 } });
  for (const [body, want] of [
    [{ index: { refresh_interval: '2s' } }, '2s'], [{ 'index.refresh_interval': '3s' }, '3s'], [{ refresh_interval: '4s' }, '4s'],
    [{ settings: { index: { refresh_interval: '5s' } } }, '5s'], [{ index: { refresh_interval: null } }, undefined],
  ]) {
    ok(await server.put('/g/_settings', body));
    assert.equal((await settingsOf('g')).settings.index.refresh_interval, want);
  }
  assert.equal((await settingsOf('g', '?flat_settings=true')).settings['index.number_of_shards'], '2');
  const { settings, defaults } = await settingsOf('g', '?include_defaults=true');
  assert.equal(settings.index.number_of_shards, '2');
  assert.equal(defaults.index.refresh_interval, '1s');
  assert.equal(defaults.index.blocks.write, 'false');
  assert.deepEqual(await settingsOf('g', '/index.number_*'), { settings: { index: { number_of_shards: '2', number_of_replicas: '0' } } });
});

test('what exists can be preserved', async () => {
  await server.put('/p', { settings: { refresh_interval: '7s' } });
  ok(await server.put('/p/_settings?preserve_existing=true', { refresh_interval: '9s', priority: 5 }));
  const { index } = (await settingsOf('p')).settings;
  assert.deepEqual([index.refresh_interval, index.priority], ['7s', '5']);
});

test('settings of several indices change in all or in none', async () => {
  await server.put('/t1');
  await server.put('/t2', { settings: { 'index.blocks.metadata': true } });
  const blocked = await server.put('/t*/_settings', { refresh_interval: '3s' });
  assert.equal(blocked.status, 403);
  assert.equal((await settingsOf('t1')).settings.index.refresh_interval, undefined);
  ok(await server.put('/t2/_settings', { 'blocks.metadata': null }));
  ok(await server.put('/t*/_settings', { refresh_interval: '3s' }));
  for (const index of ['t1', 't2']) assert.equal((await settingsOf(index)).settings.index.refresh_interval, '3s');
  assert.equal((await server.put('/nothing*/_settings', { refresh_interval: '3s' })).status, 404);
});

test('settings that cannot be are refused with the reason', async () => {
  await server.put('/x');
  const set = (body) => server.put('/x/_settings', body);
  await refused(set({ number_of_shards: 3 }), /^Can't update non dynamic settings \[\[index\.number_of_shards\]\] for open indices \[\[x\/.{22}\]\]$/);
  await refused(set({ number_of_shards: 3, codec: 'default' }), /^Can't update non dynamic settings \[\[index\.codec, index\.number_of_shards\]\] for open indices/);
  await refused(set({ refresh_intervall: '1s' }), 'unknown setting [index.refresh_intervall] did you mean [index.refresh_interval]?');
  await refused(set({ refresh_interval: '1' }), /failed to parse setting \[index\.refresh_interval\] with value \[1\] as a time value: unit is missing or unrecognized/);
  await refused(set({ number_of_replicas: -1 }), /Failed to parse value \[-1\] for setting \[index\.number_of_replicas\] must be >= 0/);
  await refused(set({ hidden: 'maybe' }), /Failed to parse value \[maybe\]/);
  await refused(set({ 'index.uuid': 'x' }), /private index setting \[index\.uuid\] can not be set explicitly/, 'validation_exception');
});

test('cluster settings: persistent and transient, reset by name and by pattern', async () => {
  const put = (body, query = '') => server.put(`/_cluster/settings${query}`, body);
  const set = await put({ persistent: { search: { max_buckets: 100 } }, transient: { 'action.auto_create_index': '+a*,-*' } }, '?flat_settings=true');
  assert.deepEqual(set.body, { acknowledged: true, persistent: { 'search.max_buckets': '100' }, transient: { 'action.auto_create_index': '+a*,-*' } });
  assert.equal((await server.put('/b1/_doc/1', {})).status, 404);
  assert.equal((await server.put('/a1/_doc/1', {})).status, 201);
  assert.deepEqual((await server.get('/_cluster/settings')).body, { persistent: { search: { max_buckets: '100' } }, transient: { action: { auto_create_index: '+a*,-*' } } });
  await put({ persistent: { 'cluster.routing.allocation.enable': 'all', 'cluster.routing.rebalance.enable': 'none' } });
  await put({ persistent: { 'cluster.routing.*': null }, transient: { action: { auto_create_index: null } } });
  await server.restart();
  assert.deepEqual((await server.get('/_cluster/settings?flat_settings=true')).body, { persistent: { 'search.max_buckets': '100' }, transient: {} });
  const { body } = await server.get('/_cluster/settings?include_defaults=true&flat_settings=true');
  assert.equal(body.defaults['action.auto_create_index'], 'true');
  await refused(put({ persistent: { 'search.max_bucket': 1 } }), /setting \[search\.max_bucket\].*did you mean \[search\.max_buckets\]\?/);
  await refused(put({}), /no settings to update/, 'action_request_validation_exception');
});
