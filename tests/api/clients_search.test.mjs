// The official clients on everything that searches: queries, sorts, aggregations, scrolls, points in
// time, several searches at once, counts and explanations.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { forEachClient } from './each_client.mjs';

const TOTAL = 2500;
const COLOURS = ['red', 'green', 'blue', 'grey'];

forEachClient((it) => {
  const index = it.name('parts');
  const idsOf = (answer) => answer.hits.hits.map((hit) => hit._id);
  let client;

  before(async () => {
    ({ client } = it);
    await client.indices.create({
      index,
      settings: { number_of_shards: 3 },
      mappings: { properties: {
        title: { type: 'text', fields: { raw: { type: 'keyword' } } }, colour: { type: 'keyword' }, n: { type: 'integer' },
        made: { type: 'date' }, sub: { properties: { size: { type: 'float' } } },
      } },
    });
    const result = await client.helpers.bulk({
      datasource: Array.from({ length: TOTAL }, (_, n) => ({
        title: `${n % 2 ? 'odd' : 'even'} part ${n % 10 ? 'plain' : 'special offer'}`, colour: COLOURS[n % 4], n,
        made: new Date(Date.UTC(2024, n % 12, 1 + (n % 28))).toISOString(), ...(n % 5 === 0 && { sub: { size: n / 10 } }),
      })),
      onDocument: (document) => ({ index: { _index: index, _id: `p${document.n}` } }),
      refreshOnCompletion: index,
    });
    assert.equal(result.successful, TOTAL);
  });

  describe('search', () => {
    const total = async (query) => {
      const { hits } = await client.search({ index, query, size: 0, track_total_hits: true });
      const { count } = await client.count({ index, query });
      assert.equal(hits.total.value, count);
      return count;
    };

    test('an answer has every member that the types promise', async () => {
      const answer = await client.search({ index, query: { match: { title: 'special' } }, size: 2 });
      assert.deepEqual(Object.keys(answer), ['took', 'timed_out', '_shards', 'hits']);
      assert.deepEqual(answer._shards, { total: 3, successful: 3, skipped: 0, failed: 0 });
      assert.deepEqual(answer.hits.total, { value: 250, relation: 'eq' });
      assert.ok(answer.hits.max_score > 0);
      assert.deepEqual(Object.keys(answer.hits.hits[0]), ['_index', '_id', '_score', '_source']);
    });

    for (const [name, query, expected] of [
      ['match_all', { match_all: {} }, TOTAL],
      ['match_none', { match_none: {} }, 0],
      ['match', { match: { title: 'special odd' } }, 1500],
      ['match with all words', { match: { title: { query: 'offer even', operator: 'and' } } }, 250],
      ['match with two of three', { match: { title: { query: 'special offer odd', minimum_should_match: 2 } } }, 250],
      ['match_phrase', { match_phrase: { title: 'special offer' } }, 250],
      ['match_phrase, other order', { match_phrase: { title: 'offer special' } }, 0],
      ['multi_match', { multi_match: { query: 'special', fields: ['title^2', 'colour'], type: 'best_fields' } }, 250],
      ['multi_match, most_fields', { multi_match: { query: 'red', fields: ['title', 'colour'], type: 'most_fields' } }, 625],
      ['term', { term: { colour: 'red' } }, 625],
      ['terms', { terms: { colour: ['red', 'blue'] } }, 1250],
      ['range', { range: { n: { gte: 100, lt: 200 } } }, 100],
      ['range of dates', { range: { made: { gte: '2024-03-01', lt: '2024-04-01' } } }, 209],
      ['prefix', { prefix: { colour: 'gr' } }, 1250],
      ['exists', { exists: { field: 'sub' } }, 500],
      ['ids', { ids: { values: ['p1', 'p2', 'none'] } }, 2],
      ['bool', { bool: { must: [{ match: { title: 'odd' } }], filter: [{ term: { colour: 'green' } }], must_not: [{ range: { n: { gte: 1000 } } }] } }, 250],
      ['bool, at least one', { bool: { should: [{ term: { colour: 'red' } }, { term: { n: 1 } }], minimum_should_match: 1, boost: 2 } }, 626],
      ['constant_score', { constant_score: { filter: { term: { colour: 'red' } }, boost: 2 } }, 625],
    ])
      test(`query: ${name}`, async () => assert.equal(await total(query), expected));

    test('sorts by field, with missing values placed, by score and by document', async () => {
      assert.deepEqual(idsOf(await client.search({ index, sort: [{ n: 'desc' }], size: 2 })), ['p2499', 'p2498']);
      const missing = await client.search({ index, sort: [{ 'sub.size': { order: 'desc', missing: '_first' } }, { n: 'asc' }], size: 1 });
      assert.deepEqual(idsOf(missing), ['p1']);
      const byScore = await client.search({ index, query: { match: { title: 'special' } }, sort: ['_score', { n: 'asc' }], size: 1 });
      assert.ok(byScore.hits.hits[0]._score > 0);
      assert.equal(byScore.hits.hits[0].sort.length, 2);
      assert.equal((await client.search({ index, sort: ['_doc'], size: 5 })).hits.hits.length, 5);
    });

    test('pages: from and size, min_score, sources in part, totals that are bounded', async () => {
      assert.deepEqual(idsOf(await client.search({ index, sort: 'n', from: 10, size: 2 })), ['p10', 'p11']);
      const none = await client.search({ index, query: { match: { title: 'special' } }, min_score: 100 });
      assert.equal(none.hits.total.value, 0);
      const part = await client.search({ index, query: { ids: { values: ['p0'] } }, _source: ['n', 'sub.*'] });
      assert.deepEqual(part.hits.hits[0]._source, { n: 0, sub: { size: 0 } });
      assert.deepEqual((await client.search({ index, track_total_hits: 100 })).hits.total, { value: 100, relation: 'gte' });
      assert.equal((await client.search({ index, track_total_hits: false })).hits.total, undefined);
      assert.equal((await client.search({ index, rest_total_hits_as_int: true, track_total_hits: true })).hits.total, TOTAL);
    });

    test('seq_no_primary_term, version and explain show more of a hit', async () => {
      const { hits } = await client.search({ index, size: 1, version: true, seq_no_primary_term: true, explain: true, query: { match: { title: 'odd' } } });
      const [hit] = hits.hits;
      assert.equal(hit._version, 1);
      assert.equal(typeof hit._seq_no, 'number');
      assert.equal(hit._primary_term, 1);
      assert.ok(Math.abs(hit._explanation.value - hit._score) < 1e-6);
    });

    test('aggregations', async () => {
      const { aggregations } = await client.search({
        index, size: 0,
        aggs: {
          colours: { terms: { field: 'colour', order: { _key: 'asc' } }, aggs: { n: { stats: { field: 'n' } } } },
          months: { date_histogram: { field: 'made', calendar_interval: 'month', format: 'yyyy-MM' } },
          size: { stats: { field: 'sub.size' } },
        },
      });
      assert.deepEqual(aggregations.colours.buckets.map(({ key, doc_count }) => [key, doc_count]),
        [['blue', 625], ['green', 625], ['grey', 625], ['red', 625]]);
      assert.deepEqual(aggregations.colours.buckets[3].n, { count: 625, min: 0, max: 2496, avg: 1248, sum: 780000 });
      assert.equal(aggregations.months.buckets.length, 12);
      assert.deepEqual(aggregations.months.buckets[0], { key_as_string: '2024-01', key: Date.UTC(2024, 0, 1), doc_count: 209 });
      assert.equal(aggregations.size.count, 500);
      const typed = await client.search({ index, size: 0, typed_keys: true, aggs: { months: { date_histogram: { field: 'made', fixed_interval: '30d' } } } });
      assert.deepEqual(Object.keys(typed.aggregations), ['date_histogram#months']);
    });

    test('helpers.search hands out documents with their ids', async () => {
      const documents = await client.helpers.search({ index, query: { term: { n: 7 } } });
      assert.equal(documents.length, 1);
      assert.equal(documents[0].n, 7);
    });

    test('what is wrong in a query is a clear 400', async () => {
      await assert.rejects(client.search({ index, query: { mtach: { title: 'x' } } }), (error) => {
        assert.equal(error.statusCode, 400);
        assert.equal(error.meta.body.error.type, 'parsing_exception');
        assert.match(error.message, /unknown query \[mtach\] did you mean \[match\]/);
        return true;
      });
      await assert.rejects(client.search({ index, query: { range: { n: { gte: 'many' } } } }), (error) => {
        assert.equal(error.statusCode, 400);
        assert.equal(error.meta.body.error.type, 'search_phase_execution_exception');
        assert.equal(error.meta.body.error.root_cause[0].type, 'query_shard_exception');
        assert.equal(error.meta.body.error.failed_shards[0].reason.type, 'query_shard_exception');
        return true;
      });
      await assert.rejects(client.search({ index: 'nowhere' }), { statusCode: 404 });
      assert.equal((await client.search({ index: 'nowhere', ignore_unavailable: true })).hits.total.value, 0);
    });
  });

  describe('walks', () => {
    test('scroll by hand', async () => {
      let answer = await client.search({ index, scroll: '1m', size: 1000, sort: ['_doc'] });
      const seen = new Set();
      while (answer.hits.hits.length) {
        assert.equal(answer.hits.total.value, TOTAL);
        idsOf(answer).forEach((id) => seen.add(id));
        answer = await client.scroll({ scroll_id: answer._scroll_id, scroll: '1m' });
      }
      assert.equal(seen.size, TOTAL);
      assert.equal((await client.clearScroll({ scroll_id: answer._scroll_id })).succeeded, true);
      await assert.rejects(client.scroll({ scroll_id: answer._scroll_id }), (error) => {
        assert.equal(error.statusCode, 404);
        assert.equal(error.meta.body.error.root_cause[0].type, 'search_context_missing_exception');
        return true;
      });
    });

    test('helpers.scrollSearch and scrollDocuments', async () => {
      let documents = 0;
      for await (const page of client.helpers.scrollSearch({ index, size: 400, query: { match: { title: 'odd' } } }))
        documents += page.documents.length;
      assert.equal(documents, 1250);
      let sum = 0;
      for await (const document of client.helpers.scrollDocuments({ index, size: 900 })) sum += document.n;
      assert.equal(sum, (TOTAL * (TOTAL - 1)) / 2);
    });

    test('a point in time with search_after sees what was there when it was opened', async () => {
      const { id } = await client.openPointInTime({ index, keep_alive: '1m' });
      await client.index({ index, id: 'late', document: { n: 5000, title: 'late part' }, refresh: true });
      await client.delete({ index, id: 'p0', refresh: true });
      const seen = [];
      let pit = { id, keep_alive: '1m' };
      let after;
      for (;;) {
        const page = await client.search({ pit, size: 700, sort: [{ n: 'asc' }], track_total_hits: true, ...(after && { search_after: after }) });
        if (page.hits.hits.length === 0) break;
        assert.equal(page.hits.total.value, TOTAL);
        assert.equal(page.hits.hits[0].sort.length, 2); // n, and the tie-breaker _shard_doc
        seen.push(...idsOf(page));
        after = page.hits.hits.at(-1).sort;
        pit = { id: page.pit_id, keep_alive: '1m' };
      }
      assert.deepEqual(seen, Array.from({ length: TOTAL }, (_, n) => `p${n}`));
      assert.deepEqual(await client.closePointInTime({ id: pit.id }), { succeeded: true, num_freed: 1 });
      await assert.rejects(client.search({ pit }), { statusCode: 404 });
      await client.delete({ index, id: 'late' });
      await client.index({ index, id: 'p0', document: { n: 0, title: 'even part special offer', colour: 'red', made: '2024-01-01', sub: { size: 0 } }, refresh: true });
    });

    test('search_after alone walks over ties', async () => {
      const seen = new Set();
      let after;
      for (;;) {
        const page = await client.search({ index, size: 600, sort: [{ colour: 'asc' }, { n: 'desc' }], ...(after && { search_after: after }) });
        if (page.hits.hits.length === 0) break;
        idsOf(page).forEach((id) => seen.add(id));
        after = page.hits.hits.at(-1).sort;
      }
      assert.equal(seen.size, TOTAL);
    });
  });

  describe('several at once', () => {
    test('msearch answers each, also those that fail', async () => {
      const { responses } = await client.msearch({
        index,
        searches: [
          {}, { query: { term: { colour: 'red' } }, size: 1 },
          { index: 'nowhere' }, { query: { match_all: {} } },
          {}, { query: { mtach: {} } },
          {}, { size: 0, aggs: { colours: { terms: { field: 'colour' } } } },
        ],
      });
      assert.deepEqual(responses.map((response) => response.status), [200, 404, 400, 200]);
      assert.equal(responses[0].hits.total.value, 625);
      assert.equal(responses[1].error.type, 'index_not_found_exception');
      assert.equal(responses[3].aggregations.colours.buckets.length, 4);
    });

    test('helpers.msearch gathers searches into one request', async () => {
      const helper = client.helpers.msearch({ operations: 3 });
      const answers = await Promise.all([1, 2, 3, 4].map((n) => helper.search({ index }, { query: { term: { n } } })));
      assert.deepEqual(answers.map((answer) => answer.documents[0].n), [1, 2, 3, 4]);
      await helper.stop();
    });

    test('many searches in parallel give the same answers as one', async () => {
      const answers = await Promise.all(Array.from({ length: 60 }, (_, n) =>
        client.search({ index, query: { range: { n: { gte: n * 10, lt: n * 10 + 10 } } }, size: 20 })));
      assert.ok(answers.every((answer) => answer.hits.total.value === 10 && answer.hits.hits.length === 10));
    });

    test('several indices, patterns and aliases', async () => {
      const other = it.name('parts-other');
      await client.index({ index: other, id: 'x', document: { title: 'odd one' }, refresh: true });
      const count = async (index, options) => (await client.count({ index, ...options })).count;
      assert.equal(await count([index, other]), TOTAL + 1);
      assert.equal(await count(`parts-*${it.major}`), TOTAL + 1);
      assert.equal(await count([`parts-*${it.major}`, `-${other}`]), TOTAL);
      assert.equal(await count([index, 'nowhere'], { ignore_unavailable: true }), TOTAL);
      assert.equal(await count('nothing-*'), 0);
      await assert.rejects(count('nothing-*', { allow_no_indices: false }), { statusCode: 404 });
      await client.indices.delete({ index: other });
    });
  });

  describe('explain', () => {
    test('tells why, or that it does not match', async () => {
      const yes = await client.explain({ index, id: 'p10', query: { match: { title: 'special' } } });
      assert.equal(yes.matched, true);
      const found = await client.search({ index, query: { bool: { must: { match: { title: 'special' } }, filter: { ids: { values: ['p10'] } } } } });
      assert.ok(Math.abs(yes.explanation.value - found.hits.hits[0]._score) < 1e-6);
      const no = await client.explain({ index, id: 'p1', query: { match: { title: 'special' } } });
      assert.equal(no.matched, false);
      await assert.rejects(client.explain({ index, id: 'none', query: { match_all: {} } }), { statusCode: 404 });
    });
  });
});
