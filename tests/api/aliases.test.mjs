import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  for (const name of ['a', 'b', 'c']) {
    await server.put(`/${name}`);
    await server.put(`/${name}/_doc/${name}?refresh=true`, { at: name });
  }
});
after(() => server?.stop());

const names = async (path) => Object.keys((await server.get(path)).body).sort();

test('an alias is put with options, shown and removed', async () => {
  const options = { filter: { term: { at: 'a' } }, routing: '1', is_write_index: true };
  assert.deepEqual((await server.put('/a/_alias/one', options)).body, { acknowledged: true, errors: false });
  assert.deepEqual((await server.get('/a/_alias/one')).body, {
    a: { aliases: { one: { filter: { term: { at: 'a' } }, index_routing: '1', search_routing: '1', is_write_index: true } } },
  });
  assert.deepEqual((await server.get('/b/_alias')).body, { b: { aliases: {} } });
  assert.equal((await server.head('/_alias/one')).status, 200);
  assert.equal((await server.head('/_alias/two')).status, 404);
  assert.equal((await server.delete('/a/_alias/one')).status, 200);
  const again = await server.delete('/a/_alias/one');
  assert.equal(again.status, 404);
  assert.equal(again.body.error.type, 'aliases_not_found_exception');
  assert.equal(again.body.error.reason, 'aliases [one] missing');
});

test('a missing alias is told beside those found', async () => {
  await server.put('/a,b/_alias/found');
  const { status, body } = await server.get('/_alias/found,lost,gone');
  assert.equal(status, 404);
  assert.equal(body.error, 'aliases [lost,gone] missing');
  assert.equal(body.status, 404);
  assert.deepEqual(Object.keys(body.b.aliases), ['found']);
  assert.equal((await server.get('/_alias/lost')).body.error, 'alias [lost] missing');
  assert.deepEqual(await names('/_alias/fo*'), ['a', 'b']);
  assert.deepEqual(await names('/_alias/_all,-found'), []);
  await server.delete('/_all/_alias/found');
});

test('a list of actions is one step or none', async () => {
  const actions = [
    { add: { index: 'a', alias: 'live' } },
    { add: { indices: ['b', 'c'], aliases: ['both', 'rest'] } },
  ];
  assert.equal((await server.post('/_aliases', { actions })).status, 200);
  assert.deepEqual(await names('/_alias/both'), ['b', 'c']);
  const refused = await server.post('/_aliases', {
    actions: [{ remove: { index: 'a', alias: 'live' } }, { add: { index: 'nope', alias: 'live' } }],
  });
  assert.equal(refused.status, 404);
  assert.deepEqual(await names('/_alias/live'), ['a']);
  await server.post('/_aliases', {
    actions: [{ remove: { index: 'a', alias: 'live' } }, { add: { index: 'b', alias: 'live' } }],
  });
  assert.deepEqual(await names('/_alias/live'), ['b']);
  const unknown = await server.post('/_aliases', { action: [] });
  assert.match(unknown.body.error.reason, /did you mean \[actions\]\?/);
});

test('searches and reads go through aliases', async () => {
  await server.post('/_aliases', {
    actions: [
      { add: { index: '*', alias: 'every' } },
      { add: { index: '*', alias: 'only_b', filter: { term: { 'at.keyword': 'b' } } } },
    ],
  });
  assert.equal((await server.get('/every/_count')).body.count, 3);
  assert.equal((await server.get('/only_b/_count')).body.count, 1);
  const hits = (await server.get('/only_b/_search')).body.hits.hits;
  assert.deepEqual(hits.map((hit) => hit._index), ['b']);
  assert.equal((await server.get('/live/_doc/b')).body.found, true);
  assert.equal((await server.put('/every/_doc/1', {})).status, 400);
});

test('readers and writers never see a switch in between', async () => {
  await server.put('/gen-0', { aliases: { current: {} } });
  let stop = false;
  const failures = [];
  const busy = (call) => (async () => {
    while (!stop) {
      const answer = await call();
      if (answer.status >= 300) failures.push(answer.text);
    }
  })();
  let n = 0;
  const work = [
    busy(() => server.post('/current/_doc', { n: n++ })),
    busy(() => server.get('/current/_count')),
    busy(() => server.get('/_alias/current')),
  ];
  for (let i = 0; i < 20; i++) {
    await server.put(`/gen-${i + 1}`);
    const { status, text } = await server.post('/_aliases', {
      actions: [
        { remove_index: { index: `gen-${i}` } },
        { add: { index: `gen-${i + 1}`, alias: 'current' } },
      ],
    });
    assert.equal(status, 200, text);
  }
  stop = true;
  await Promise.all(work);
  assert.deepEqual(failures, []);
  assert.ok(n > 0);
  assert.deepEqual(await names('/_alias/current'), ['gen-20']);
});

test('what is not there is not removed, and told of beside what was done', async () => {
  const actions = [{ remove: { index: '*', alias: 'fresh' } }, { add: { index: 'a', alias: 'fresh' } }];
  const first = (await server.post('/_aliases', { actions })).body;
  assert.equal(first.errors, true);
  assert.deepEqual(first.action_results.map(({ action, status }) => [action, status]), [
    [{ type: 'remove', indices: ['*'], aliases: ['fresh'] }, 404], [{ type: 'add', indices: ['a'], aliases: ['fresh'] }, 200],
  ]);
  assert.deepEqual((await server.post('/_aliases', { actions })).body, { acknowledged: true, errors: false });
  actions[0].remove = { index: '*', alias: 'nope', must_exist: true };
  assert.equal((await server.post('/_aliases', { actions })).status, 404);
  actions[0].remove = { index: '*', alias: 'nope', must_exist: false };
  assert.deepEqual((await server.post('/_aliases', { actions })).body, { acknowledged: true, errors: false });
  await server.delete('/_all/_alias/fresh');
});

test('an alias brings its routing, and refuses another', async () => {
  await server.put('/routed', { settings: { number_of_shards: 7 } });
  await server.put('/routed/_alias/of-7', { routing: '7' });
  await server.put('/routed/_alias/split', { index_routing: '7', search_routing: '7,8' });
  await server.put('/routed/_alias/many', { index_routing: '7,8' });
  assert.equal((await server.put('/of-7/_doc/1?refresh=true', { a: 1 })).status, 201);
  assert.equal((await server.put('/routed/_doc/2?routing=8&refresh=true', { a: 1 })).status, 201);
  assert.equal((await server.get('/routed/_doc/1?routing=7')).body._routing, '7');
  assert.equal((await server.get('/of-7/_doc/1')).body.found, true);
  assert.equal((await server.put('/of-7/_doc/3?routing=7', { a: 1 })).status, 201);
  const other = await server.put('/of-7/_doc/3?routing=8', { a: 1 });
  assert.equal(other.status, 400);
  assert.equal(other.body.error.reason, 'Alias [of-7] has index routing associated with it [7], and was provided with routing value [8], rejecting operation');
  assert.equal((await server.get('/of-7/_doc/1?routing=8')).status, 400);
  assert.match((await server.put('/many/_doc/1', {})).body.error.reason, /^index\/alias \[many\] provided with routing value \[7,8\] that resolved to several routing values/);
  const bulk = await server.bulk('/of-7/_bulk?refresh=true', [{ index: { _id: '4', routing: '9' } }, {}, { index: { _id: '5' } }, {}]);
  assert.deepEqual(bulk.body.items.map(({ index }) => index.status), [400, 201]);
  const shardsOf = async (query) => (await server.get(`/${query}`)).body._shards.total;
  assert.equal(await shardsOf('of-7/_search'), 1);
  assert.equal(await shardsOf('split/_search?routing=8,9'), 1);
  assert.equal((await server.get('/split/_count?routing=8')).body.count, 1);
  assert.equal((await server.get('/of-7/_count?routing=8')).body._shards.total, 0);
});

test('a filter that is no query is refused where it is given', async () => {
  const filter = { trem: { a: 1 } };
  for (const answer of [
    await server.put('/a/_alias/bad', { filter }), await server.post('/_aliases', { actions: [{ add: { index: 'a', alias: 'bad', filter } }] }),
    await server.put('/bad-index', { aliases: { bad: { filter } } }), await server.put('/_index_template/bad', { index_patterns: ['bad*'], template: { aliases: { bad: { filter } } } }),
  ]) {
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.body.error.type, 'illegal_argument_exception');
    assert.match(answer.body.error.reason, /^failed to parse filter for alias \[(bad)?\]: unknown query \[trem\]/);
  }
});

test('an index gives its name to an alias in one step', async () => {
  await server.put('/plain/_doc/1', { a: 1 });
  await server.put('/plain-v2/_doc/1', { a: 2 });
  const actions = [{ add: { index: 'plain-v2', alias: 'plain' } }, { remove_index: { index: 'plain' } }];
  assert.equal((await server.post('/_aliases', { actions })).status, 200);
  assert.deepEqual((await server.get('/plain/_doc/1')).body._source, { a: 2 });
  assert.equal((await server.post('/_aliases', { actions: [{ remove_index: { index: 'plain' } }] })).status, 400);
});

test('every way to put and to ask for an alias', async () => {
  const putters = [['/a/_alias/w1'], ['/a/_aliases/w2'], ['/_alias/w3', { index: 'a' }], ['/a/_alias', { alias: 'w4' }], ['/_alias', { index: 'a', alias: 'w5', routing: '1' }], ['/a,b/_alias/w6']];
  for (const [path, body] of putters) assert.equal((await server.put(path, body)).status, 200, path);
  assert.deepEqual(Object.keys((await server.get('/a/_alias/w*')).body.a.aliases), ['w1', 'w2', 'w3', 'w4', 'w5', 'w6']);
  assert.deepEqual(await names('/_alias/w6,w1'), ['a', 'b']);
  assert.deepEqual(Object.keys((await server.get('/_alias/w*,-w1*')).body.a.aliases), ['w2', 'w3', 'w4', 'w5', 'w6']);
  for (const [path, status] of [['/_alias/w1', 200], ['/a/_alias/w1', 200], ['/b/_alias/w1', 404], ['/_alias/none', 404], ['/a/_alias', 200]]) assert.equal((await server.head(path)).status, status, path);
  assert.equal((await server.delete('/a,b/_alias/w*')).status, 200);
  assert.deepEqual((await server.get('/a/_alias/w*')).body, {});
});

test('aliases of a hidden kind are the same everywhere', async () => {
  await server.put('/a/_alias/veil', { is_hidden: true });
  const { status, body } = await server.put('/b/_alias/veil');
  assert.equal(status, 400);
  assert.equal(body.error.type, 'illegal_state_exception');
  await server.delete('/a/_alias/veil');
});
