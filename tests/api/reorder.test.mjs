// Merges that give documents a new order, as clients meet them: the same documents with the same scores, each once on
// every page, and what was opened before stays as it was.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from 'elasticsearch8';
import { startServer } from '../support/server.mjs';

let server, client;
const topics = 8, documents = 4000;
// Document i is about topic i % topics and has words that only its topic has.
const source = (i) => ({
  text: Array.from({ length: 12 }, (_, w) => `t${i % topics}x${(i * 7 + w * w) % 40}`).join(' ') + ` w${i % 3}`,
  number: i,
  tags: [`a${i % 5}`, `b${i % 7}`],
});
const load = async (index, from, to) => {
  const operations = [];
  for (let i = from; i < to; i++) operations.push({ index: { _index: index, _id: `${i}` } }, source(i));
  assert.equal((await client.bulk({ operations })).errors, false);
  await client.indices.flush({ index });
};
const make = async (index, settings) => {
  await client.indices.create({
    index,
    settings,
    mappings: { properties: { text: { type: 'text' }, number: { type: 'long' }, tags: { type: 'keyword' } } },
  });
  for (let from = 0; from < documents; from += documents / 4) await load(index, from, from + documents / 4);
  await client.indices.refresh({ index });
};
const reordered = async () => Number(/^auk_merges_reordered_total (\d+)/m.exec(await (await fetch(`${server.url}/metrics`)).text())[1]);
const allOf = async (options) => {
  const ids = [];
  for (let after; ; ) {
    const { hits } = (await client.search({ size: 333, ...options, search_after: after })).hits;
    if (hits.length === 0) return ids;
    ids.push(...hits.map((hit) => hit._id));
    after = hits.at(-1).sort;
  }
};
const queries = [
  { match: { text: 't3x5 t3x7' } },
  { match: { text: { query: 't1x4 w1', operator: 'and' } } },
  { bool: { must: [{ match: { text: 't5x9' } }], filter: [{ range: { number: { gte: 500, lt: 3000 } } }] } },
  { match_phrase: { text: 't2x14 t2x15' } },
  { term: { tags: 'b3' } },
];
const answers = async (index) => {
  const all = [];
  for (const query of queries) {
    const { hits, aggregations } = await client.search({
      index, query, size: 50, track_total_hits: true, sort: ['_score', 'number'], aggs: { tags: { terms: { field: 'tags' } } } });
    all.push({ total: hits.total.value, hits: hits.hits.map((h) => [h._id, h._score, h._source]), tags: aggregations.tags.buckets });
  }
  return all;
};

before(async () => {
  server = await startServer();
  client = new Client({ node: server.url, maxRetries: 0 });
});
after(async () => {
  await client?.close();
  await server?.stop();
});

test('a reordered index answers as one in the old order', async () => {
  const started = await reordered();
  await make('plain', { 'index.reorder': false, 'index.reorder_from': 512 });
  await make('moved', { 'index.reorder_from': 512 });
  const before = await answers('moved');
  const point = await client.openPointInTime({ index: 'moved', keep_alive: '5m' });
  const sorted = { pit: { id: point.id, keep_alive: '5m' }, sort: ['_shard_doc'] };
  const first = await allOf(sorted);
  await client.indices.forcemerge({ index: 'plain', max_num_segments: 1 });
  assert.equal(await reordered(), started);
  await client.indices.forcemerge({ index: 'moved', max_num_segments: 1 });
  assert.equal(await reordered(), started + 1);
  assert.deepEqual(await answers('moved'), before);
  assert.deepEqual(await answers('moved'), await answers('plain'));
  // What was opened before the merge goes on in the order that it began with.
  assert.deepEqual(await allOf(sorted), first);
  await client.closePointInTime({ id: point.id });
  // Neighbours are of one topic now.
  const { hits } = (await client.search({ index: 'moved', size: 1000, sort: ['_doc'] })).hits;
  const same = hits.filter((hit, i) => i > 0 && (hit._id - hits[i - 1]._id) % topics === 0).length;
  assert.ok(same > 300, `${same} of 1000 neighbours are of one topic`);
});

test('each document is on one page, whichever way one pages', async () => {
  const wanted = Array.from({ length: documents }, (_, i) => `${i}`).sort();
  const point = await client.openPointInTime({ index: 'moved', keep_alive: '5m' });
  for (const sort of [['_shard_doc'], ['tags', '_shard_doc'], [{ number: 'desc' }]])
    assert.deepEqual((await allOf({ pit: { id: point.id, keep_alive: '5m' }, sort })).sort(), wanted);
  await client.closePointInTime({ id: point.id });
  const scrolled = [];
  for await (const page of client.helpers.scrollSearch({ index: 'moved', size: 450, sort: ['_doc'] }))
    scrolled.push(...page.body.hits.hits.map((hit) => hit._id));
  assert.deepEqual(scrolled.sort(), wanted);
});

test('versions, sequence numbers and later changes belong to their documents', async () => {
  for (const i of [0, 1, 777, 3999]) {
    const got = await client.get({ index: 'moved', id: `${i}` });
    assert.deepEqual([got._version, got._seq_no, got._source], [1, i, source(i)]);
  }
  await client.update({ index: 'moved', id: '777', if_seq_no: 777, if_primary_term: 1, doc: { number: -1 } });
  await client.delete({ index: 'moved', id: '778' });
  await client.indices.refresh({ index: 'moved' });
  assert.equal((await client.count({ index: 'moved' })).count, documents - 1);
  assert.equal((await client.count({ index: 'moved', query: { term: { number: -1 } } })).count, 1);
  await client.indices.forcemerge({ index: 'moved', max_num_segments: 1 });
  assert.equal((await client.get({ index: 'moved', id: '777' }))._source.number, -1);
  assert.equal((await client.count({ index: 'moved' })).count, documents - 1);
});

test('the settings are shown, changed and checked', async () => {
  const shown = async (options = {}) => (await client.indices.getSettings({ index: 'moved', flat_settings: true, ...options })).moved;
  assert.equal((await shown()).settings['index.reorder_from'], '512');
  assert.equal((await shown({ include_defaults: true })).defaults['index.reorder'], 'true');
  await client.indices.putSettings({ index: 'moved', settings: { reorder: false } });
  assert.equal((await shown()).settings['index.reorder'], 'false');
  await client.indices.putSettings({ index: 'moved', settings: { reorder: null, reorder_from: null } });
  assert.equal((await shown({ include_defaults: true })).defaults['index.reorder_from'], '262144');
  await assert.rejects(client.indices.putSettings({ index: 'moved', settings: { reorder: 'perhaps' } }), /index.reorder/);
  await assert.rejects(client.indices.putSettings({ index: 'moved', settings: { reorder_from: 0 } }), /must be >= 1/);
});
