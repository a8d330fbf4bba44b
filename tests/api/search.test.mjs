import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  await server.put('/books', {
    settings: { number_of_shards: 2 },
    mappings: {
      properties: {
        title: { type: 'text' }, author: { type: 'keyword' }, year: { type: 'integer' },
      },
    },
  });
  await server.bulk('/books/_bulk?refresh=true', [
    { index: { _id: '1' } }, { title: 'Pride and Prejudice', author: 'Austen', year: 1813 },
    { index: { _id: '2' } }, { title: 'Sense and Sensibility', author: 'Austen', year: 1811 },
    { index: { _id: '3' } }, { title: 'Great Expectations', author: 'Dickens', year: 1861 },
    { index: { _id: '4' } }, { title: 'War and Peace', author: 'Tolstoy', year: 1869 },
    { index: { _id: '5' } }, { title: 'Crime and Punishment', author: 'Dostoevsky', year: 1866 },
  ]);
  await server.bulk('/films/_bulk?refresh=true', [
    { index: { _id: '1' } }, { title: 'War Games', year: 1983 },
  ]);
});
after(() => server?.stop());

const ids = ({ body }) => body.hits.hits.map((hit) => hit._id);

test('an answer has Elasticsearch\'s members', async () => {
  const { status, text, body } = await server.post('/books/_search', { query: { match: { title: 'prejudice' } } });
  assert.equal(status, 200);
  assert.match(text, /^\{"took":\d+,"timed_out":false,"_shards":\{"total":2,"successful":2,"skipped":0,"failed":0\},"hits":\{"total":\{"value":1,"relation":"eq"\},"max_score":/);
  const [hit] = body.hits.hits;
  assert.equal(hit._index, 'books');
  assert.equal(hit._id, '1');
  assert.ok(hit._score > 0);
  assert.equal(hit._score, body.hits.max_score);
  assert.equal(hit._source.author, 'Austen');
});

test('without a body everything is found; sizes and pages hold', async () => {
  const all = await server.get('/books/_search');
  assert.equal(all.body.hits.total.value, 5);
  assert.equal(all.body.hits.hits.length, 5);
  assert.deepEqual(ids(await server.post('/books/_search', { sort: 'year', size: 2 })), ['2', '1']);
  assert.deepEqual(ids(await server.post('/books/_search?from=2&size=2', { sort: 'year' })), ['3', '5']);
  assert.deepEqual(ids(await server.get('/books/_search?sort=year:desc&size=1')), ['4']);
  const none = await server.post('/books/_search', { size: 0 });
  assert.deepEqual(none.body.hits.hits, []);
  assert.equal(none.body.hits.max_score, null);
});

test('search_after goes on where a page ended', async () => {
  const first = await server.post('/books/_search', { sort: ['year'], size: 2 });
  const next = await server.post('/books/_search', {
    sort: ['year'], size: 2, search_after: first.body.hits.hits.at(-1).sort,
  });
  assert.deepEqual(ids(next), ['3', '5']);
});

test('too deep a page is refused with the limit\'s name', async () => {
  const { status, body } = await server.post('/books/_search', { from: 9995, size: 10 });
  assert.equal(status, 400);
  assert.match(body.error.root_cause[0].reason,
    /Result window is too large, from \+ size must be less than or equal to: \[10000\] but was \[10005\]/);
  assert.match(body.error.root_cause[0].reason, /index\.max_result_window/);
});

test('expressions of indices: lists, wildcards, all, and what is missing', async () => {
  const total = async (path, query = '') => {
    const { status, body } = await server.get(`${path}/_search${query}`);
    return status === 200 ? body.hits.total.value : body.error.type;
  };
  assert.equal(await total('/books,films'), 6);
  assert.equal(await total('/b*'), 5);
  assert.equal(await total('/_all'), 6);
  assert.equal(await total(''), 6);
  assert.equal(await total('/*,-books'), 1);
  assert.equal(await total('/nothing*'), 0);
  assert.equal(await total('/nothing*', '?allow_no_indices=false'), 'index_not_found_exception');
  assert.equal(await total('/books,missing'), 'index_not_found_exception');
  assert.equal(await total('/books,missing', '?ignore_unavailable=true'), 5);
});

test('_count counts matches, and takes nothing but a query', async () => {
  const { body } = await server.post('/books/_count', { query: { term: { author: 'Austen' } } });
  assert.deepEqual(body, { count: 2, _shards: { total: 2, successful: 2, skipped: 0, failed: 0 } });
  assert.equal((await server.get('/_count')).body.count, 6);
  const wrong = await server.post('/books/_count', { size: 1 });
  assert.equal(wrong.status, 400);
  assert.match(wrong.body.error.reason, /request does not support \[size\]/);
});

test('rest_total_hits_as_int gives the old total', async () => {
  assert.equal((await server.get('/books/_search?rest_total_hits_as_int=true')).body.hits.total, 5);
});

test('track_total_hits can be a bound, and off', async () => {
  const bound = await server.post('/books/_search', { track_total_hits: 2 });
  assert.equal(bound.body.hits.total.relation, 'gte');
  assert.equal((await server.post('/books/_search', { track_total_hits: false })).body.hits.total, undefined);
});

test('_source is filtered, and sort values are told', async () => {
  const { body } = await server.post('/books/_search', {
    query: { ids: { values: ['3'] } }, _source: ['title'], sort: [{ year: 'asc' }],
  });
  assert.deepEqual(body.hits.hits[0]._source, { title: 'Great Expectations' });
  assert.deepEqual(body.hits.hits[0].sort, [1861]);
  assert.equal((await server.get('/books/_search?_source=false')).body.hits.hits[0]._source, undefined);
});

test('aggregations come with the hits, and with their types when asked', async () => {
  const search = { size: 0, aggs: { authors: { terms: { field: 'author' } } } };
  const { body } = await server.post('/books/_search', search);
  assert.deepEqual(body.aggregations.authors.buckets[0], { key: 'Austen', doc_count: 2 });
  const typed = await server.post('/books/_search?typed_keys=true', search);
  assert.deepEqual(Object.keys(typed.body.aggregations), ['sterms#authors']);
});

test('a filtered alias shows what its filter lets through', async () => {
  const made = await server.post('/_aliases', {
    actions: [{ add: { index: 'books', alias: 'austen', filter: { term: { author: 'Austen' } } } }],
  });
  assert.equal(made.status, 200);
  assert.equal((await server.get('/austen/_count')).body.count, 2);
  assert.equal((await server.get('/austen/_search')).body.hits.hits[0]._index, 'books');
  assert.equal((await server.get('/austen,books/_count')).body.count, 5);
});

test('routing looks at the routed shard only', async () => {
  const { body } = await server.get('/books/_search?routing=x');
  assert.equal(body._shards.total, 1);
});

test('_msearch answers each search, also those that fail', async () => {
  const lines = [
    {}, { query: { match: { title: 'war' } } },
    { index: 'films' }, { size: 1 },
    { index: ['missing'] }, {},
    { index: 'books' }, { query: { mtach: {} } },
  ];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const { status, body } = await server.post('/books/_msearch', text); // as searchkit sends it
  assert.equal(status, 200);
  assert.deepEqual(body.responses.map((response) => response.status), [200, 200, 404, 400]);
  assert.equal(body.responses[0].hits.total.value, 1);
  assert.equal(body.responses[1].hits.hits[0]._index, 'films');
  assert.equal(body.responses[2].error.type, 'index_not_found_exception');
  const cut = await server.post('/_msearch', '{}\n{}');
  assert.equal(cut.status, 400);
  assert.match(cut.body.error.reason, /terminated by a newline \[\\n\]/);
});

test('_explain tells why, and what does not match', async () => {
  const { body } = await server.post('/books/_explain/1', { query: { match: { title: 'pride' } } });
  assert.equal(body._id, '1');
  assert.equal(body.matched, true);
  assert.ok(body.explanation.value > 0);
  const no = await server.post('/books/_explain/3', { query: { match: { title: 'pride' } } });
  assert.equal(no.body.matched, false);
  const missing = await server.post('/books/_explain/99', { query: { match_all: {} } });
  assert.equal(missing.status, 404);
  assert.deepEqual(missing.body, { _index: 'books', _id: '99', matched: false });
});

test('what is wrong in a search is named with the nearest valid name', async () => {
  const query = await server.post('/books/_search', { query: { mtach: { title: 'x' } } });
  assert.equal(query.status, 400);
  assert.match(query.body.error.root_cause[0].reason, /unknown query \[mtach\]/);
  const member = await server.post('/books/_search', { qurey: {} });
  assert.equal(member.status, 400);
  assert.match(JSON.stringify(member.body), /qurey/);
  assert.match(JSON.stringify(member.body), /query/);
  assert.match((await server.get('/books/_search?siez=1')).body.error.reason, /did you mean \[size\]/);
  const dfs = await server.get('/books/_search?search_type=dfs_query_then_fetch');
  assert.equal(dfs.status, 400);
  assert.match(dfs.body.error.reason, /dfs_query_then_fetch/);
});

test('a write is found after a refresh, and at once with refresh=wait_for', async () => {
  await server.put('/fresh/_doc/1?refresh=wait_for', { n: 1 });
  assert.equal((await server.get('/fresh/_count')).body.count, 1);
  await server.put('/fresh/_doc/2', { n: 2 });
  await server.post('/fresh/_refresh');
  assert.equal((await server.get('/fresh/_count')).body.count, 2);
  await server.delete('/fresh/_doc/1?refresh=true');
  assert.equal((await server.get('/fresh/_count')).body.count, 1);
});

test('a profile says what was asked and what was done', async () => {
  const { status, body } = await server.post('/books/_search', {
    profile: true, track_total_hits: true, query: { bool: { must: { match: { title: 'and' } }, must_not: { match: { title: 'war' } } } },
  });
  assert.equal(status, 200);
  assert.equal(body.profile.shards.length, 2);
  let collected = 0;
  for (const shard of body.profile.shards) {
    assert.match(shard.id, /^\[.+\]\[books\]\[[01]\]$/);
    const [{ query: [query], collector, rewrite_time: rewriting }] = shard.searches;
    assert.equal(query.type, 'BooleanQuery');
    assert.equal(query.description, '+title:and -title:war');
    assert.ok(rewriting > 0 && query.time_in_nanos >= collector[0].time_in_nanos);
    assert.equal(Object.keys(query.breakdown).length, 20);
    for (const segment of shard.auk.segments) {
      assert.equal(segment.documents_collected > 0, segment.evaluator !== 'nothing matches');
      assert.ok(segment.documents_scored >= segment.documents_collected);
      assert.equal(segment.blocks_decoded + segment.blocks_skipped, segment.blocks);
      collected += segment.documents_collected;
    }
  }
  assert.equal(collected, body.hits.total.value);
  const best = await server.post('/books/_search?track_total_hits=true', { profile: true, query: { match: { title: 'war' } } });
  const segments = best.body.profile.shards.flatMap((shard) => shard.auk.segments);
  assert.ok(segments.every((segment) => segment.total === 'statistics'));
  assert.ok(segments.some((segment) => segment.evaluator === 'best blocks first'));
  assert.equal((await server.post('/books/_search', { query: { match_all: {} } })).body.profile, undefined);
});
