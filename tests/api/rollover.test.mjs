// _rollover: the next index behind an alias.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const aliases = async (name) => Object.fromEntries(Object.entries((await server.get(`/_alias/${name}`)).body).map(([index, body]) => [index, body.aliases[name]]));
const load = async (name, count) => {
  const lines = [];
  for (let i = 0; i < count; i++) lines.push({ index: {} }, { i });
  assert.equal((await server.bulk(`/${name}/_bulk?refresh=true`, lines)).body.errors, false);
};

test('an alias moves to the next index, with what the body says of it', async () => {
  await server.put('/logs-000001', { aliases: { logs: {} } });
  const { status, body } = await server.post('/logs/_rollover', {
    settings: { number_of_shards: 2 }, mappings: { properties: { i: { type: 'long' } } }, aliases: { other: { filter: { term: { i: 1 } } } },
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body, {
    acknowledged: true, shards_acknowledged: true, old_index: 'logs-000001', new_index: 'logs-000002', rolled_over: true, dry_run: false, conditions: {},
  });
  assert.deepEqual(await aliases('logs'), { 'logs-000002': {} });
  const made = (await server.get('/logs-000002')).body['logs-000002'];
  assert.equal(made.settings.index.number_of_shards, '2');
  assert.equal(made.mappings.properties.i.type, 'long');
  assert.deepEqual(Object.keys(made.aliases), ['logs', 'other']);
});

test('an alias that says where it writes keeps both; a name of its own', async () => {
  await server.put('/w-000009', { aliases: { w: { is_write_index: true, filter: { exists: { field: 'i' } } } } });
  await load('w', 3);
  assert.equal((await server.post('/w/_rollover')).body.new_index, 'w-000010');
  const both = await aliases('w');
  assert.equal(both['w-000009'].is_write_index, false);
  assert.equal(both['w-000010'].is_write_index, true);
  assert.deepEqual(both['w-000009'].filter, { exists: { field: 'i' } });
  assert.equal((await server.put('/w/_doc/x?refresh=true', { i: 9 })).body._index, 'w-000010');
  assert.equal((await server.get('/w/_count')).body.count, 4);
  assert.equal((await server.post('/w/_rollover/special')).body.new_index, 'special');
  assert.equal((await aliases('w')).special.is_write_index, true);
  const { body } = await server.post('/w/_rollover');
  assert.equal(body.error.reason, "index name [special] does not match pattern '^.*-\\d+$'");
});

test('conditions: one at least is met, and all that are least', async () => {
  await server.put('/c-1', { settings: { number_of_shards: 2 }, aliases: { c: { is_write_index: true } } });
  await load('c', 10);
  const roll = async (conditions, parameters = '') => (await server.post(`/c/_rollover${parameters}`, { conditions })).body;
  const none = await roll({ max_docs: 11, max_age: '7d', max_size: '5gb' });
  assert.deepEqual(none, {
    acknowledged: false, shards_acknowledged: false, old_index: 'c-1', new_index: 'c-000002', rolled_over: false, dry_run: false,
    conditions: { '[max_docs: 11]': false, '[max_age: 7d]': false, '[max_size: 5gb]': false },
  });
  const held = await roll({ max_docs: 10, min_age: '1d' });
  assert.deepEqual([held.rolled_over, held.conditions], [false, { '[max_docs: 10]': true, '[min_age: 1d]': false }]);
  const dry = await roll({ max_docs: 10, min_docs: 5 }, '?dry_run');
  assert.deepEqual([dry.acknowledged, dry.rolled_over, dry.dry_run, dry.conditions], [false, false, true, { '[max_docs: 10]': true, '[min_docs: 5]': true }]);
  assert.equal((await server.head('/c-000002')).status, 404);
  const done = await roll({ max_docs: 10, max_age: '7d', min_docs: 5 });
  assert.deepEqual([done.rolled_over, done.new_index], [true, 'c-000002']);
  await load('c', 10);
  await server.post('/c/_flush');
  assert.equal((await roll({ max_primary_shard_size: '1b', max_primary_shard_docs: 1000 })).rolled_over, true);
  assert.deepEqual(Object.keys(await aliases('c')).sort(), ['c-000002', 'c-000003', 'c-1']);
});

test('names with a date count on in their own way', async () => {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '.');
  await server.put(`/${encodeURIComponent('<days-{now/d}-000001>')}`, { aliases: { days: { is_write_index: true } } });
  const { body } = await server.post('/days/_rollover');
  assert.deepEqual([body.old_index, body.new_index].map((name) => name.replace(/\d{4}\.\d\d\.\d\d/, 'day')), ['days-day-000001', 'days-day-000002'], day);
  assert.equal((await server.get(`/${body.new_index}/_settings`)).body[body.new_index].settings.index.provided_name, '<days-{now/d}-000002>');
});

test('writers never see the alias between two indices', async () => {
  await server.put('/busy-000001', { aliases: { busy: {} } });
  let over = false, written = 0;
  const writer = async () => {
    for (; !over; written++) {
      const { status, text } = await server.post('/busy/_doc', { at: written });
      assert.equal(status, 201, text);
    }
  };
  const writers = [writer(), writer()];
  for (let i = 2; i < 12; i++) assert.equal((await server.post('/busy/_rollover')).body.new_index, `busy-${String(i).padStart(6, '0')}`);
  over = true;
  await Promise.all(writers);
  await server.post('/busy-*/_refresh');
  assert.equal((await server.get('/busy-*/_count')).body.count, written);
  assert.equal((await server.head('/_alias/busy')).status, 200);
  await server.restart('SIGKILL');
  assert.deepEqual(Object.keys(await aliases('busy')), ['busy-000011']);
});

test('what cannot be is refused as Elasticsearch words it', async () => {
  await server.post('/_aliases', { actions: [{ add: { index: 'c-*', alias: 'nowhere' } }] });
  const cases = [
    ['/absent/_rollover', undefined, 'rollover target [absent] does not exist'],
    ['/logs-000001/_rollover', undefined, 'rollover target is a [concrete index] but one of [alias,data_stream] was expected'],
    ['/nowhere/_rollover', undefined, 'rollover target [nowhere] does not point to a write index'],
    ['/logs/_rollover/UPPER', undefined, 'Invalid index name [UPPER], must be lowercase'],
    ['/logs/_rollover', { conditions: { min_docs: 1 } }, 'Validation Failed: 1: at least one max_* rollover condition must be set when using min_* conditions;'],
    ['/logs/_rollover', { conditions: { max_doc: 1 } }, '[conditions] unknown field [max_doc] did you mean [max_docs]?'],
    ['/logs/_rollover', { conditions: { max_age: 'old' } }, 'failed to parse setting [max_age] with value [old] as a time value: unit is missing or unrecognized'],
    ['/logs/_rollover', { conditions: { max_size: 5 } }, 'failed to parse setting [max_size] with value [5] as a size in bytes: unit is missing or unrecognized'],
    ['/logs/_rollover', { setting: {} }, '[rollover] unknown field [setting] did you mean [settings]?'],
    ['/logs/_rollover', { mappings: { properties: { a: { type: 'moon' } } } }, /moon/],
  ];
  for (const [path, body, reason] of cases) {
    const answer = await server.post(path, body);
    assert.equal(answer.status, 400, `${path} ${answer.text}`);
    if (reason instanceof RegExp) assert.match(answer.body.error.reason, reason);
    else assert.equal(answer.body.error.reason, reason);
  }
  assert.equal((await server.post('/logs/_rollover/logs-000001')).body.error.type, 'resource_already_exists_exception');
  assert.deepEqual(await aliases('logs'), { 'logs-000002': {} });
});
