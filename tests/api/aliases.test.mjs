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
