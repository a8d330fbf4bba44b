// Words near a word, regular expressions and fields searched as one, as clients ask for them. Scores are held to Lucene's by
// unit.golden_queries; here it is what is found, and what is refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from 'elasticsearch8';
import { startServer } from '../support/server.mjs';

let server, client;
const people = [
  { first: 'Will', last: 'Smith', city: 'Roam', tag: 'Blue-Green', age: 30 },
  { first: 'Smith', last: 'Jones', city: 'foam harbour', tag: 'blue', age: 41 },
  { first: 'William', last: 'Smyth', city: 'raom', tag: 'green', age: 30 },
  { first: 'Wilma', last: 'Flint', city: 'roams far', tag: 'BLUE', age: 52 },
];
before(async () => {
  server = await startServer();
  client = new Client({ node: server.url, maxRetries: 0 });
  await client.indices.create({
    index: 'people',
    settings: { number_of_shards: 2, analysis: { normalizer: { low: { type: 'custom', filter: ['lowercase'] } } } },
    mappings: {
      properties: {
        first: { type: 'text' },
        last: { type: 'text' },
        city: { type: 'text', analyzer: 'english', fields: { exact: { type: 'text', analyzer: 'standard' } } },
        tag: { type: 'keyword', normalizer: 'low' },
        age: { type: 'integer' },
      },
    },
  });
  await client.bulk({ refresh: true, operations: people.flatMap((p, i) => [{ index: { _index: 'people', _id: `${i}` } }, p]) });
});
after(async () => {
  await client?.close();
  await server?.stop();
});

const found = async (query) => (await client.search({ index: 'people', query, sort: ['_doc'] })).hits.hits.map((h) => Number(h._id)).sort();
const refused = (query, reason) =>
  assert.rejects(client.search({ index: 'people', query }), (error) => {
    assert.equal(error.statusCode, 400);
    assert.match(JSON.stringify(error.meta.body.error), reason);
    return true;
  });

test('fuzzy', async () => {
  assert.deepEqual(await found({ fuzzy: { city: 'roam' } }), [0, 1, 2, 3]);
  assert.deepEqual(await found({ fuzzy: { city: { value: 'roam', fuzziness: 0 } } }), [0, 3]);
  assert.deepEqual(await found({ fuzzy: { city: { value: 'roam', transpositions: false } } }), [0, 1, 3]);
  assert.deepEqual(await found({ fuzzy: { city: { value: 'roam', prefix_length: 1 } } }), [0, 2, 3]);
  assert.deepEqual(await found({ fuzzy: { city: { value: 'roam', fuzziness: 'AUTO:5,9' } } }), [0, 3]);
  assert.deepEqual(await found({ fuzzy: { tag: { value: 'Gren' } } }), [2]);
  assert.deepEqual(await found({ fuzzy: { 'city.exact': { value: 'roam', rewrite: 'constant_score' } } }), [0, 1, 2, 3]);
  await refused({ fuzzy: { age: '30' } }, /Can only use fuzzy queries on keyword and text fields - not on \[age\] which is of type \[integer\]/);
});

test('match and multi_match with fuzziness', async () => {
  assert.deepEqual(await found({ match: { last: { query: 'smiht jnoes', fuzziness: 'AUTO' } } }), [0, 1]);
  assert.deepEqual(await found({ match: { last: { query: 'smiht', fuzziness: 'AUTO', prefix_length: 4 } } }), []);
  assert.deepEqual(await found({ match: { tag: { query: 'BLEU', fuzziness: 1 } } }), [1, 3]);
  assert.deepEqual(await found({ multi_match: { query: 'wlliam', fields: ['first', 'last'], fuzziness: 'AUTO' } }), [2]);
  assert.deepEqual(await found({ match_bool_prefix: { first: { query: 'wil', fuzziness: 1 } } }), [0, 2, 3]);
  await refused({ match: { age: { query: 30, fuzziness: 1 } } }, /fuzzy queries on keyword and text fields/);
  await refused({ multi_match: { query: 'a', fields: ['first'], type: 'phrase', fuzziness: 1 } }, /Fuzziness not allowed for type \[phrase\]/);
});

test('regexp', async () => {
  assert.deepEqual(await found({ regexp: { last: 'sm[iy]th' } }), [0, 2]);
  assert.deepEqual(await found({ regexp: { last: { value: 'SM.TH', case_insensitive: true } } }), [0, 2]);
  assert.deepEqual(await found({ regexp: { tag: '(blue|green)' } }), [1, 2, 3]);
  assert.deepEqual(await found({ regexp: { tag: 'blue~(.+)' } }), [1, 3]);
  assert.deepEqual(await found({ regexp: { tag: { value: 'blue~(.+)', flags: 'NONE' } } }), []);
  assert.deepEqual(await found({ regexp: { nothing: 'a' } }), []);
  await refused({ regexp: { last: 'a(' } }, /failed to create query/);
  await refused({ regexp: { age: '3.' } }, /Can only use regexp queries on keyword and text fields/);
  await refused({ regexp: { last: 'a'.repeat(1001) } }, /The length of regex \[1001\].*\[1000\].*index.max_regex_length/);
  await client.indices.putSettings({ index: 'people', settings: { max_regex_length: 2000 } });
  assert.deepEqual(await found({ regexp: { last: 'a'.repeat(1001) } }), []);
});

test('query strings', async () => {
  const string = (query, more) => found({ query_string: { query, ...more } });
  assert.deepEqual(await string('last:smiht~'), [0]);
  assert.deepEqual(await string('last:smiht~2'), [0, 2]);
  assert.deepEqual(await string('city:roam~1 AND NOT last:/fl.*/'), [0, 1, 2]);
  assert.deepEqual(await string('last:/sm[iy]th/^2 wlil~1', { fields: ['first'] }), [0, 2]);
  assert.deepEqual(await string('smtih~', { fields: ['first', 'last'], fuzzy_prefix_length: 2 }), [0, 1]);
  assert.deepEqual(await string('raom~', { fields: ['city.exact'], fuzzy_transpositions: false }), [2]);
  assert.deepEqual(await string('raom~', { fields: ['city.exact'], fuzziness: 0 }), [2]);
  assert.deepEqual(await found({ simple_query_string: { query: 'smiht~1 -jones', fields: ['first', 'last'], default_operator: 'and' } }), [0]);
  assert.deepEqual((await client.search({ index: 'people', q: 'city:raom~1' })).hits.total.value, 3);
  await refused({ query_string: { query: 'age:30~1' } }, /fuzzy queries on keyword and text fields/);
  assert.deepEqual(await string('smith~1'), [0, 1, 2], 'of all fields: lenient');
});

test('quote_field_suffix', async () => {
  const query = { fields: ['city'], quote_field_suffix: '.exact' };
  assert.deepEqual(await found({ query_string: { query: 'roam', ...query } }), [0, 3]);
  assert.deepEqual(await found({ query_string: { query: '"roam"', ...query } }), [0]);
  assert.deepEqual(await found({ query_string: { query: 'city:"roams far"', quote_field_suffix: '.exact' } }), [3]);
  assert.deepEqual(await found({ simple_query_string: { query: '"roam"', ...query } }), [0]);
  assert.deepEqual(await found({ query_string: { query: '"smith"', fields: ['last'], quote_field_suffix: '.exact' } }), [0]);
});

test('cross_fields', async () => {
  const across = (query, more) => found({ multi_match: { query, type: 'cross_fields', fields: ['first', 'last'], ...more } });
  assert.deepEqual(await across('will smith', { operator: 'and' }), [0]);
  assert.deepEqual(await across('smith'), [0, 1]);
  assert.deepEqual(await across('will smith jones', { minimum_should_match: 2 }), [0, 1]);
  assert.deepEqual(await across('30', { fields: ['first', 'age'], lenient: true }), [0, 2]);
  assert.deepEqual(await across('william 30', { fields: ['first', 'age'], lenient: true }), [2], 'a number is the whole text');
  const best = await client.search({ index: 'people', query: { multi_match: { query: 'smith', type: 'cross_fields', fields: ['first', 'last^3'] } } });
  assert.deepEqual(best.hits.hits.map((h) => h._id), ['0', '1']);
  const explained = await client.search({ index: 'people', explain: true, query: { multi_match: { query: 'smith', type: 'cross_fields', fields: ['first', 'last'] } } });
  assert.ok(explained.hits.hits.every((h) => Math.abs(h._explanation.value - h._score) < 1e-6));
  await refused({ multi_match: { query: 'a', type: 'cross_fields', fuzziness: 1 } }, /Fuzziness not allowed for type \[cross_fields\]/);
});

test('nothing is taken that is not obeyed', async () => {
  await refused({ fuzzy: { city: { value: 'a', fuzzines: 1 } } }, /did you mean \[fuzziness\]/);
  await refused({ match: { city: { query: 'a', fuzziness: 'some' } } }, /fuzziness cannot be \[some\]/);
  await refused({ fuzzy: { city: { value: 'a', rewrite: 'scoring_boolean' } } }, /rewrite \[scoring_boolean\] is not supported/);
});
