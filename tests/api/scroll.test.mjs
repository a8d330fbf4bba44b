import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

const COUNT = 250;
let server;

before(async () => {
  server = await startServer();
  await server.put('/paged', { settings: { number_of_shards: 2 } });
  const lines = [];
  for (let i = 0; i < COUNT; i++) lines.push({ index: { _id: String(i) } }, { n: i, even: i % 2 === 0, word: 'same' });
  await server.bulk('/paged/_bulk?refresh=true', lines);
});
after(() => server?.stop());

async function scrollAll(search, size) {
  const seen = [];
  let page = await server.post('/paged/_search?scroll=1m', { size, ...search });
  const pages = [page.body];
  while (page.body.hits.hits.length > 0) {
    seen.push(...page.body.hits.hits.map((hit) => hit._id));
    page = await server.post('/_search/scroll', { scroll: '1m', scroll_id: page.body._scroll_id });
    assert.equal(page.status, 200);
    pages.push(page.body);
  }
  return { seen, pages };
}

test('a scroll shows every document once, whatever the order', async () => {
  for (const search of [{}, { sort: ['_doc'] }, { sort: [{ n: 'desc' }] }, { query: { match: { word: 'same' } } }]) {
    const { seen, pages } = await scrollAll(search, 33);
    assert.equal(seen.length, COUNT, JSON.stringify(search));
    assert.equal(new Set(seen).size, COUNT);
    for (const page of pages) assert.deepEqual(page.hits.total, { value: COUNT, relation: 'eq' });
  }
});

test('a sorted scroll keeps its order from page to page', async () => {
  const { seen } = await scrollAll({ sort: [{ n: 'desc' }] }, 50);
  assert.deepEqual(seen, Array.from({ length: COUNT }, (_, i) => String(COUNT - 1 - i)));
});

test('a scroll does not see what changes meanwhile', async () => {
  await server.put('/still/_doc/1?refresh=true', { n: 1 });
  await server.put('/still/_doc/2?refresh=true', { n: 2 });
  const first = await server.post('/still/_search?scroll=1m', { size: 1, sort: ['n'] });
  await server.delete('/still/_doc/2?refresh=true');
  await server.put('/still/_doc/3?refresh=true', { n: 3 });
  await server.post('/still/_flush');
  const next = await server.post('/_search/scroll', { scroll_id: first.body._scroll_id });
  assert.deepEqual(next.body.hits.hits.map((hit) => hit._source), [{ n: 2 }]);
  const end = await server.post('/_search/scroll', { scroll_id: first.body._scroll_id });
  assert.deepEqual(end.body.hits.hits, []);
});

test('aggregations come with the first page only', async () => {
  const { pages } = await scrollAll({ aggs: { most: { stats: { field: 'n' } } } }, 200);
  assert.equal(pages[0].aggregations.most.max, COUNT - 1);
  assert.equal(pages[1].aggregations, undefined);
});

test('the id can stand in the URL, and a cleared scroll is gone', async () => {
  const first = await server.post('/paged/_search?scroll=1m', { size: 10 });
  const id = first.body._scroll_id;
  assert.equal((await server.get(`/_search/scroll?scroll_id=${id}&scroll=1m`)).body.hits.hits.length, 10);
  const cleared = await server.delete('/_search/scroll', { scroll_id: [id] });
  assert.deepEqual(cleared.body, { succeeded: true, num_freed: 1 });
  const gone = await server.post('/_search/scroll', { scroll_id: id });
  assert.equal(gone.status, 404);
  assert.equal(gone.body.error.root_cause[0].type, 'search_context_missing_exception');
  assert.match(gone.body.error.root_cause[0].reason, /^No search context found for id \[\d+\]$/);
  assert.equal((await server.delete('/_search/scroll', { scroll_id: id })).status, 404);
  await server.post('/paged/_search?scroll=1m', { size: 10 });
  assert.equal((await server.delete('/_search/scroll/_all')).status, 200);
});

test('a scroll ends after its keep alive', async () => {
  const { body } = await server.post('/paged/_search?scroll=50ms', { size: 10 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal((await server.post('/_search/scroll', { scroll_id: body._scroll_id })).status, 404);
});

test('what makes no sense in a scroll is refused', async () => {
  const reason = async (path, body) => {
    const answer = await server.post(path, body);
    assert.equal(answer.status, 400, path);
    return answer.body.error.reason;
  };
  assert.match(await reason('/paged/_search?scroll=1m', { from: 5 }), /using \[from\] is not allowed in a scroll context/);
  assert.match(await reason('/paged/_search?scroll=1m', { size: 0 }), /\[size\] cannot be \[0\] in a scroll context/);
  assert.match(await reason('/paged/_search?scroll=1m', { size: 10001 }), /Batch size is too large/);
  assert.match(await reason('/paged/_search?scroll=2d', {}), /Keep alive for request \(2d\) is too large/);
  assert.match(await reason('/_search/scroll', { scroll_id: 'nonsense' }), /Cannot parse scroll id/);
  assert.match(await reason('/_search/scroll', {}), /scrollId is missing/);
  assert.match(await reason('/_search/scroll', { scrol_id: 'x' }), /Unknown parameter \[scrol_id\]/);
});

test('a point in time holds still for search_after', async () => {
  const opened = await server.post('/paged/_pit?keep_alive=1m');
  assert.equal(opened.status, 200);
  const pit = { id: opened.body.id, keep_alive: '1m' };
  await server.put('/paged/_doc/new?refresh=true', { n: -1 });
  const seen = [];
  let after;
  for (;;) {
    const search = { pit, size: 60, sort: [{ n: 'asc' }] };
    if (after) search.search_after = after;
    const { status, body } = await server.post('/_search', search);
    assert.equal(status, 200);
    assert.equal(body.pit_id, pit.id);
    if (body.hits.hits.length === 0) break;
    seen.push(...body.hits.hits.map((hit) => hit._source.n));
    after = body.hits.hits.at(-1).sort;
  }
  assert.deepEqual(seen, Array.from({ length: COUNT }, (_, i) => i));
  assert.equal((await server.get('/paged/_count')).body.count, COUNT + 1);
  await server.delete('/paged/_doc/new?refresh=true');
  const closed = await server.delete('/_pit', { id: pit.id });
  assert.deepEqual(closed.body, { succeeded: true, num_freed: 1 });
  const gone = await server.post('/_search', { pit });
  assert.equal(gone.status, 404);
  assert.equal(gone.body.error.root_cause[0].type, 'search_context_missing_exception');
  assert.equal((await server.delete('/_pit', { id: pit.id })).status, 404);
});

test('a point in time goes without an index and needs a keep alive', async () => {
  const { body } = await server.post('/paged/_pit?keep_alive=1m');
  const named = await server.post('/paged/_search', { pit: { id: body.id } });
  assert.equal(named.status, 400);
  assert.match(named.body.error.reason, /\[indices\] cannot be used with point in time/);
  assert.equal((await server.post('/paged/_pit')).status, 400);
  await server.delete('/_pit', { id: body.id });
});

test('open scrolls are limited in number', async () => {
  const opened = [];
  let refused;
  for (let i = 0; i <= 500 && !refused; i++) {
    const answer = await server.post('/paged/_search?scroll=1m', { size: 1 });
    if (answer.status === 200) opened.push(answer.body._scroll_id);
    else refused = answer;
  }
  assert.equal(refused?.status, 429);
  assert.ok(refused.headers.get('retry-after'));
  const { body } = await server.delete('/_search/scroll/_all');
  assert.equal(body.num_freed, opened.length);
  assert.equal((await server.post('/paged/_search?scroll=1m', { size: 1 })).status, 200);
});
