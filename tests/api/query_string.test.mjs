// Query strings over fields of every kind, in bodies and in URLs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from 'elasticsearch8';
import { startServer } from '../support/server.mjs';

let server, client;
before(async () => {
  server = await startServer();
  client = new Client({ node: server.url, maxRetries: 0 });
  await client.indices.create({
    index: 'books',
    mappings: {
      properties: {
        title: { type: 'text', fields: { raw: { type: 'keyword' } } },
        body: { type: 'text' },
        tag: { type: 'keyword' },
        pages: { type: 'integer' },
        day: { type: 'date' },
        sold: { type: 'boolean' },
      },
    },
  });
  const docs = [
    { title: 'Quick Brown Fox', body: 'jumps over the dog', tag: 'animal', pages: 10, day: '2024-01-01', sold: true },
    { title: 'Lazy Dog', body: 'sleeps all day', tag: 'animal', pages: 200, day: '2024-06-15', sold: false },
    { title: 'C++ and other tongues', body: 'a:b (c)', tag: 'code', pages: 35 },
    { title: 'Nothing', body: 'quick notes on foxes', day: '2025-01-01T23:30:00Z' },
  ];
  for (const [id, document] of docs.entries()) await client.index({ index: 'books', id: String(id), document });
  await client.indices.refresh({ index: 'books' });
});
after(async () => {
  await client?.close();
  await server?.stop();
});

const ids = ({ hits }) => hits.hits.map((hit) => hit._id).sort().join('');
const classic = async (query, more = {}) =>
  ids(await client.search({ index: 'books', query: { query_string: { query, ...more } } }));
const simple = async (query, more = {}) =>
  ids(await client.search({ index: 'books', query: { simple_query_string: { query, ...more } } }));

test('fields, groups and operators', async () => {
  assert.equal(await classic('quick'), '03');
  assert.equal(await classic('title:quick'), '0');
  assert.equal(await classic('title:(quick OR lazy) AND tag:animal'), '01');
  assert.equal(await classic('tag:animal -dog'), '');
  assert.equal(await classic('+tag:animal -title:dog'), '0');
  assert.equal(await classic('NOT tag:*'), '3');
  assert.equal(await classic('_exists_:day'), '013');
  assert.equal(await classic('*'), '0123');
  assert.equal(await classic('nowhere:quick'), '');
  assert.equal(await classic('\\*:quick'), '03');
  assert.equal(await classic('t\\*:quick'), '0');
  assert.equal(await classic('title.raw:"Lazy Dog"'), '1');
  assert.equal(await classic('quick fox', { default_operator: 'and', fields: ['title', 'body'], type: 'best_fields' }), '0');
  assert.equal(await classic(''), '');
});

test('ranges over numbers and dates, prefixes and wildcards', async () => {
  assert.equal(await classic('pages:[10 TO 35]'), '02');
  assert.equal(await classic('pages:{10 TO 35]'), '2');
  assert.equal(await classic('pages:>=35'), '12');
  assert.equal(await classic('pages:<35'), '0');
  assert.equal(await classic('day:[2024-06 TO *]'), '13');
  assert.equal(await classic('day:[2025-01-02 TO *]', { time_zone: '+01:00' }), '3');
  assert.equal(await classic('day:[2025-01-02 TO *]'), '');
  assert.equal(await classic('sold:true'), '0');
  assert.equal(await classic('title:QUI*'), '0');
  assert.equal(await classic('fox*'), '03');
  assert.equal(await classic('f?x'), '0');
  assert.equal(await classic('tag:an*l'), '01');
  assert.equal(await classic('quick fo*', { analyze_wildcard: true, default_operator: 'and' }), '03');
});

test('phrases, boosts, escapes, how many must match', async () => {
  assert.equal(await classic('"brown fox"'), '0');
  assert.equal(await classic('"quick fox"'), '');
  assert.equal(await classic('"quick fox"~1'), '0');
  assert.equal(await classic('"quick fox"', { phrase_slop: 1 }), '0');
  assert.equal(await classic('title:C\\+\\+'), '2');
  assert.equal(await classic('a:b (c)', { escape: true, fields: ['body'] }), '2');
  assert.equal(await classic('quick lazy dog', { fields: ['title'], minimum_should_match: 2 }), '1');
  const { hits } = await client.search({ index: 'books', query: { query_string: { query: 'title:lazy^5 title:quick' } } });
  assert.equal(hits.hits[0]._id, '1');
});

test('the simple syntax', async () => {
  assert.equal(await simple('quick + fox'), '0');
  assert.equal(await simple('lazy | nothing'), '13');
  assert.equal(await simple('-quick'), '12');
  assert.equal(await simple('"brown fox" | (lazy + dog)', { fields: ['title'] }), '01');
  assert.equal(await simple('qui*', { fields: ['title^2', 'body'] }), '03');
  assert.equal(await simple('quick "'), '03');
  assert.equal(await simple('quick + dog', { flags: 'NONE', fields: ['title'], default_operator: 'or' }), '01');
});

test('?q= with what goes with it', async () => {
  const q = async (params) => ids((await server.get(`/books/_search?${new URLSearchParams(params)}`)).body);
  assert.equal(await q({ q: 'title:quick' }), '0');
  assert.equal(await q({ q: 'quick dog', df: 'title' }), '01');
  assert.equal(await q({ q: 'quick dog', df: 'title', default_operator: 'AND' }), '');
  assert.equal(await q({ q: 'Quick', df: 'title', analyzer: 'keyword' }), '');
  assert.equal(await q({ q: 'pages:many', lenient: 'true' }), '');
  assert.equal((await client.count({ index: 'books', q: 'tag:animal' })).count, 2);
  const alone = await server.get('/books/_search?df=title');
  assert.equal(alone.status, 400);
  const broken = await server.get('/books/_search?q=(a');
  assert.equal(broken.status, 400);
  assert.equal(broken.body.error.type, 'search_phase_execution_exception');
  assert.match(JSON.stringify(broken.body), /Failed to parse query \[\(a\]/);
});

test('values that do not fit', async () => {
  const bad = { index: 'books', query: { query_string: { query: 'pages:many' } } };
  await assert.rejects(client.search(bad), (error) => error.statusCode === 400 && /many/.test(JSON.stringify(error.meta.body)));
  bad.query.query_string.lenient = true;
  assert.equal((await client.search(bad)).hits.total.value, 0);
});
