import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const ok = ({ status, text }) => assert.ok(status < 300, text);
const refused = ({ status, body, text }, type, code = 400) => {
  assert.equal(status, code, text);
  assert.equal(body.error.type, type);
  return body.error;
};
const names = async (path) => Object.keys((await server.get(path)).body).sort();

// ---- open and closed ----

test('a closed index is neither read nor written, and is there again when opened', async () => {
  ok(await server.put('/shut/_doc/1?refresh=true', { a: 1 }));
  await server.put('/other/_doc/1?refresh=true', { a: 1 });
  await server.put('/shut,other/_alias/both');
  const { body } = await server.post('/shut/_close');
  assert.deepEqual(body, { acknowledged: true, shards_acknowledged: true, indices: { shut: { closed: true } } });
  assert.deepEqual((await server.post('/shut/_close')).body.indices, { shut: { closed: true } });
  const error = refused(await server.get('/shut/_search'), 'index_closed_exception');
  assert.equal(error.reason, 'closed');
  assert.equal(error.index, 'shut');
  for (const path of ['/shut/_count', '/both/_search', '/shut/_doc/1', '/shut/_stats']) refused(await server.get(path), 'index_closed_exception');
  for (const path of ['/shut/_refresh', '/shut/_flush', '/shut/_forcemerge', '/shut/_rebuild']) refused(await server.post(path), 'index_closed_exception');
  refused(await server.put('/shut/_doc/2', { a: 2 }), 'index_closed_exception');
  refused(await server.post('/shut/_update/1', { doc: { a: 2 } }), 'index_closed_exception');
  refused(await server.delete('/shut/_doc/1'), 'index_closed_exception');
  const bulk = await server.bulk('/_bulk?refresh=true', [{ index: { _index: 'shut' } }, { a: 1 }, { index: { _index: 'other' } }, { a: 1 }]);
  assert.deepEqual(bulk.body.items.map(({ index }) => [index.status, index.error?.type]), [[400, 'index_closed_exception'], [201, undefined]]);
  assert.equal((await server.get('/shut,other/_count?ignore_unavailable=true')).body.count, 2);
  assert.equal((await server.get('/both/_count?ignore_unavailable=true')).body.count, 2);
  assert.equal((await server.get('/_all/_count')).body.count, 2);
  assert.equal((await server.get('/sh*/_count')).body._shards.total, 0);
  refused(await server.get('/sh*/_search?expand_wildcards=open,closed'), 'index_closed_exception');
  assert.equal((await server.get('/_cat/indices?h=index,status&s=index')).text, 'other open\nshut  close\n');
  await server.restart('SIGKILL');
  refused(await server.get('/shut/_search'), 'index_closed_exception');
  assert.deepEqual((await server.post('/shut/_open')).body, { acknowledged: true, shards_acknowledged: true });
  assert.equal((await server.get('/shut/_count')).body.count, 1);
  assert.equal((await server.put('/shut/_doc/2', { a: 2 })).status, 201);
});

test('what a closed index is can be asked and changed', async () => {
  await server.put('/still', { settings: { refresh_interval: '5s' }, mappings: { properties: { a: { type: 'long' } } } });
  await server.post('/still/_close');
  assert.equal((await server.head('/still')).status, 200);
  assert.deepEqual(await names('/still/_mapping'), ['still']);
  assert.deepEqual(await names('/st*/_settings'), []);
  assert.deepEqual(await names('/st*/_settings?expand_wildcards=closed'), ['still']);
  ok(await server.put('/still/_mapping', { properties: { b: { type: 'keyword' } } }));
  ok(await server.put('/still/_alias/calm'));
  assert.deepEqual(await names('/_alias/calm'), ['still']);
  ok(await server.put('/still/_settings', { index: { codec: 'best_compression', refresh_interval: null } }));
  const final = refused(await server.put('/still/_settings', { number_of_shards: 2 }), 'illegal_argument_exception');
  assert.equal(final.reason, 'final still setting [index.number_of_shards], not updateable');
  assert.equal((await server.get('/still/_settings?flat_settings=true')).body.still.settings['index.codec'], 'best_compression');
  ok(await server.delete('/still'));
});

test('analyzers change while an index is closed, or with reopen', async () => {
  const analyzer = (filter) => ({ analysis: { analyzer: { mine: { tokenizer: 'standard', filter } } } });
  await server.put('/words', { settings: analyzer(['lowercase']), mappings: { properties: { t: { type: 'text', analyzer: 'mine' } } } });
  await server.put('/words/_doc/1?refresh=true', { t: 'Café' });
  const open = refused(await server.put('/words/_settings', analyzer(['lowercase', 'asciifolding'])), 'illegal_argument_exception');
  assert.match(open.reason, /^Can't update non dynamic settings \[\[index\.analysis\.analyzer\.mine\.filter, index\.analysis\.analyzer\.mine\.tokenizer\]\] for open indices \[\[words\/.{22}\]\]$/);
  await server.post('/words/_close');
  ok(await server.put('/words/_settings', analyzer(['lowercase', 'asciifolding'])));
  refused(await server.put('/words/_settings', { analysis: { analyzer: { mine: { tokenizer: 'none' } } } }), 'illegal_argument_exception');
  await server.post('/words/_open');
  const tokens = async () => (await server.post('/words/_analyze', { analyzer: 'mine', text: 'CAFÉ' })).body.tokens.map(({ token }) => token);
  assert.deepEqual(await tokens(), ['cafe']);
  await server.put('/words/_doc/2?refresh=true', { t: 'Café' });
  assert.deepEqual((await server.post('/words/_search', { query: { match: { t: 'café' } } })).body.hits.hits.map(({ _id }) => _id), ['2']);
  ok(await server.put('/words/_settings?reopen=true', analyzer(['lowercase'])));
  assert.deepEqual(await tokens(), ['café']);
  await server.restart();
  assert.deepEqual(await tokens(), ['café']);
});

test('writes that were acknowledged before a close are there after it, none comes later', async () => {
  await server.put('/busy', { settings: { number_of_shards: 3 } });
  let stop = false, next = 0;
  const acknowledged = new Set(), faults = [];
  const writers = Array.from({ length: 4 }, async () => {
    while (!stop) {
      const id = String(next++);
      const { status, body, text } = await server.put(`/busy/_create/${id}`, { id });
      if (status === 201) acknowledged.add(id);
      else if (body.error?.type !== 'index_closed_exception') faults.push(text);
    }
  });
  for (let round = 0; round < 10; round++) {
    while (acknowledged.size < (round + 1) * 20) await new Promise((resolve) => setTimeout(resolve, 1));
    ok(await server.post('/busy/_close'));
    ok(await server.post('/busy/_open'));
  }
  stop = true;
  await Promise.all(writers);
  assert.deepEqual(faults, []);
  await server.post('/busy/_refresh');
  assert.equal((await server.get('/busy/_count')).body.count, acknowledged.size);
});

test('names are needed where patterns could do harm', async () => {
  refused(await server.post('/_all/_close'), 'illegal_argument_exception');
  refused(await server.post('/*/_close'), 'illegal_argument_exception');
  refused(await server.post('/nothing/_close'), 'index_not_found_exception', 404);
  ok(await server.post('/nothing/_open?ignore_unavailable=true'));
});

// ---- blocks ----

test('a write block keeps writes out and lets searches in', async () => {
  await server.put('/held/_doc/1?refresh=true', { a: 1 });
  assert.deepEqual((await server.put('/held/_block/write')).body, { acknowledged: true, shards_acknowledged: true, indices: [{ name: 'held', blocked: true }] });
  const error = refused(await server.put('/held/_doc/2', {}), 'cluster_block_exception', 403);
  assert.equal(error.reason, 'index [held] blocked by: [FORBIDDEN/8/index write (api)];');
  const bulk = await server.bulk('/held/_bulk', [{ delete: { _id: '1' } }]);
  assert.equal(bulk.body.items[0].delete.status, 403);
  assert.equal((await server.get('/held/_count')).body.count, 1);
  ok(await server.put('/held/_settings', { 'index.refresh_interval': '2s' }));
  ok(await server.put('/held/_settings', { 'index.blocks.write': false }));
  ok(await server.put('/held/_doc/2', {}));
});

const reason = async (answer) => (await answer).body.error?.reason;

test('each block keeps out what it is for', async () => {
  await server.put('/b/_doc/1?refresh=true', { a: 1 });
  await server.put('/b/_settings', { index: { blocks: { read: true } } });
  assert.equal(await reason(server.get('/b/_search')), 'index [b] blocked by: [FORBIDDEN/7/index read (api)];');
  assert.equal(await reason(server.get('/b/_doc/1')), 'index [b] blocked by: [FORBIDDEN/7/index read (api)];');
  ok(await server.put('/b/_doc/2', {}));
  await server.put('/b/_settings', { 'blocks.read': null, 'blocks.read_only': true });
  const readOnly = 'index [b] blocked by: [FORBIDDEN/5/index read-only (api)];';
  assert.equal(await reason(server.put('/b/_doc/3', {})), readOnly);
  assert.equal(await reason(server.put('/b/_mapping', { properties: { z: { type: 'long' } } })), readOnly);
  assert.equal(await reason(server.put('/b/_settings', { refresh_interval: '1s' })), readOnly);
  assert.equal(await reason(server.put('/b/_alias/x')), readOnly);
  assert.equal(await reason(server.post('/b/_close')), readOnly);
  assert.equal(await reason(server.delete('/b')), readOnly);
  ok(await server.get('/b/_search'));
  ok(await server.get('/b'));
  await server.restart();
  assert.equal(await reason(server.put('/b/_doc/3', {})), readOnly);
  ok(await server.delete('/b/_block/read_only'));
  ok(await server.put('/b/_block/metadata'));
  const metadata = 'index [b] blocked by: [FORBIDDEN/9/index metadata (api)];';
  assert.equal(await reason(server.get('/b/_mapping')), metadata);
  assert.equal(await reason(server.delete('/b')), metadata);
  ok(await server.put('/b/_doc/3', {}));
  ok(await server.put('/b/_settings', { 'index.blocks.metadata': false }));
  await server.put('/b/_settings', { 'index.blocks.read_only_allow_delete': true });
  const full = await server.put('/b/_doc/4', {});
  assert.equal(full.status, 429);
  assert.match(full.body.error.reason, /TOO_MANY_REQUESTS\/12\/disk usage exceeded flood-stage watermark/);
  const bulk = await server.bulk('/b/_bulk', [{ index: {} }, {}]);
  assert.deepEqual([bulk.status, bulk.body.items[0].index.status], [200, 429]);
  refused(await server.put('/b/_block/read_only_allow_delete'), 'illegal_argument_exception');
  ok(await server.delete('/b'));
});

// ---- names ----

test('hidden indices and aliases are seen by who asks for them', async () => {
  await server.put('/.dotted-h', { settings: { hidden: true } });
  await server.put('/secret-h', { settings: { 'index.hidden': true }, aliases: { 'open-h': {}, 'veiled-h': { is_hidden: true } } });
  await server.put('/plain-h');
  assert.deepEqual(await names('/*-h'), ['plain-h', 'secret-h']); // by its alias
  assert.deepEqual(await names('/secret*'), []);
  assert.deepEqual(await names('/veiled*'), []);
  assert.deepEqual(await names('/veiled*?expand_wildcards=open,hidden'), ['secret-h']);
  assert.deepEqual(await names('/secret-h'), ['secret-h']);
  assert.deepEqual(await names('/.dot*'), ['.dotted-h']);
  assert.deepEqual(await names('/*-h?expand_wildcards=all'), ['.dotted-h', 'plain-h', 'secret-h']);
  assert.deepEqual(await names('/*-h?expand_wildcards=none'), []);
  assert.deepEqual(await names('/*-h,-open-h'), ['plain-h']);
  await server.put('/secret-h/_settings', { hidden: false });
  assert.deepEqual(await names('/secret*'), ['secret-h']);
});

test('a name resolves to indices and aliases', async () => {
  await server.put('/res-1', { aliases: { res: {} } });
  await server.put('/res-2', { aliases: { res: {} }, settings: { hidden: true } });
  await server.put('/res-3');
  await server.post('/res-3/_close');
  assert.deepEqual((await server.get('/_resolve/index/res*')).body, {
    indices: [{ name: 'res-1', aliases: ['res'], attributes: ['open'] }],
    aliases: [{ name: 'res', indices: ['res-1', 'res-2'] }],
    data_streams: [],
  });
  const all = (await server.get('/_resolve/index/res*,-res-1?expand_wildcards=all')).body;
  assert.deepEqual(all.indices, [
    { name: 'res-2', aliases: ['res'], attributes: ['hidden', 'open'] },
    { name: 'res-3', attributes: ['closed'] },
  ]);
  assert.deepEqual((await server.get('/_resolve/index/res')).body, { indices: [], aliases: [{ name: 'res', indices: ['res-1', 'res-2'] }], data_streams: [] });
  refused(await server.get('/_resolve/index/nothing'), 'index_not_found_exception', 404);
  refused(await server.get('/_resolve/cluster/res*'), 'illegal_argument_exception');
});

const two = (n) => String(n).padStart(2, '0');
const dotted = (date) => `${date.getUTCFullYear()}.${two(date.getUTCMonth() + 1)}.${two(date.getUTCDate())}`;
const path = (expression) => `/${encodeURIComponent(expression)}`;

// Midnight may pass between two calls.
async function onOneDay(run) {
  for (let tries = 0; ; tries++) {
    const day = dotted(new Date());
    try {
      return await run(day);
    } catch (error) {
      if (tries > 0 || dotted(new Date()) === day) throw error;
    }
  }
}

test('names with dates are resolved wherever a name goes', () => onOneDay(async (day) => {
  const name = `dated-${day}`;
  const made = await server.put(path('<dated-{now/d}>'));
  assert.equal(made.body.index, name);
  assert.equal((await server.get(`/${name}/_settings`)).body[name].settings.index.provided_name, '<dated-{now/d}>');
  assert.equal((await server.put(`${path('<dated-{now/d}>')}/_doc/1?refresh=true`, { a: 1 })).body._index, name);
  assert.equal((await server.get(`${path('<dated-{now/d}>')}/_doc/1`)).body._index, name);
  assert.equal((await server.get(`${path('<dated-{now/d}>')}/_search`)).body.hits.hits[0]._index, name);
  assert.equal((await server.get(`${path('<dated-{now/d}>,<dated-{now/d-1d}>')}/_count?ignore_unavailable=true`)).body.count, 1);
  refused(await server.get(`${path('<dated-{now/d-1d}>')}/_count`), 'index_not_found_exception', 404);
  const bulk = await server.bulk('/_bulk', [{ index: { _index: '<bulked-{now/d{yyyy.MM.dd}}>', _id: '1' } }, { a: 1 }]);
  assert.equal(bulk.body.items[0].index._index, `bulked-${day}`);
  assert.equal((await server.get(`/bulked-${day}/_settings`)).body[`bulked-${day}`].settings.index.provided_name, '<bulked-{now/d{yyyy.MM.dd}}>');
  const mget = await server.post('/_mget', { docs: [{ _index: '<dated-{now/d}>', _id: '1' }] });
  assert.equal(mget.body.docs[0].found, true);
  ok(await server.post('/_aliases', { actions: [{ add: { index: '<dated-{now/d}>', alias: 'today' } }] }));
  assert.deepEqual(await names('/_alias/today'), [name]);
  assert.equal((await server.get(`/_resolve/index${path('<dated-{now/d}>')}`)).body.indices[0].name, name);
  ok(await server.delete(`${path('<dated-{now/d}>')},bulked-*`).then((answer) => (answer.status === 400 ? server.delete(path('<dated-{now/d}>')) : answer)));
  await server.delete(`/bulked-${day}`);
}));

test('formats, zones, sums and escapes of dated names', () => onOneDay(async (day) => {
  const resolved = async (expression) => {
    const { status, body } = await server.get(`${path(expression)}/_count`);
    assert.equal(status, 404);
    return body.error.index;
  };
  const now = new Date();
  assert.equal(await resolved('<a-{now/M{yyyy.MM}}>'), `a-${day.slice(0, 7)}`);
  assert.equal(await resolved('<a-{now/d}-b-{now/y{yyyy}}>'), `a-${day}-b-${day.slice(0, 4)}`);
  assert.equal(await resolved('<a-{now/d-1d}>'), `a-${dotted(new Date(now - 86400000))}`);
  assert.equal(await resolved('<a-{now+14h/d{yyyy.MM.dd}}>'), `a-${dotted(new Date(Date.now() + 14 * 3600000))}`);
  assert.equal(await resolved('<a-{now/d{yyyy.MM.dd|+14:00}}>'), `a-${dotted(new Date(Date.now() + 14 * 3600000))}`);
  assert.equal(await resolved('<a\\{x\\}-{now/d}>'), `a{x}-${day}`);
  for (const broken of ['<a-{now/d>', '<a-now/d}>', '<a-{now/d{yyyy}>', '<a-{now/d{}}>', '<>']) {
    assert.equal((await server.get(`${path(broken)}/_count`)).body.error.type, 'parse_exception', broken);
  }
}));
