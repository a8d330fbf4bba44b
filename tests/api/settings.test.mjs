// Settings do what they say: each row here is one that a search, a write or a mapping obeys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
const reason = (answer) => answer.body.error?.root_cause[0].reason ?? JSON.stringify(answer.body);
const cluster = (settings) => server.put('/_cluster/settings', { persistent: settings });

before(async () => {
  server = await startServer();
  await server.put('/a', { settings: { refresh_interval: '1h' } });
  for (let i = 0; i < 5; i++) await server.put(`/a/_doc/${i}`, { title: `w${i}`, note: 'other', n: i });
  await server.post('/a/_refresh');
});
after(() => server?.stop());

test('search.max_buckets bounds an answer, up and down', async () => {
  const aggs = { size: 0, aggs: { n: { terms: { field: 'n' } } } };
  await cluster({ 'search.max_buckets': 4 });
  const refused = await server.post('/a/_search', aggs);
  assert.equal(refused.status, 400);
  assert.match(JSON.stringify(refused.body), /less than or equal to: \[4\]/);
  await cluster({ 'search.max_buckets': 100000 });
  assert.equal((await server.post('/a/_search', aggs)).body.aggregations.n.buckets.length, 5);
  await cluster({ 'search.max_buckets': null });
});

test('search.default_search_timeout holds where a request names none', async () => {
  await cluster({ 'search.default_search_timeout': '1m' });
  assert.equal((await server.post('/a/_search', {})).body.timed_out, false);
  await cluster({ 'search.default_search_timeout': null });
});

test('search.max_open_scroll_context counts scrolls and not points in time', async () => {
  await cluster({ 'search.max_open_scroll_context': 1 });
  const first = await server.post('/a/_search?scroll=1m', { size: 1 });
  assert.equal(first.status, 200);
  const refused = await server.post('/a/_search?scroll=1m', { size: 1 });
  assert.equal(refused.status, 429);
  assert.match(reason(refused), /less than or equal to: \[1\].*search\.max_open_scroll_context/);
  assert.equal((await server.post('/a/_pit?keep_alive=1m')).status, 200);
  await server.delete('/_search/scroll', { scroll_id: first.body._scroll_id });
  assert.equal((await server.post('/a/_search?scroll=1m', { size: 1 })).status, 200);
  await cluster({ 'search.max_open_scroll_context': null });
  assert.equal((await cluster({ 'search.max_open_scroll_context': 501 })).status, 400);
});

test('cluster.max_shards_per_node refuses what would go past it', async () => {
  await cluster({ 'cluster.max_shards_per_node': 3 });
  const refused = await server.put('/many', { settings: { number_of_shards: 3 } });
  assert.equal(refused.status, 400);
  assert.match(reason(refused), /would add \[3\] shards, but this cluster currently has \[1\]\/\[3\]/);
  assert.equal((await server.put('/few', { settings: { number_of_shards: 2 } })).status, 200);
  await cluster({ 'cluster.max_shards_per_node': null });
});

test('index.max_terms_count bounds a terms query', async () => {
  const query = { query: { terms: { n: [1, 2, 3] } } };
  await server.put('/a/_settings', { max_terms_count: 2 });
  assert.match(reason(await server.post('/a/_search', query)), /terms \[3\].*maximum of \[2\]/);
  await server.put('/a/_settings', { max_terms_count: 70000 });
  const many = { query: { terms: { n: Array.from({ length: 66000 }, (_, i) => i) } } };
  assert.equal((await server.post('/a/_search', many)).body.hits.total.value, 5);
  await server.put('/a/_settings', { max_terms_count: null });
});

test('index.query.default_field says where multi_match looks', async () => {
  const total = async (words) =>
    (await server.post('/a/_search', { query: { multi_match: { query: words } } })).body.hits.total.value;
  assert.equal(await total('other'), 5);
  await server.put('/a/_settings', { 'query.default_field': ['title^2', 'absent'] });
  assert.equal(await total('other'), 0);
  assert.equal(await total('w3'), 1);
  await server.put('/a/_settings', { 'query.default_field': null });
  assert.equal(await total('other'), 5);
});

test('index.search.idle.after says when the timer leaves an index alone', async () => {
  await server.put('/idle', { settings: { 'search.idle.after': '0s' } });
  await server.put('/idle/_doc/1', { n: 1 });
  // Idle at once: the search itself refreshes, whatever the timer did.
  assert.equal((await server.get('/idle/_count')).body.count, 1);
  await server.put('/idle/_doc/2', { n: 2 });
  assert.equal((await server.get('/idle/_count')).body.count, 2);
});

test('index.translog.flush_threshold_size has the journal flushed', async () => {
  await server.put('/small', { settings: { 'translog.flush_threshold_size': '1kb' } });
  const left = async () => (await server.get('/small/_stats')).body._all.total.translog.uncommitted_operations;
  // It goes on writing, so that it is not the rest after the last write that flushes.
  for (let written = 1; ; written++) {
    await server.post('/small/_doc', { text: `word${written} `.repeat(50) });
    if ((await left()) < written) return;
    assert.ok(written < 2000, 'nothing was flushed');
    await new Promise((done) => setTimeout(done, 30));
  }
});

test('index.mapping.field_name_length.limit bounds names', async () => {
  await server.put('/names', { settings: { 'mapping.field_name_length.limit': 4 } });
  assert.equal((await server.put('/names/_doc/1', { four: 1 })).status, 201);
  const refused = await server.put('/names/_doc/2', { fives: 1 });
  assert.equal(refused.status, 400);
  assert.match(JSON.stringify(refused.body), /\[fives\] is longer than the limit of \[4\] characters/);
});

test('what the server gives itself cannot be set', async () => {
  for (const name of ['uuid', 'creation_date', 'provided_name', 'version.created']) {
    const refused = await server.put('/own', { settings: { [`index.${name}`]: '1' } });
    assert.equal(refused.status, 400, name);
    assert.match(reason(refused), /private index setting \[index\.[a-z_.]+\] can not be set explicitly/);
  }
  assert.match(reason(await server.put('/own', { settings: { 'translog.sync_interval': '100ms' } })), /must be >= \[1000ms\]/);
});
