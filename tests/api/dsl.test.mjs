// What each query, sort and aggregation finds, over a small corpus whose answers can be counted by
// hand: three shards, several segments, deleted and replaced documents between them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../support/server.mjs';

const INDEX = 'cellar';
const MAPPING = {
  properties: {
    name: { type: 'text', copy_to: 'all', fields: { raw: { type: 'keyword' } } },
    notes: { type: 'text', copy_to: 'all' },
    english: { type: 'text', analyzer: 'english' },
    all: { type: 'text' },
    kind: { type: 'keyword' },
    code: { type: 'keyword', ignore_above: 5 },
    maker: { properties: { country: { type: 'keyword' }, founded: { type: 'short' } } },
    price: { type: 'double' },
    bottles: { type: 'integer', null_value: -1 },
    barcode: { type: 'long' },
    organic: { type: 'boolean' },
    bottled: { type: 'date' },
    tasted: { type: 'date', format: 'dd/MM/yyyy||epoch_second' },
    host: { type: 'ip' },
    rating: { type: 'integer', ignore_malformed: true },
    hidden: { type: 'keyword', index: false },
    bare: { type: 'keyword', doc_values: false },
    blob: { type: 'object', enabled: false },
  },
};
// Written in this order, each row in a bulk of its own group, with a refresh between groups.
const GROUPS = [
  [
    { _id: 'w1', name: 'Red Barn Merlot', notes: 'dark plum and smoke', english: 'The barrels were aging slowly', kind: 'red', code: 'AB1', maker: { country: 'fr', founded: 1820 }, price: 12.5, bottles: 10, barcode: 9007199254740993, organic: true, bottled: '2019-03-01T10:00:00Z', tasted: '15/04/2021', host: '10.0.0.1', rating: 4, hidden: 'x', bare: 'q', blob: { any: ['thing', { at: 'all' }] } },
    { _id: 'w2', name: 'Red Hill Shiraz', notes: 'plum jam', english: 'aged barrels', kind: 'red', code: 'TOOLONG', maker: { country: 'au', founded: 1950 }, price: 20, bottles: null, organic: false, bottled: '2020-06-15', tasted: '16/04/2021', host: '10.0.0.200', rating: 'superb' },
    { _id: 'w3', name: 'White Barn', notes: 'red apple, red pear, red plum', english: 'apples', kind: 'white', code: 'AB2', maker: { country: 'fr' }, price: 8, bottles: 5, organic: true, bottled: '2020-06-30T23:59:59.999Z', host: '10.0.1.1', rating: 3 },
    { _id: 'gone1', name: 'Red Ghost', kind: 'red', price: 1, bottled: '2020-01-01' },
  ],
  [
    { _id: 'w4', name: 'Hill Rose', notes: 'strawberry', kind: 'rose', maker: { country: 'it', founded: 2001 }, price: 8, bottles: 7, organic: 'false', bottled: '2021-01-01', host: '2001:db8::1', rating: 5 },
    { _id: 'w5', name: 'Old Port', notes: 'smoke and dark cherry with plum', kind: 'fortified', code: 'AB1', maker: { founded: 1700 }, bottles: 0, bottled: 1577836800000, host: '192.168.1.5' },
    { _id: 'gone2', name: 'Port Ghost', kind: 'fortified', price: 1 },
    { _id: 'w6', name: 'Replaced Red', kind: 'red', price: 999 },
  ],
  [
    { _id: 'w6', name: 'Sherry', notes: 'nuts', kind: 'fortified', maker: { country: 'es' }, price: 15.75, bottles: 3, organic: true, bottled: '2021-12-31', rating: [1, 5] },
    { _id: 'w7', name: 'Table Wine', kind: ['red', 'white'], price: [5, 25] },
    { _id: 'w8', name: 'Unknown', bottles: 2 },
  ],
];

let server;
before(async () => {
  server = await startServer();
  const made = await server.put(`/${INDEX}`, { settings: { number_of_shards: 3, refresh_interval: '-1' }, mappings: MAPPING });
  assert.equal(made.status, 200, made.text);
  for (const group of GROUPS) {
    const { body } = await server.bulk(`/${INDEX}/_bulk?refresh=true`,
      group.flatMap(({ _id, ...source }) => [{ index: { _id } }, source]));
    assert.equal(body.errors, false, JSON.stringify(body));
  }
  await server.delete(`/${INDEX}/_doc/gone1`);
  await server.delete(`/${INDEX}/_doc/gone2`);
  await server.post(`/${INDEX}/_refresh`);
});
after(() => server?.stop());

async function search(body, path = INDEX) {
  const answer = await server.post(`/${path}/_search`, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}
const idsOf = (answer) => answer.hits.hits.map((hit) => hit._id);

// The ids that a query matches, in order of ids, as 'w1 w2'; the count and the total must agree.
async function matches(query, index = INDEX) {
  const answer = await search({ query, size: 50 }, index);
  const ids = idsOf(answer).sort();
  assert.deepEqual(answer.hits.total, { value: ids.length, relation: 'eq' });
  const { body } = await server.post(`/${index}/_count`, { query });
  assert.equal(body.count, ids.length, 'count');
  return ids.join(' ');
}

function finds(title, rows) {
  describe(title, () => {
    for (const [query, expected] of rows)
      test(JSON.stringify(query), async () => assert.equal(await matches(query), expected));
  });
}

const ALL = 'w1 w2 w3 w4 w5 w6 w7 w8';

finds('words', [
  [{ match_all: {} }, ALL],
  [{ match_none: {} }, ''],
  [{ match: { name: 'red' } }, 'w1 w2'],
  [{ match: { name: 'RED hill' } }, 'w1 w2 w4'],
  [{ match: { name: { query: 'red hill', operator: 'and' } } }, 'w2'],
  [{ match: { notes: { query: 'dark plum smoke', minimum_should_match: 2 } } }, 'w1 w5'],
  [{ match: { notes: { query: 'dark plum smoke cherry', minimum_should_match: '75%' } } }, 'w1 w5'],
  [{ match: { notes: { query: 'dark plum smoke cherry', minimum_should_match: '-1' } } }, 'w1 w5'],
  [{ match: { notes: { query: 'dark plum smoke', minimum_should_match: '100%' } } }, 'w1 w5'],
  [{ match: { notes: { query: 'plum', minimum_should_match: '2<75%' } } }, 'w1 w2 w3 w5'],
  [{ match: { english: 'barrel' } }, 'w1 w2'],
  [{ match: { english: 'the' } }, ''],
  [{ match: { english: { query: 'the', zero_terms_query: 'all' } } }, ALL],
  [{ match: { english: 'age' } }, 'w1 w2'],
  [{ match: { nowhere: 'x' } }, ''],
  [{ match: { kind: 'red' } }, 'w1 w2 w7'],
  [{ match: { bottles: 10 } }, 'w1'],
  [{ match: { bottles: '10' } }, 'w1'],
  [{ match_phrase: { notes: 'red pear' } }, 'w3'],
  [{ match_phrase: { notes: 'pear red' } }, 'w3'],
  [{ match_phrase: { notes: 'apple pear' } }, ''],
  [{ match_phrase: { notes: { query: 'smoke and dark' } } }, 'w5'],
  [{ multi_match: { query: 'red', fields: ['name', 'notes'] } }, 'w1 w2 w3'],
  [{ multi_match: { query: 'red plum', fields: ['name', 'notes'], operator: 'and' } }, 'w3'],
  [{ multi_match: { query: 'red', fields: ['n*'], type: 'most_fields' } }, 'w1 w2 w3'],
  [{ match: { all: 'barn strawberry' } }, 'w1 w3 w4'],
  [{ match: { 'name.raw': 'Old Port' } }, 'w5'],
]);

finds('terms', [
  [{ term: { kind: 'red' } }, 'w1 w2 w7'],
  [{ term: { kind: { value: 'white', boost: 2 } } }, 'w3 w7'],
  [{ term: { kind: { value: 'RED', case_insensitive: true } } }, 'w1 w2 w7'],
  [{ term: { name: 'Red' } }, ''],
  [{ term: { bottles: 5 } }, 'w3'],
  [{ term: { price: 8 } }, 'w3 w4'],
  [{ term: { price: 8.0 } }, 'w3 w4'],
  [{ term: { price: 25 } }, 'w7'],
  [{ term: { barcode: 9007199254740993 } }, 'w1'],
  [{ term: { organic: true } }, 'w1 w3 w6'],
  [{ term: { organic: 'false' } }, 'w2 w4'],
  [{ terms: { kind: ['rose', 'fortified'] } }, 'w4 w5 w6'],
  [{ terms: { bottles: [10, 5, 77] } }, 'w1 w3'],
  [{ terms: { kind: [] } }, ''],
  [{ terms: { organic: [true, false] } }, 'w1 w2 w3 w4 w6'],
  [{ ids: { values: ['w8', 'w1', 'none', 'gone1'] } }, 'w1 w8'],
  [{ ids: { values: [] } }, ''],
  [{ terms: { _id: ['w2', 'w3'] } }, 'w2 w3'],
  [{ term: { _id: 'w2' } }, 'w2'],
  [{ prefix: { 'name.raw': 'Red' } }, 'w1 w2'],
  [{ prefix: { kind: { value: 'R' , case_insensitive: true } } }, 'w1 w2 w4 w7'],
  [{ prefix: { notes: 'straw' } }, 'w4'],
  [{ term: { bare: 'q' } }, 'w1'],
]);

finds('what a mapping makes of values', [
  [{ term: { code: 'AB1' } }, 'w1 w5'],
  [{ term: { code: 'TOOLONG' } }, ''], // ignore_above
  [{ exists: { field: 'code' } }, 'w1 w3 w5'],
  [{ term: { bottles: -1 } }, 'w2'], // null_value
  [{ exists: { field: 'bottles' } }, 'w1 w2 w3 w4 w5 w6 w8'],
  [{ range: { rating: { gte: 4 } } }, 'w1 w4 w6'], // ignore_malformed left out 'superb'
  [{ exists: { field: 'rating' } }, 'w1 w3 w4 w6'],
  [{ exists: { field: 'maker' } }, 'w1 w2 w3 w4 w5 w6'],
  [{ exists: { field: 'maker.country' } }, 'w1 w2 w3 w4 w6'],
  [{ exists: { field: 'notes' } }, 'w1 w2 w3 w4 w5 w6'],
  [{ exists: { field: 'all' } }, ALL],
  [{ exists: { field: 'bare' } }, 'w1'],
  [{ exists: { field: 'blob' } }, ''],
  [{ exists: { field: 'nowhere' } }, ''],
  [{ bool: { must_not: { exists: { field: 'price' } } } }, 'w5 w8'],
]);

finds('ranges', [
  [{ range: { price: { gt: 8, lte: 15.75 } } }, 'w1 w6'],
  [{ range: { price: { gte: 25 } } }, 'w7'],
  [{ range: { bottles: { gte: 0, lt: 5 } } }, 'w5 w6 w8'],
  [{ range: { bottles: { gt: 4.5 } } }, 'w1 w3 w4'],
  [{ range: { kind: { gte: 'red', lt: 'rose' } } }, 'w1 w2 w7'],
  [{ range: { bottled: { gte: '2020-06-15', lt: '2021' } } }, 'w2 w3'],
  [{ range: { bottled: { lte: '2020-06' } } }, 'w1 w5'], // to the end of its first day
  [{ range: { bottled: { lt: '2020-06' } } }, 'w1 w5'],
  [{ range: { bottled: { gt: '2020-06-15' } } }, 'w3 w4 w6'], // rounds up to the end of the day
  [{ range: { bottled: { gte: '2020-06-15||/M', lte: '2020-06-15||/M' } } }, 'w2 w3'],
  [{ range: { bottled: { gte: '2021-12-31||-1y/d' } } }, 'w4 w6'],
  [{ range: { bottled: { lt: 'now', gte: 'now-300y/y' } } }, 'w1 w2 w3 w4 w5 w6'],
  [{ range: { bottled: { gte: 'now+1d/d' } } }, ''],
  [{ range: { bottled: { gte: '15.06.2020', lte: '30.06.2020', format: 'dd.MM.yyyy' } } }, 'w2 w3'],
  [{ range: { bottled: { gte: '2020-06-15T02:00:00', lt: '2020-06-16', time_zone: '+02:00' } } }, 'w2'],
  [{ range: { bottled: { gte: 1577836800000, lte: 1577836800000, format: 'epoch_millis' } } }, 'w5'],
  [{ term: { bottled: '2020-06-30' } }, 'w3'],
  [{ range: { tasted: { gte: '16/04/2021' } } }, 'w2'],
  [{ term: { host: '10.0.0.1' } }, 'w1'],
  [{ term: { host: '10.0.0.0/24' } }, 'w1 w2'],
  [{ terms: { host: ['10.0.1.0/24', '2001:db8::1'] } }, 'w3 w4'],
  [{ term: { host: '2001:db8::/32' } }, 'w4'],
  [{ term: { host: '0.0.0.0/0' } }, 'w1 w2 w3 w5'],
  [{ range: { host: { gte: '10.0.0.2', lte: '10.0.1.255' } } }, 'w2 w3'],
  [{ range: { host: { gt: '192.168.1.4' } } }, 'w4 w5'],
]);

finds('bool', [
  [{ bool: {} }, ALL],
  [{ bool: { must: [{ term: { kind: 'red' } }, { match: { notes: 'plum' } }] } }, 'w1 w2'],
  [{ bool: { must: { term: { kind: 'red' } }, must_not: { term: { organic: true } } } }, 'w2 w7'],
  [{ bool: { filter: { range: { price: { lt: 10 } } }, should: { term: { kind: 'red' } } } }, 'w3 w4 w7'],
  [{ bool: { filter: { range: { price: { lt: 10 } } }, should: { term: { kind: 'red' } }, minimum_should_match: 1 } }, 'w7'],
  [{ bool: { should: [{ term: { kind: 'red' } }, { term: { organic: true } }, { match: { notes: 'plum' } }], minimum_should_match: 2 } }, 'w1 w2 w3'],
  [{ bool: { should: [{ term: { kind: 'red' } }, { term: { organic: true } }, { match: { notes: 'plum' } }], minimum_should_match: '100%' } }, 'w1'],
  [{ bool: { should: [{ term: { kind: 'red' } }], minimum_should_match: 5 } }, ''],
  [{ bool: { must: { term: { kind: 'red' } }, should: [{ match: { notes: 'jam' } }, { term: { organic: true } }], minimum_should_match: 2 } }, ''],
  [{ bool: { filter: { term: { kind: 'red' } }, should: [{ match: { notes: 'jam' } }, { term: { organic: false } }], minimum_should_match: 2 } }, 'w2'],
  [{ bool: { must_not: [{ exists: { field: 'kind' } }] } }, 'w8'],
  [{ bool: { must: [{ bool: { should: [{ term: { kind: 'rose' } }, { term: { kind: 'white' } }] } }], filter: [{ term: { organic: true } }] } }, 'w3'],
  [{ constant_score: { filter: { term: { kind: 'red' } }, boost: 3 } }, 'w1 w2 w7'],
]);

describe('scores', () => {
  test('of filters are nothing, of constant_score the boost', async () => {
    const filtered = await search({ query: { bool: { filter: { term: { kind: 'red' } } } } });
    assert.equal(filtered.hits.max_score, 0);
    const constant = await search({ query: { constant_score: { filter: { term: { kind: 'red' } }, boost: 3 } } });
    assert.deepEqual(constant.hits.hits.map((hit) => hit._score), [3, 3, 3]);
    const all = await search({ query: { match_all: { boost: 1.5 } } });
    assert.equal(all.hits.max_score, 1.5);
  });

  test('best_fields takes the best field, most_fields adds', async () => {
    const index = 'scores';
    await server.put(`/${index}`, { mappings: { properties: { a: { type: 'text' }, b: { type: 'text' } } } });
    await server.bulk(`/${index}/_bulk?refresh`, [
      { index: { _id: '1' } }, { a: 'sea', b: 'sea' }, { index: { _id: '2' } }, { a: 'sea', b: 'land' }, { index: { _id: '3' } }, { a: 'land' },
    ]);
    const score = async (query, id) => (await search({ query }, index)).hits.hits.find((hit) => hit._id === id)?._score;
    const [a, b] = [await score({ match: { a: 'sea' } }, '1'), await score({ match: { b: 'sea' } }, '1')];
    const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} ${expected}`);
    near(await score({ multi_match: { query: 'sea', fields: ['a', 'b'] } }, '1'), Math.max(a, b));
    near(await score({ multi_match: { query: 'sea', fields: ['a', 'b'], tie_breaker: 0.5 } }, '1'), Math.max(a, b) + 0.5 * Math.min(a, b));
    near(await score({ multi_match: { query: 'sea', fields: ['a', 'b'], type: 'most_fields' } }, '1'), a + b);
    near(await score({ multi_match: { query: 'sea', fields: ['a^3', 'b'], type: 'most_fields' } }, '1'), 3 * a + b);
    // BM25 by hand: idf = ln(1 + (N - n + 0.5) / (n + 0.5)), length 1 equal to the mean, so tf / (tf + 1.2)
    near(a, Math.log(1 + (3 - 2 + 0.5) / (2 + 0.5)) * (1 / (1 + 1.2)) * 2.2 / 2.2);
    const { hits } = await search({ query: { bool: { should: [{ match: { a: 'sea' } }, { match: { b: 'sea' } }] } }, min_score: (a + a + b) / 2 }, index);
    assert.deepEqual(hits.hits.map((hit) => hit._id), ['1']);
    assert.deepEqual(hits.total, { value: 1, relation: 'eq' });
  });

  test('explain adds up to the score', async () => {
    const query = { bool: { should: [{ match: { name: 'red barn' } }, { term: { kind: { value: 'red', boost: 2 } } }] } };
    const { hits } = await search({ query, explain: true });
    assert.ok(hits.hits.length >= 3);
    for (const hit of hits.hits) {
      assert.ok(Math.abs(hit._explanation.value - hit._score) < 1e-6);
      const { body } = await server.post(`/${INDEX}/_explain/${hit._id}`, { query });
      assert.ok(Math.abs(body.explanation.value - hit._score) < 1e-6, hit._id);
      const sum = body.explanation.details.reduce((total, part) => total + part.value, 0);
      assert.ok(Math.abs(sum - hit._score) < 1e-5 || body.explanation.details.length === 1);
    }
  });
});

describe('sorts and pages', () => {
  const order = async (body) => idsOf(await search({ size: 50, ...body })).join(' ');

  test('by numbers, with what is missing first, last or in between', async () => {
    assert.equal(await order({ sort: [{ price: 'asc' }, { 'name.raw': 'desc' }] }), 'w7 w3 w4 w1 w6 w2 w8 w5');
    assert.equal(await order({ sort: [{ bottles: 'asc' }] }), 'w2 w5 w8 w6 w3 w4 w1 w7');
    assert.equal(await order({ sort: [{ bottles: { order: 'desc', missing: '_first' } }] }), 'w7 w1 w4 w3 w6 w8 w5 w2');
    assert.equal(await order({ sort: [{ bottles: { order: 'asc', missing: 4 } }] }), 'w2 w5 w8 w6 w7 w3 w4 w1');
  });

  test('by the least or the greatest of several values', async () => {
    const query = { terms: { _id: ['w7', 'w1', 'w6'] } };
    assert.equal(await order({ query, sort: [{ price: 'asc' }] }), 'w7 w1 w6');
    assert.equal(await order({ query, sort: [{ price: 'desc' }] }), 'w7 w6 w1');
    assert.equal(await order({ query, sort: [{ price: { order: 'asc', mode: 'max' } }] }), 'w1 w6 w7');
    assert.equal(await order({ query, sort: [{ price: { order: 'asc', mode: 'avg' } }] }), 'w1 w7 w6');
  });

  test('by words and dates, telling the values', async () => {
    const { hits } = await search({ sort: [{ 'name.raw': 'desc' }], size: 2 });
    assert.deepEqual(hits.hits.map((hit) => hit.sort), [['White Barn'], ['Unknown']]);
    assert.equal(hits.max_score, null);
    assert.equal(hits.hits[0]._score, null);
    const dates = await search({ sort: [{ bottled: { order: 'asc', format: 'yyyy-MM-dd' } }], size: 1 });
    assert.deepEqual(dates.hits.hits[0].sort, ['2019-03-01']);
    const plain = await search({ sort: 'bottled', size: 1 });
    assert.deepEqual(plain.hits.hits[0].sort, [1551434400000]);
  });

  test('by score, alone or before a field', async () => {
    const query = { constant_score: { filter: { term: { kind: 'red' } }, boost: 2 } };
    const { hits } = await search({ query, sort: ['_score', { 'name.raw': 'asc' }] });
    assert.deepEqual(hits.hits.map((hit) => [hit._id, hit._score]), [['w1', 2], ['w2', 2], ['w7', 2]]);
    const tracked = await search({ query, sort: 'price', track_scores: true });
    assert.equal(tracked.hits.max_score, 2);
  });

  test('search_after walks over all, also over ties and missing values', async () => {
    for (const sort of [[{ bottles: 'asc' }, { 'name.raw': 'asc' }], [{ bottled: 'desc' }, { 'name.raw': 'asc' }], [{ price: 'asc' }, { 'name.raw': 'asc' }], [{ price: 'desc' }, { 'name.raw': 'desc' }], [{ 'name.raw': 'asc' }]]) {
      const seen = [];
      let after;
      for (;;) {
        const { hits } = await search({ sort, size: 3, ...(after && { search_after: after }) });
        assert.equal(hits.total.value, 8);
        if (hits.hits.length === 0) break;
        seen.push(...hits.hits.map((hit) => hit._id));
        after = hits.hits.at(-1).sort;
      }
      assert.equal(seen.join(' '), await order({ sort }));
      assert.equal(new Set(seen).size, 8);
    }
  });

  test('from and size cut the same list', async () => {
    const sort = [{ 'name.raw': 'asc' }];
    const all = (await order({ sort })).split(' ');
    for (let from = 0; from <= 9; from += 2)
      assert.deepEqual(idsOf(await search({ sort, from, size: 3 })), all.slice(from, from + 3));
    const byScore = idsOf(await search({ query: { match: { notes: 'plum' } } }));
    assert.deepEqual(idsOf(await search({ query: { match: { notes: 'plum' } }, from: 1, size: 2 })), byScore.slice(1, 3));
  });

  test('_seq_no sorts in the order of writing; text and _id are refused, saying what to sort on', async () => {
    const answer = await server.get(`/${INDEX}/_search?sort=_seq_no:desc&size=1`);
    assert.equal(answer.status, 200);
    for (const [field, reason] of [['notes', /Please use a keyword field instead\.$/], ['_id', /Fielddata access on the _id field is disallowed/], ['nowhere', /No mapping found for \[nowhere\] in order to sort on/]]) {
      const { status, body } = await server.get(`/${INDEX}/_search?sort=${field}`);
      assert.equal(status, 400);
      assert.match(body.error.root_cause[0].reason, reason);
    }
    assert.equal((await search({ sort: [{ nowhere: { order: 'asc', unmapped_type: 'long' } }] })).hits.total.value, 8);
  });

  test('track_total_hits bounds the total, not the hits', async () => {
    const { hits } = await search({ track_total_hits: 3, size: 8 });
    assert.equal(hits.hits.length, 8);
    assert.ok(hits.total.value >= 3);
    assert.equal(hits.total.relation, 'gte');
    const exact = await search({ track_total_hits: true, size: 0 });
    assert.deepEqual(exact.hits.total, { value: 8, relation: 'eq' });
  });
});

describe('sources', () => {
  const source = async (_source) => (await search({ query: { ids: { values: ['w1'] } }, _source })).hits.hits[0]._source;
  test('come back as they were written, or in part', async () => {
    assert.deepEqual(await source(['maker.*', 'price']), { maker: { country: 'fr', founded: 1820 }, price: 12.5 });
    assert.deepEqual(await source({ includes: ['maker'], excludes: ['*.founded'] }), { maker: { country: 'fr' } });
    assert.equal(await source(false), undefined);
    const { text } = await server.get(`/${INDEX}/_source/w1`);
    assert.match(text, /"barcode":9007199254740992|"barcode":9007199254740993/);
    assert.match(text, /"blob":\{"any":\["thing",\{"at":"all"\}\]\}/);
  });
});

describe('aggregations', () => {
  const aggregate = async (aggs, query) => (await search({ size: 0, aggs, ...(query && { query }) })).aggregations;

  test('terms counts each value of each live document', async () => {
    const { kinds } = await aggregate({ kinds: { terms: { field: 'kind' } } });
    assert.deepEqual(kinds, {
      doc_count_error_upper_bound: 0, sum_other_doc_count: 0,
      buckets: [{ key: 'red', doc_count: 3 }, { key: 'fortified', doc_count: 2 }, { key: 'white', doc_count: 2 }, { key: 'rose', doc_count: 1 }],
    });
    const { top } = await aggregate({ top: { terms: { field: 'kind', size: 1 } } });
    assert.equal(top.sum_other_doc_count, 5);
    const { rare } = await aggregate({ rare: { terms: { field: 'kind', order: { _key: 'desc' }, size: 2 } } });
    assert.deepEqual(rare.buckets.map((bucket) => bucket.key), ['white', 'rose']);
    const { missing } = await aggregate({ missing: { terms: { field: 'kind', missing: 'none' } } });
    assert.deepEqual(missing.buckets.at(-2), { key: 'none', doc_count: 1 }); // before 'rose', which has one too
    const { two } = await aggregate({ two: { terms: { field: 'kind', min_doc_count: 2 } } });
    assert.equal(two.buckets.length, 3);
  });

  test('terms over numbers, booleans and dates', async () => {
    const { bottles, organic, days } = await aggregate({
      bottles: { terms: { field: 'bottles', order: { _key: 'asc' }, size: 2 } },
      organic: { terms: { field: 'organic' } },
      days: { terms: { field: 'bottled', size: 1, order: { _key: 'asc' } } },
    });
    assert.deepEqual(bottles.buckets, [{ key: -1, doc_count: 1 }, { key: 0, doc_count: 1 }]);
    assert.deepEqual(organic.buckets, [
      { key: 1, key_as_string: 'true', doc_count: 3 }, { key: 0, key_as_string: 'false', doc_count: 2 },
    ]);
    assert.deepEqual(days.buckets, [{ key: 1551434400000, key_as_string: '2019-03-01T10:00:00.000Z', doc_count: 1 }]);
  });

  test('stats and its single figures', async () => {
    const { all, least, most, mean, sum, count } = await aggregate({
      all: { stats: { field: 'price' } }, least: { min: { field: 'price' } }, most: { max: { field: 'price' } },
      mean: { avg: { field: 'price' } }, sum: { sum: { field: 'price' } }, count: { value_count: { field: 'price' } },
    });
    const prices = [12.5, 20, 8, 8, 15.75, 5, 25];
    const total = prices.reduce((a, b) => a + b, 0);
    assert.deepEqual(all, { count: 7, min: 5, max: 25, avg: total / 7, sum: total });
    assert.deepEqual([least.value, most.value, mean.value, sum.value, count.value], [5, 25, total / 7, total, 7]);
    const { none } = await aggregate({ none: { stats: { field: 'price' } } }, { ids: { values: ['w8'] } });
    assert.deepEqual(none, { count: 0, min: null, max: null, avg: null, sum: 0 });
  });

  test('date_histogram fills the gaps', async () => {
    const { years } = await aggregate({ years: { date_histogram: { field: 'bottled', calendar_interval: 'year', format: 'yyyy' } } });
    assert.deepEqual(years.buckets, [
      { key_as_string: '2019', key: 1546300800000, doc_count: 1 },
      { key_as_string: '2020', key: 1577836800000, doc_count: 3 },
      { key_as_string: '2021', key: 1609459200000, doc_count: 2 },
    ]);
    const { months } = await aggregate({ months: { date_histogram: { field: 'bottled', calendar_interval: 'month' } } },
      { range: { bottled: { gte: '2020-01-01', lt: '2021-02-01' } } });
    assert.equal(months.buckets.length, 13);
    assert.deepEqual(months.buckets.filter((bucket) => bucket.doc_count).map((bucket) => [bucket.key_as_string, bucket.doc_count]),
      [['2020-01-01T00:00:00.000Z', 1], ['2020-06-01T00:00:00.000Z', 2], ['2021-01-01T00:00:00.000Z', 1]]);
    const { full } = await aggregate({ full: { date_histogram: { field: 'bottled', calendar_interval: 'year', min_doc_count: 2 } } });
    assert.equal(full.buckets.length, 2);
    const { fixed } = await aggregate({ fixed: { date_histogram: { field: 'bottled', fixed_interval: '365d', min_doc_count: 1 } } });
    assert.equal(fixed.buckets.reduce((sum, bucket) => sum + bucket.doc_count, 0), 6);
  });

  test('inside of each other, and beside a query', async () => {
    const { kinds } = await aggregate({
      kinds: {
        terms: { field: 'kind' },
        aggs: {
          price: { stats: { field: 'price' } },
          years: { date_histogram: { field: 'bottled', calendar_interval: 'year', format: 'yyyy', min_doc_count: 1 }, aggs: { organic: { terms: { field: 'organic' } } } },
        },
      },
    }, { exists: { field: 'bottled' } });
    const red = kinds.buckets.find((bucket) => bucket.key === 'red');
    assert.equal(red.doc_count, 2);
    assert.deepEqual(red.price, { count: 2, min: 12.5, max: 20, avg: 16.25, sum: 32.5 });
    assert.deepEqual(red.years.buckets.map((bucket) => [bucket.key_as_string, bucket.organic.buckets.map((b) => b.key_as_string)]),
      [['2019', ['true']], ['2020', ['false']]]);
    const sorted = await aggregate({ kinds: { terms: { field: 'kind', order: { price: 'desc' } }, aggs: { price: { max: { field: 'price' } } } } });
    assert.equal(sorted.kinds.buckets[0].price.value, 25);
  });

  test('a field that no index knows gives nothing; text is refused', async () => {
    const { none } = await aggregate({ none: { terms: { field: 'nowhere' } } });
    assert.deepEqual(none.buckets, []);
    const text = await server.post(`/${INDEX}/_search`, { size: 0, aggs: { words: { terms: { field: 'notes' } } } });
    assert.equal(text.status, 400);
    assert.match(text.text, /notes/);
  });
});
