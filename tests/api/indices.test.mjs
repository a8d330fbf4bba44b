import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const reason = (answer) => answer.body.error.reason;
const type = (answer) => answer.body.error.type;

test('an index is made, shown, found and deleted', async () => {
  const made = await server.put('/books', {
    settings: { index: { number_of_shards: 2 }, 'analysis.analyzer.mine.tokenizer': 'whitespace' },
    mappings: { properties: { title: { type: 'text', analyzer: 'mine' } } },
    aliases: { shelf: { filter: { term: { title: 'x' } } } },
  });
  assert.equal(made.status, 200);
  assert.deepEqual(made.body, { acknowledged: true, shards_acknowledged: true, index: 'books' });
  const shown = (await server.get('/books')).body.books;
  assert.deepEqual(shown.aliases, { shelf: { filter: { term: { title: 'x' } } } });
  assert.deepEqual(shown.mappings, { properties: { title: { type: 'text', analyzer: 'mine' } } });
  const { uuid, creation_date, version, ...rest } = shown.settings.index;
  assert.match(uuid, /^.{22}$/);
  assert.ok(Math.abs(Number(creation_date) - Date.now()) < 60000);
  assert.ok(version.created);
  assert.deepEqual(rest, {
    number_of_shards: '2', number_of_replicas: '0', provided_name: 'books',
    analysis: { analyzer: { mine: { tokenizer: 'whitespace' } } },
  });
  assert.equal((await server.head('/books')).status, 200);
  assert.equal((await server.head('/shelf')).status, 200);
  const again = await server.put('/books');
  assert.equal(again.status, 400);
  assert.equal(type(again), 'resource_already_exists_exception');
  assert.deepEqual((await server.delete('/books')).body, { acknowledged: true });
  assert.equal((await server.head('/books')).status, 404);
  const gone = await server.get('/books');
  assert.equal(gone.status, 404);
  assert.equal(type(gone), 'index_not_found_exception');
  assert.equal(gone.body.error.index, 'books');
  assert.equal((await server.delete('/books')).status, 404);
  assert.equal((await server.delete('/books?ignore_unavailable=true')).status, 200);
});

test('what cannot be made is refused with the reason', async () => {
  const refusals = [
    ['/Upper', undefined, 'invalid_index_name_exception', /must be lowercase/],
    ['/bad', { settings: { number_of_shard: 1 } }, 'illegal_argument_exception',
      /unknown setting \[index.number_of_shard\] did you mean \[index.number_of_shards\]\?/],
    ['/bad', { setings: {} }, 'parse_exception', /unknown key \[setings\]/],
    ['/bad', { mappings: { properties: { a: { type: 'txt' } } } }, 'mapper_parsing_exception', /txt/],
    ['/bad', { mappings: { propertis: {} } }, 'mapper_parsing_exception', /propertis/],
    ['/bad', { aliases: { 'a,b': {} } }, 'invalid_alias_name_exception', /a,b/],
    ['/bad', '{"settings":', 'parsing_exception', /./],
  ];
  for (const [path, body, wantedType, words] of refusals) {
    const answer = await server.put(path, body);
    assert.equal(answer.status, 400, answer.text);
    assert.equal(type(answer), wantedType);
    assert.match(reason(answer), words);
  }
  assert.equal((await server.head('/bad')).status, 404);
});

test('patterns delete only when that was allowed', async () => {
  for (const name of ['log-1', 'log-2', 'keep']) await server.put(`/${name}`);
  for (const pattern of ['/log-*', '/_all', '/*']) {
    const answer = await server.delete(pattern);
    assert.equal(answer.status, 400);
    assert.equal(reason(answer), 'Wildcard expressions or all indices are not allowed');
  }
  await server.put('/_cluster/settings', { persistent: { 'action.destructive_requires_name': false } });
  assert.equal((await server.delete('/log-*')).status, 200);
  assert.equal((await server.delete('/log-*')).status, 200);
  assert.equal((await server.delete('/log-*?allow_no_indices=false')).status, 404);
  await server.put('/_cluster/settings', { persistent: { 'action.destructive_requires_name': null } });
  assert.equal((await server.head('/keep')).status, 200);
  await server.post('/_aliases', { actions: [{ add: { index: 'keep', alias: 'kept' } }] });
  assert.match(reason(await server.delete('/kept')), /matches an alias/);
  await server.delete('/keep');
});

test('mappings grow and refuse to change', async () => {
  await server.put('/m1', { mappings: { properties: { n: { type: 'long' } } } });
  await server.put('/m2');
  assert.deepEqual((await server.put('/m1,m2/_mapping', {
    properties: { t: { type: 'text', fields: { raw: { type: 'keyword' } } } },
  })).body, { acknowledged: true });
  const all = (await server.get('/_mapping')).body;
  assert.equal(all.m1.mappings.properties.t.fields.raw.type, 'keyword');
  assert.equal(all.m2.mappings.properties.t.type, 'text');
  const refused = await server.put('/m*/_mapping', { properties: { z: { type: 'long' }, n: { type: 'text' } } });
  assert.match(reason(refused), /mapper \[n\] cannot be changed from type \[long\] to \[text\]/);
  assert.equal((await server.get('/m2/_mapping')).body.m2.mappings.properties.z, undefined);
  assert.equal((await server.put('/none/_mapping', { properties: {} })).status, 404);
  assert.match(reason(await server.put('/m1/_mapping')), /body is required/);
  assert.deepEqual((await server.get('/m1/_mapping/field/t.*,n')).body, {
    m1: { mappings: {
      n: { full_name: 'n', mapping: { n: { type: 'long' } } },
      't.raw': { full_name: 't.raw', mapping: { raw: { type: 'keyword' } } },
    } },
  });
});

test('settings change where they may', async () => {
  await server.put('/s');
  await server.put('/s/_settings', { index: { refresh_interval: '5s' } });
  const flat = (await server.get('/s/_settings?flat_settings=true')).body.s.settings;
  assert.equal(flat['index.refresh_interval'], '5s');
  await server.put('/s/_settings?preserve_existing=true', { refresh_interval: '9s', max_result_window: 20000 });
  const only = (await server.get('/s/_settings/index.refresh*,index.max_result_window')).body.s.settings;
  assert.deepEqual(only, { index: { refresh_interval: '5s', max_result_window: '20000' } });
  await server.put('/s/_settings', { refresh_interval: null });
  const defaults = (await server.get('/s/_settings?include_defaults=true')).body.s.defaults.index;
  assert.equal(defaults.refresh_interval, '1s');
  assert.match(reason(await server.put('/s/_settings', { number_of_shards: 3 })),
    /Can't update non dynamic settings \[\[index.number_of_shards\]\] for open indices/);
  assert.match(reason(await server.put('/s/_settings', { refresh_interval: '5' })), /unit is missing/);
  assert.equal((await server.put('/none/_settings', { priority: 1 })).status, 404);
});

test('refresh makes visible; flush and merge keep what is there', async () => {
  await server.put('/r', { settings: { number_of_shards: 3, refresh_interval: '-1' } });
  const lines = [];
  for (let i = 0; i < 200; i++) lines.push({ index: { _id: String(i) } }, { n: i, word: `w${i % 7}` });
  await server.bulk('/r/_bulk', lines);
  assert.equal((await server.get('/r/_count')).body.count, 0);
  assert.deepEqual((await server.post('/r/_refresh')).body, { _shards: { total: 3, successful: 3, failed: 0 } });
  assert.equal((await server.get('/r/_count')).body.count, 200);
  assert.equal((await server.post('/r/_flush')).body._shards.failed, 0);
  for (let i = 0; i < 50; i++) await server.delete(`/r/_doc/${i}`);
  const merged = await server.post('/r/_forcemerge?max_num_segments=1');
  assert.equal(merged.status, 200);
  const { total } = (await server.get('/r/_stats')).body._all;
  assert.equal(total.docs.count, 150);
  assert.equal(total.docs.deleted, 0);
  assert.ok(total.segments.count <= 3, JSON.stringify(total.segments));
  assert.equal((await server.get('/r/_count')).body.count, 150);
  assert.equal((await server.post('/_cache/clear')).status, 200);
  assert.equal((await server.post('/r/_forcemerge?max_num_segments=0')).status, 400);
  assert.equal((await server.post('/none/_refresh')).status, 404);
});

test('everything is there after a restart', async () => {
  const before = (await server.get('/_all')).body;
  const count = (await server.get('/_count')).body.count;
  await server.restart('SIGKILL');
  assert.deepEqual((await server.get('/_all')).body, before);
  assert.equal((await server.get('/_count')).body.count, count);
  await server.restart();
  assert.deepEqual((await server.get('/_all')).body, before);
});

test('unknown paths and parameters are named with the nearest', async () => {
  const path = await server.get('/r/_mappin');
  assert.equal(path.status, 400);
  assert.match(path.body.error.hint, /did you mean \[_mapping\]\?/);
  assert.match(reason(await server.get('/r?flat_setings')), /did you mean \[flat_settings\]\?/);
  const method = await server.request('PATCH', '/r');
  assert.equal(method.status, 405);
  assert.equal(method.headers.get('allow'), 'GET, HEAD, PUT, DELETE');
});
