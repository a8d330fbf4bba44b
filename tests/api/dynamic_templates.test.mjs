// Which rule a new field meets, and what becomes of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const keyword = { type: 'keyword' };
let made = 0;

// The properties that a document of an index with these rules gets.
async function propertiesOf(rules, document, mappings = {}) {
  const index = `rules-${++made}`;
  const created = await server.put(`/${index}`, { mappings: { dynamic_templates: rules.map((rule, n) => ({ [`rule${n}`]: rule })), ...mappings } });
  assert.equal(created.status, 200, created.text);
  const written = await server.put(`/${index}/_doc/1`, document);
  assert.equal(written.status, 201, written.text);
  return (await server.get(`/${index}/_mapping`)).body[index].mappings.properties;
}

const text = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } };
const rows = [
  ['a type', [{ match_mapping_type: 'string', mapping: keyword }], { a: 'x', b: 1 }, { a: keyword, b: { type: 'long' } }],
  ['each type', ['string', 'long', 'double', 'boolean', 'date'].map((type) => ({ match_mapping_type: type, mapping: { type: '{dynamic_type}', meta: { was: type } } })),
    { s: 'x', l: 1, d: 1.5, b: true, t: '2024-01-01' },
    { s: { type: 'text', meta: { was: 'string' } }, l: { type: 'long', meta: { was: 'long' } }, d: { type: 'float', meta: { was: 'double' } }, b: { type: 'boolean', meta: { was: 'boolean' } }, t: { type: 'date', meta: { was: 'date' } } }],
  ['a list of types', [{ match_mapping_type: ['long', 'double'], mapping: { type: 'double' } }], { a: 1, b: 1.5, c: 'x' }, { a: { type: 'double' }, b: { type: 'double' }, c: text }],
  ['any type', [{ match_mapping_type: '*', mapping: { type: '{dynamic_type}', store: false } }], { a: 'x' }, { a: { type: 'text' } }],
  ['types that are not meant', [{ unmatch_mapping_type: ['long', 'object'], mapping: keyword }], { a: 1, b: 'x', c: true }, { a: { type: 'long' }, b: keyword, c: keyword }],
  ['a name', [{ match: 'id_*', unmatch: '*_text', mapping: keyword }], { id_a: 'x', id_text: 'y' }, { id_a: keyword, id_text: text }],
  ['lists of names', [{ match: ['a*', 'b*'], unmatch: ['*1', '*2'], mapping: keyword }], { a: 'x', a1: 'x', b: 'x', b2: 'x' }, { a: keyword, a1: text, b: keyword, b2: text }],
  ['a path', [{ path_match: 'o.*', path_unmatch: '*.skip', match_mapping_type: 'string', mapping: keyword }], { o: { a: 'x', skip: 'x' }, a: 'x' },
    { o: { properties: { a: keyword, skip: text } }, a: text }],
  ['lists of paths', [{ path_match: ['o.*', 'p.q.*'], match_mapping_type: 'string', mapping: keyword }], { o: { a: 'x' }, p: { a: 'x', q: { a: 'x' } } },
    { o: { properties: { a: keyword } }, p: { properties: { a: text, q: { properties: { a: keyword } } } } }],
  ['a regular expression', [{ match_pattern: 'regex', match: '^p_\\d+$', unmatch: 'p_0.*', mapping: keyword }], { p_1: 'x', p_01: 'x', p_1a: 'x' }, { p_1: keyword, p_01: text, p_1a: text }],
  ['a regular expression is for the whole name', [{ match_pattern: 'regex', match: 'ab?', mapping: keyword }], { a: 'x', ab: 'x', abc: 'x' }, { a: keyword, ab: keyword, abc: text }],
  ['a regular expression of a path', [{ match_pattern: 'regex', path_match: 'o\\.(a|b)', mapping: keyword }], { o: { a: 'x', b: 'x', c: 'x' } },
    { o: { properties: { a: keyword, b: keyword, c: text } } }],
  ['the first rule that fits', [{ match: 'a', mapping: { type: 'ip' } }, { match: 'a*', mapping: keyword }], { a: '::1', ab: 'x' }, { a: { type: 'ip' }, ab: keyword }],
  ['an object', [{ match: 'o', match_mapping_type: 'object', mapping: { type: 'object', enabled: false } }], { o: { a: 1 }, p: { a: 1 } }, { o: { type: 'object', enabled: false }, p: { properties: { a: { type: 'long' } } } }],
  ['numbers in texts', [{ match_mapping_type: 'long', mapping: { type: 'integer' } }], { a: '42', b: 42 }, { a: { type: 'integer' }, b: { type: 'integer' } }, { numeric_detection: true }],
  ['dates in texts', [{ match_mapping_type: 'date', mapping: { type: 'date', format: 'strict_date' } }], { a: '2024-01-01' }, { a: { type: 'date', format: 'strict_date' } }],
];

for (const [name, rules, document, want, mappings] of rows.filter(([row]) => row !== 'the name in a rule')) {
  test(`a rule for ${name}`, async () => assert.deepEqual(await propertiesOf(rules, document, mappings), want));
}

test('the name of a field stands in its rule', async () => {
  const found = await propertiesOf([{ match: '*', match_mapping_type: 'string', mapping: { type: 'text', fields: { '{name}_raw': keyword } } }], { a: 'x', o: { b: 'y' } });
  assert.deepEqual(found, { a: { type: 'text', fields: { a_raw: keyword } }, o: { properties: { b: { type: 'text', fields: { b_raw: keyword } } } } });
});

test('what is dynamic is said for each object', async () => {
  const found = await propertiesOf([], { open: { x: 1, deep: { y: 1 } }, shut: { x: 1, deep: { y: 1 } }, z: 1 }, {
    dynamic: false,
    properties: { open: { type: 'object', dynamic: true }, shut: { properties: { deep: { type: 'object', dynamic: 'true' } } } },
  });
  assert.deepEqual(found, {
    open: { dynamic: 'true', properties: { x: { type: 'long' }, deep: { properties: { y: { type: 'long' } } } } },
    shut: { properties: { deep: { dynamic: 'true', properties: { y: { type: 'long' } } } } },
  });
});

test('a rule that cannot be is refused with the mapping', async () => {
  const refusals = [
    [{ match: 'a(', match_pattern: 'regex', mapping: keyword }, /Pattern \[a\(\] of type \[regex\] is invalid\. Cannot create dynamic template \[r\]\./],
    [{ match: 'a', match_pattern: 'glob', mapping: keyword }, /No matching pattern matched on \[glob\]/],
    [{ match: 'a', runtime: { type: 'long' } }, /\[runtime: .*\] in dynamic template \[r\] is not supported/],
    [{ match: 'a', mapping: { type: 'nope' } }, /No mapper found for type \[nope\]/],
    [{ match_mapping_type: 'strin', mapping: keyword }, /No field type matched on \[strin\]/],
    [{ mapping: keyword }, /template must have match, path_match/],
    [{ matches: 'a', mapping: keyword }, /Illegal dynamic template parameter: \[matches\]/],
  ];
  for (const [rule, reason] of refusals) {
    const { status, body } = await server.put('/refused', { mappings: { dynamic_templates: [{ r: rule }] } });
    assert.equal(status, 400);
    assert.equal(body.error.type, 'mapper_parsing_exception');
    assert.match(body.error.reason, reason);
  }
  assert.match((await server.put('/refused', { mappings: { dynamic: 'runtime' } })).body.error.reason, /\[dynamic: runtime\] is not supported/);
});

test('rules are replaced as a whole, and are there after a restart', async () => {
  await server.put('/later', { mappings: { dynamic_templates: [{ a: { match: 'a*', mapping: keyword } }] } });
  await server.put('/later/_mapping', { dynamic_templates: [{ b: { match_pattern: 'regex', match: 'b+', mapping: keyword } }] });
  await server.restart();
  await server.put('/later/_doc/1', { a: 'x', bb: 'x' });
  const { mappings } = (await server.get('/later/_mapping')).body.later;
  assert.deepEqual(mappings.dynamic_templates, [{ b: { match_pattern: 'regex', match: 'b+', mapping: keyword } }]);
  assert.deepEqual(mappings.properties, { a: text, bb: keyword });
});
