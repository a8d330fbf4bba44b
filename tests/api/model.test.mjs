// The server held to a model: random documents, replaced, updated and deleted between refreshes, merges
// and restarts; random queries, whose hits, totals, aggregations and pages a plain loop over all documents
// also finds. AUK_SEED and AUK_ROUNDS choose other runs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

const SEED = Number(process.env.AUK_SEED ?? 7);
const ROUNDS = Number(process.env.AUK_ROUNDS ?? 8);
const QUERIES = 25;
const WORDS = Array.from({ length: 60 }, (_, n) => `w${n}`);

// mulberry32: the same documents and queries on every machine
let state = SEED;
function random(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor(((t ^ (t >>> 14)) >>> 0) / 4294967296 * limit);
}
const oneOf = (list) => list[random(list.length)];
const many = (count, make) => Array.from({ length: count }, make);

let server;
const model = new Map(); // id → document
before(async () => {
  server = await startServer({ memory: '128mb' });
  await server.put('/m', {
    settings: { number_of_shards: 3 },
    mappings: { properties: {
      text: { type: 'text' }, key: { type: 'keyword' }, n: { type: 'integer' }, f: { type: 'double' }, day: { type: 'date' }, ip: { type: 'ip' }, flag: { type: 'boolean' },
    } },
  });
});
after(() => server?.stop());

// ---- documents ----

function makeDocument() {
  const document = {};
  if (random(10)) document.text = many(1 + random(12), () => WORDS[Math.min(random(60), random(60))]).join(' ');
  if (random(5)) document.key = random(4) ? WORDS[random(8)] : [WORDS[random(8)], WORDS[random(8)]];
  if (random(5)) document.n = random(6) ? random(100) - 50 : [random(100), random(100) - 50];
  if (random(3)) document.f = random(1000) / 8;
  if (random(3)) document.day = new Date(Date.UTC(2020, random(36), 1 + random(28), random(24))).toISOString();
  if (random(3)) document.ip = `10.0.${random(3)}.${random(256)}`;
  if (random(3)) document.flag = random(2) === 1;
  return document;
}

// One bulk of random actions, applied to the model too; each answer must say what the model knows.
async function writeSome() {
  const lines = [], expected = [];
  for (const id of new Set(many(1 + random(90), () => `d${random(500)}`))) {
    const known = model.has(id);
    const action = oneOf(['index', 'index', 'index', 'update', 'delete']);
    lines.push({ [action]: { _id: id } });
    expected.push([action, action === 'delete' ? (known ? 200 : 404) : known ? 200 : 201]);
    if (action === 'delete') {
      model.delete(id);
      continue;
    }
    const document = makeDocument();
    lines.push(action === 'update' ? { doc: document, doc_as_upsert: true } : document);
    model.set(id, action === 'update' ? { ...model.get(id), ...document } : document);
  }
  const { status, body, text } = await server.bulk(`/m/_bulk${random(3) ? '' : '?refresh=true'}`, lines);
  assert.equal(status, 200, text);
  assert.deepEqual(body.items.map((item) => Object.entries(item).map(([action, { status }]) => [action, status])[0]), expected);
}

// ---- queries, each with the function that says what it matches ----

const valuesOf = (value) => (value === undefined ? [] : [value].flat());
const wordsOf = (document) => (document.text ?? '').split(' ');

const leaves = [
  () => {
    const words = many(1 + random(3), () => oneOf(WORDS)), operator = oneOf(['and', 'or']);
    const all = (document) => words.every((word) => wordsOf(document).includes(word));
    const any = (document) => words.some((word) => wordsOf(document).includes(word));
    return [{ match: { text: { query: words.join(' '), operator } } }, operator === 'and' ? all : any];
  },
  () => {
    const words = [...new Set(many(4, () => WORDS[random(20)]))];
    return [{ match: { text: { query: words.join(' '), minimum_should_match: 2 } } },
      (document) => words.filter((word) => wordsOf(document).includes(word)).length >= Math.min(2, words.length)];
  },
  () => {
    const [first, second] = [WORDS[random(20)], WORDS[random(20)]];
    return [{ match_phrase: { text: `${first} ${second}` } },
      (document) => wordsOf(document).some((word, at, all) => word === first && all[at + 1] === second)];
  },
  () => {
    const start = `w${random(6)}`;
    return [{ prefix: { text: start } }, (document) => wordsOf(document).some((word) => word.startsWith(start))];
  },
  () => {
    const key = WORDS[random(8)];
    return [{ term: { key } }, (document) => valuesOf(document.key).includes(key)];
  },
  () => {
    const numbers = many(3, () => random(150) - 50);
    return [{ terms: { n: numbers } }, (document) => valuesOf(document.n).some((n) => numbers.includes(n))];
  },
  () => {
    const from = random(100) - 50, to = from + random(40);
    return [{ range: { n: { gte: from, lt: to } } }, (document) => valuesOf(document.n).some((n) => n >= from && n < to)];
  },
  () => {
    const above = random(1000) / 8;
    return [{ range: { f: { gt: above } } }, (document) => document.f > above];
  },
  () => {
    const year = String(2020 + random(3));
    return [{ range: { day: { gte: year, lte: `${year}||/y` } } }, (document) => document.day?.startsWith(year) ?? false];
  },
  () => {
    const net = random(3);
    return [{ term: { ip: `10.0.${net}.0/24` } }, (document) => document.ip?.startsWith(`10.0.${net}.`) ?? false];
  },
  () => {
    const flag = random(2) === 1;
    return [{ term: { flag } }, (document) => document.flag === flag];
  },
  () => {
    const field = oneOf(['text', 'key', 'n', 'f', 'day']);
    return [{ exists: { field } }, (document) => document[field] !== undefined];
  },
];

function makeQuery(depth) {
  if (depth === 0 || random(3) === 0) return oneOf(leaves)();
  const some = (most) => many(random(most + 1), () => makeQuery(depth - 1));
  const [must, filter, should, not] = [some(2), some(1), some(3), some(1)];
  const given = should.length && random(2) ? 1 + random(should.length) : undefined;
  const needed = given ?? (should.length && !must.length && !filter.length ? 1 : 0);
  const queries = (list) => list.map(([query]) => query);
  return [
    { bool: { must: queries(must), filter: queries(filter), should: queries(should), must_not: queries(not), ...(given && { minimum_should_match: given }) } },
    (document) => [...must, ...filter].every(([, matches]) => matches(document)) && !not.some(([, matches]) => matches(document)) &&
      should.filter(([, matches]) => matches(document)).length >= needed,
  ];
}

// ---- checks ----

function countBy(documents, keysOf) {
  const counts = new Map();
  for (const document of documents) for (const key of new Set(keysOf(document))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return Object.fromEntries([...counts].sort());
}
const bucketsOf = (aggregation, keyOf) => Object.fromEntries(aggregation.buckets.map((bucket) => [keyOf(bucket), bucket.doc_count]).sort());

async function checkSearch(query, ids) {
  const aggs = { keys: { terms: { field: 'key', size: 100 } }, n: { stats: { field: 'n' } }, months: { date_histogram: { field: 'day', calendar_interval: 'month', min_doc_count: 1 } } };
  const { body, status, text } = await server.post('/m/_search', { query, size: 1000, aggs });
  assert.equal(status, 200, text);
  assert.deepEqual(body.hits.hits.map((hit) => hit._id).sort(), ids);
  assert.deepEqual(body.hits.total, { value: ids.length, relation: 'eq' });
  const documents = ids.map((id) => model.get(id));
  const { keys, n, months } = body.aggregations;
  assert.deepEqual(bucketsOf(keys, (bucket) => bucket.key), countBy(documents, (document) => valuesOf(document.key)));
  assert.deepEqual(bucketsOf(months, (bucket) => bucket.key_as_string.slice(0, 7)), countBy(documents, (document) => (document.day ? [document.day.slice(0, 7)] : [])));
  const numbers = documents.flatMap((document) => valuesOf(document.n));
  assert.deepEqual([n.count, n.sum, n.min, n.max],
    [numbers.length, numbers.reduce((a, b) => a + b, 0), numbers.length ? Math.min(...numbers) : null, numbers.length ? Math.max(...numbers) : null]);
}

// All pages together are the whole list, each document once. A point in time keeps merges out of it.
async function checkPages(query, ids) {
  const { body: { id } } = await server.post('/m/_pit?keep_alive=1m');
  const sort = oneOf([
    [{ n: oneOf(['asc', 'desc']) }], ['_score'],
    [{ key: { order: oneOf(['asc', 'desc']), missing: oneOf(['_first', '_last']) } }, { f: 'desc' }],
  ]);
  const search = async (more) => {
    const { status, body, text } = await server.post('/_search', { pit: { id }, query, sort, ...more });
    assert.equal(status, 200, text);
    return body.hits.hits;
  };
  const whole = (await search({ size: 1000 })).map((hit) => hit._id);
  assert.deepEqual([...whole].sort(), ids);
  const seen = [];
  for (let page = await search({ size: 13 }); page.length; page = await search({ size: 13, search_after: page.at(-1).sort }))
    seen.push(...page.map((hit) => hit._id));
  assert.deepEqual(seen, whole);
  await server.delete('/_pit', { id });
}

for (let round = 0; round < ROUNDS; round++)
  test(`round ${round} of seed ${SEED}`, async () => {
    for (let bulks = 1 + random(4); bulks > 0; bulks--) await writeSome();
    if (random(3) === 0) await server.post('/m/_flush');
    if (random(4) === 0) await server.post('/m/_forcemerge?max_num_segments=1');
    if (random(3) === 0) await server.restart(oneOf(['SIGKILL', 'SIGTERM']));
    await server.post('/m/_refresh');
    for (let n = 0; n < QUERIES; n++) {
      const [query, matches] = makeQuery(2);
      const ids = [...model].filter(([, document]) => matches(document)).map(([id]) => id).sort();
      try {
        await checkSearch(query, ids);
        if (n % 3 === 0) await checkPages(query, ids);
      } catch (error) {
        error.message = `${JSON.stringify(query)}: ${error.message}`;
        throw error;
      }
    }
  });
