// _reindex from another server: one Auk from another one, and from servers that do not do what they should.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let source, server, odd, asked = [], answer = () => [200, {}];
before(async () => {
  source = await startServer();
  odd = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => (text += part));
    request.on('end', () => {
      asked.push({ method: request.method, url: request.url, headers: request.headers, body: text && JSON.parse(text) });
      const [status, body] = answer(asked.at(-1));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise((resolve) => odd.listen(0, '127.0.0.1', resolve));
  const list = `elsewhere:9200, ${new URL(source.url).host}, 127.0.*.1:${odd.address().port}`;
  server = await startServer({ args: ['--reindex-remote-whitelist', list] });
});
after(async () => {
  odd?.close();
  await source?.stop();
  await server?.stop();
});

const reindex = (remote, more = {}, dest = { index: 'copy' }, parameters = '') =>
  server.post(`/_reindex?refresh=true${parameters}`, { source: { remote, index: 'there', ...more }, dest });
const oddHost = () => `http://127.0.0.1:${odd.address().port}/behind`;

test('documents, versions and routing come over, batch by batch', async () => {
  const lines = [];
  for (let i = 0; i < 1300; i++) lines.push({ index: { _id: `d${i}`, ...(i % 2 && { routing: 'odd' }) } }, { n: i, word: `w${i % 3} ü` });
  await source.put('/there', { settings: { number_of_shards: 2 } });
  assert.equal((await source.bulk('/there/_bulk?refresh=true', lines)).body.errors, false);
  await source.put('/there/_doc/d4?refresh=true', { n: 4, word: 'w1 ü' });
  const { status, body } = await reindex({ host: source.url, socket_timeout: '1m', connect_timeout: '10s' }, { size: 500 }, { index: 'copy', version_type: 'external' });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.total, body.created, body.batches, body.failures], [1300, 1300, 3, []]);
  assert.equal((await server.get('/copy/_count')).body.count, 1300);
  assert.deepEqual((await server.get('/copy/_doc/d4')).body._source, { n: 4, word: 'w1 ü' });
  assert.equal((await server.get('/copy/_doc/d4')).body._version, 2);
  assert.equal((await server.get('/copy/_doc/d5?routing=odd')).body._routing, 'odd');
  const some = await reindex({ host: source.url }, { query: { range: { n: { lt: 100 } } }, _source: ['n'], sort: { n: 'asc' }, size: 30 }, { index: 'some' });
  assert.deepEqual([some.body.total, some.body.created, some.body.batches], [100, 100, 4]);
  assert.deepEqual((await server.get('/some/_doc/d4')).body._source, { n: 4 });
  const few = await server.post('/_reindex?max_docs=45', { source: { remote: { host: source.url }, index: ['ther*'], size: 20 }, dest: { index: 'few' } });
  assert.deepEqual([few.body.total, few.body.created, few.body.batches], [45, 45, 3]);
  assert.equal((await source.get('/_nodes/stats')).body.nodes[Object.keys((await source.get('/_nodes')).body.nodes)[0]].indices?.search?.open_contexts ?? 0, 0);
});

test('a task reads from afar, too', async () => {
  const { body } = await reindex({ host: source.url }, { size: 100 }, { index: 'behind' }, '&wait_for_completion=false&requests_per_second=100');
  const shown = (await server.get(`/_tasks/${body.task}`)).body.task;
  assert.equal(shown.description, `reindex from [host=${source.url}][there] to [behind]`);
  await server.post(`/_reindex/${body.task}/_rethrottle?requests_per_second=-1`);
  const done = (await server.get(`/_tasks/${body.task}?wait_for_completion=true&timeout=60s`)).body;
  assert.equal(done.response.created, 1300);
});

test('what is asked, with names and passwords', async () => {
  const hit = (id) => ({ _index: 'there', _type: '_doc', _id: id, _version: 3, _source: { id } });
  answer = ({ method, url }) => {
    if (method === 'DELETE') return [200, { succeeded: true }];
    const first = url.startsWith('/behind/there/');
    return [200, { _scroll_id: 'abc', timed_out: false, _shards: { failed: 0 }, hits: { total: 2, hits: first ? [hit('1'), hit('2')] : [] } }];
  };
  asked = [];
  const { body } = await reindex({ host: oddHost(), username: 'emma', password: 'höfe:x', headers: { 'x-more': 'yes' } }, { query: { moon: { any: 1 } } }, { index: 'odd' });
  assert.deepEqual([body.total, body.created], [2, 2], JSON.stringify(body));
  const [search, scroll, end] = asked;
  assert.equal(search.url, '/behind/there/_search?scroll=300s&size=1000');
  assert.deepEqual(search.body, { query: { moon: { any: 1 } }, sort: ['_doc'], version: true });
  assert.equal(search.headers.authorization, `Basic ${Buffer.from('emma:höfe:x').toString('base64')}`);
  assert.equal(search.headers['x-more'], 'yes');
  assert.deepEqual([scroll.method, scroll.url, scroll.body], ['POST', '/behind/_search/scroll', { scroll: '300s', scroll_id: 'abc' }]);
  assert.deepEqual([end.method, end.url, end.body], ['DELETE', '/behind/_search/scroll', { scroll_id: 'abc' }]);
});

test('what is wrong over there is said', async () => {
  const cases = [
    [() => [401, { error: 'who are you' }], /^\[127\.0\.0\.1:\d+\] answered 401: \{"error":"who are you"\}$/],
    [() => [200, { took: 1 }], /answered a search without \[hits\]$/],
    [() => [200, { _scroll_id: 'x', _shards: { failed: 1 }, hits: { hits: [] } }], /failed on some of its shards$/],
    [() => [200, { _scroll_id: 'x', hits: { hits: [{ _index: 'there', _id: '1' }] } }], /^\[there\]\[1\] didn't store _source$/],
  ];
  for (const [answers, reason] of cases) {
    answer = answers;
    const { status, body } = await reindex({ host: oddHost() }, {}, { index: 'none' });
    assert.ok(status >= 400, JSON.stringify(body));
    assert.match(body.error.reason, reason);
  }
  let refused = 2;
  answer = ({ method }) => (method === 'POST' && refused-- > 0 ? [429, {}] : [200, { _scroll_id: 'x', hits: { hits: [] } }]);
  assert.equal((await reindex({ host: oddHost() }, {}, { index: 'none' })).body.retries.search, 2);
});

test('only where it may, and only what it can', async () => {
  const cases = [
    [{ host: 'http://127.0.0.1:1' }, '[127.0.0.1:1] not whitelisted in reindex.remote.whitelist'],
    [{ host: 'http://elsewhere:9201' }, '[elsewhere:9201] not whitelisted in reindex.remote.whitelist'],
    [{ host: 'https://elsewhere:9200' }, '[host] of scheme [https] is not supported'],
    [{ host: 'elsewhere:9200' }, '[host] must be of the form [scheme]://[host]:[port](/[pathPrefix])? but was [elsewhere:9200]'],
    [{ host: 'http://elsewhere' }, '[host] must be of the form [scheme]://[host]:[port](/[pathPrefix])? but was [http://elsewhere]'],
    [{}, '[host] must be specified to reindex from a remote cluster'],
    [{ host: oddHost(), socket_timeout: 'long' }, 'failed to parse setting [socket_timeout] with value [long] as a time value: unit is missing or unrecognized'],
    [{ host: oddHost(), headers: { 'x-a': 'b\r\nx-c: d' } }, '[headers] cannot hold [x-a]'],
    [{ host: oddHost(), headers: { Host: 'b' } }, '[headers] cannot hold [Host]'],
    [{ host: oddHost(), hots: 1 }, '[remote] unknown field [hots] did you mean [host]?'],
  ];
  for (const [remote, reason] of cases) {
    const { status, body } = await reindex(remote);
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(body.error.reason, reason);
  }
  const sliced = await reindex({ host: source.url }, {}, undefined, '&slices=2');
  assert.equal(sliced.body.error.reason, "Validation Failed: 1: reindex from remote sources doesn't support slices > 1 but was [2];");
  const none = await source.post('/_reindex', { source: { remote: { host: server.url }, index: 'copy' }, dest: { index: 'x' } });
  assert.equal(none.status, 400);
  assert.match(none.body.error.reason, /not whitelisted/);
});
