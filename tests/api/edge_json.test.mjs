// JSON: what must be taken, what must be refused, through _doc and through a line of _bulk. The
// classes are those of the public JSON parsing test suite; the texts are our own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer({ memory: '512mb' });
  await server.put('/json', { mappings: { enabled: false } });
  await server.put('/typed', {
    mappings: { dynamic: false, properties: { n: { type: 'long' }, d: { type: 'double' }, t: { type: 'text' } } },
  });
});
after(() => server?.stop());

const bytes = (text) => Buffer.from(text, 'latin1');

// As the value of a member; latin1, so that \xHH are bytes. A document itself must be an object.
const accepted = {
  arrays: ['[]', '[ ]', '[[]]', '[[],[[]]]', '[1]', '[1,null,[2]]', '[null, 1, "1", {}]', '[""]', '[ 4 ]', '[1 ]', '[\n\t1\r\n]', '[0,[],{}]'],
  objects: ['{}', '{ }', '{"a":1}', '{"":0}', '{"a":[]}', '{"a":"b","c":"d"}', '{"a":{"a":{"a":{}}}}', '{"\\u0061":1}', '{"foo\\u0000bar":42}',
    '{"min":-1.0e+28,"max":1.0e+28}', '{\n"a":\n"b"\n}', '{"x":[{"id":"xxxx"}],"id":"xxxx"}', '{"a.b":1}', '{"A":1,"a":2}', '{"a":null}'],
  numbers: ['0', '-0', '1', '-1', '-123', '123', '20e1', '1E22', '1E-2', '1E+2', '123e45', '123e-10000000', '123.456e78', '0e1', '0e+1', '-0.0',
    '0.1', '123.456789', '-0.000000000000000000000000000000000000000000000000000000000000000000000000000001',
    '12345678901234567890123456789012345678901234567890', '18446744073709551616', '-9223372036854775809', '1e400', '-1e400', '1.7976931348623157e308',
    '0.' + '3'.repeat(500), '1' + '0'.repeat(400), '5e-324'],
  strings: ['""', '"a"', '" "', '"\\u0060\\u012a\\u12AB"', '"\\uD801\\udc37"', '"\\ud83d\\ude39\\ud83d\\udc8d"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\\\u0000"', '"\\""', '"a/*b*/c/*d//e"',
    '"\\\\a"', '"\\\\n"', '"\\u0012"', '"\\uFFFF"', '"\\u0000"', '"\\u002c"', '"\\uDBFF\\uDFFE"', '"\\uFDD0"', '"\\u200B"', '"\\u2064"', '"\\uFEFF"', '"\\u0061\\u30af\\u30EA\\u30b9"', '"new\\u000Aline"', '"\x7f"', '"asd "',
    '"\xe2\x82\xac"', '"\xf4\x8f\xbf\xbf"', '"\xef\xbf\xbf"', '"\xe2\x80\xa8"', '"\xe2\x80\xa9"', '"\xf0\x9d\x84\x9e"', '"\xc2\xa0"', '"\xef\xbb\xbf"', '"\xcf\x80"', '"\xf0\x9b\xbf\xbf"', '"\\uD834\\uDd1e"', '"\\u0821"', '"\\u0123"'],
  words: ['true', 'false', 'null', ' true ', '\ttrue\n'],
  depth: ['['.repeat(62) + ']'.repeat(62), '{"a":'.repeat(62) + '1' + '}'.repeat(62)],
};

const refused = {
  arrays: ['[1 true]', '[1,,2]', '[,1]', '[1,]', '[1,,]', '[,]', '[""', '[1', '["a"', '[1,\n1\n,1', '["x"]]', '["",]', '[:"x"]', '[3[4]]', '["a":1]', '[1:2]', '[*]', '["": 1]', '["x"',
    '[a\xe5]', '[\xff]', '[\x0b]', '[\f]', '[{}', '[1,{', '[[["', '[1}', '[\u00a0]', '[-,1]', '["a" "b"]', '[x', '[<null>]'],
  objects: ['{"a"', '{"a":', '{"a":1', '{"a" "b"}', '{"a"::"b"}', '{"a":"b",}', '{"a":"b",,"c":1}', '{,}', '{,"a":1}', '{a:1}', "{'a':0}", '{1:1}', '{9999E9999:1}', '{null:null}', '{"a":1 "b":2}',
    '{"a","b"}', '{"a":{"b":1}', '{"a":1}}', '{"a":1]', '{[: "x"}', '{"a": true} "x"', '{"x", null}', '{"id":0,}', '{"a":b}', '{"a":/**/1}', '{"a":1}//', '{"a":1}#', '{true:1}', '{"a" b}', '{:1}', '{"a":}', '{"a":,}', '{"x"::1}', '{ "a" : \x80 }', '{"\xb9":"0",}'],
  duplicates: ['{"a":1,"a":2}', '{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"b":{"a":1,"c":2,"a":3}}', `{${Array.from({ length: 300 }, (_, i) => `"k${i}":1`).join()},"k7":2}`, '{"":1,"":2}'],
  numbers: ['01', '-01', '-012', '00', '1.', '.5', '-.5', '-', '+1', '++1', '--1', '-+1', '1.e1', '1.5e', '1e', '1e+', '1E-', '0e', '0e+', '1e1.5', '1.2.3', '0x1', '0x42', '1_000', '1 000', '1,000.0.0', '1eE2', '0.e1', '2.e3', '9.e+', '.-1', '-1.0.', '1a', '-1x', '-a', '1+2', '0.1.2', '- 1', '1e 1', '1 .0',
    'NaN', '-NaN', 'Infinity', '-Infinity', '+Inf', 'Inf', '1.8011670033376514H-308', '1\x80', '\uff11', '1e1\xe5', '0.3e', '0.3e+', '\xe9', '-2.', '-foo', '0b1', '1f', '1L', '0o7', '1/2'],
  strings: ['"', '"a', '"\\"', '"\\', "'a'", '"\\u"', '"\\u1"', '"\\u12"', '"\\u123"', '"\\u00A"', '"\\u123g"', '"\\x00"', '"\\a"', '"\\\\\\"', '"\\\t"', '"\\\0"', '"\\0"', '"\\U0041"', '"\\\'"', '"\\\xf0\x9f"', '"a\nb"', '"a\tb"', '"a\0b"', '"\x1f"', '"\x01"', '"a" "b"', '\\n', '"\\ "', 'abc', '\\u0020"a"', '"\\u{41}"', '"\\u +12"', '"a\\', '"\r"'],
  surrogates: ['"\\uD800"', '"\\uDC00"', '"\\uD800\\n"', '"\\uD800\\uD800"', '"\\uD800\\u"', '"\\uD800\\u1"', '"\\uD800\\u0041"', '"\\udc00\\ud800"', '"\\uDADA"', '"a\\uD888"', '"\\uD888\\u1234"', '"\\uDFAA"', '"\\ud83d \\ude39"', '{"\\ud800":1}'],
  'bytes that are not UTF-8': ['"\x80"', '"\xff"', '"\xc0\x80"', '"\xc0\xaf"', '"\xc1\xbf"', '"\xe0\x80\x80"', '"\xe0\x80\xaf"', '"\xf0\x80\x80\x80"', '"\xf0\x80\x80\xaf"', '"\xf8\x80\x80\x80\x80"', '"\xfc\x83\xbf\xbf\xbf\xbf"', '"\xed\xa0\x80"', '"\xed\xbf\xbf"', '"\xed\xa0\x80\xed\xb0\x80"', '"\xf4\x90\x80\x80"', '"\xf5\x80\x80\x80"', '"\xe2\x82"', '"\xe2"', '"\xf0\x9d"', '"\xe9t\xe9"', '"\xe6\x97\xa5\xd1\x88\xfa"', '"\xfe"', '{"\xff":1}', '"a\xc3"'],
  words: ['nul', 'nulll', 'tru', 'truee', 'fals', 'True', 'TRUE', 'NULL', 'nil', 'none', 'undefined', 'true false', 'truth', 'nan', 'fal\0se', '', ' ', '&', '*', '<.>', ';', '1;', '@', '\xc2\xa0', '\u2028', '()', 'a'],
  depth: ['['.repeat(100000), '['.repeat(64) + ']'.repeat(64), '{"a":'.repeat(64) + '1' + '}'.repeat(64), '{"a":'.repeat(100000), '[{"":'.repeat(50000), '['.repeat(100000) + ']'.repeat(100000)],
};

// Whole bodies of one document.
const refusedDocuments = {
  'nothing but a scalar': ['1', '"a"', 'true', 'null', '[]', '[{}]', '0.1'],
  'text behind': ['{}x', '{} {}', '{}{}', '{},', '{}]', '{}\0', '{}\n{}', '{};', '{}"', '{}//', '{}/**/'],
  'text before': ['x{}', ',{}', '\0{}', '\xa0{}', '/**/{}', '\xef\xbb\xbf{"a":1}', '\xff\xfe{\0}\0', '\xfe\xff\0{\0}', '\xef\xbb{}', ')]}\'\n{}'],
  'cut off': ['{', '{"', '{"a', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":[', '{"a":"\\', '{"a":"\xe2'],
};

async function refuse(path, text) {
  const { status, body } = await server.put(path, bytes(text));
  const shown = JSON.stringify(text.slice(0, 80));
  assert.equal(status, 400, shown);
  assert.equal(body.status, 400, shown);
  assert.ok(body.error.reason.length > 0 && body.error.type.length > 0, shown);
  assert.ok(body.error.reason.length < 2000, shown);
}

for (const [name, values] of Object.entries(accepted))
  test(`taken and given back: ${name}`, async () => {
    for (const value of values) {
      const text = bytes(`{"v":${value}}`);
      const { status, body } = await server.put('/json/_doc/a', text);
      assert.ok(status === 200 || status === 201, `${value.slice(0, 80)}: ${JSON.stringify(body)}`);
      const source = (await server.get('/json/_source/a')).text;
      assert.deepEqual(JSON.parse(source), JSON.parse(text.toString('utf8')), value);
    }
    const lines = values.map((value) => `{"index":{}}\n{"v":${value.replace(/[\n\r]/g, ' ')}}\n`).join('');
    const { body } = await server.post('/json/_bulk', bytes(lines), { 'content-type': 'application/x-ndjson' });
    assert.equal(body.errors, false, JSON.stringify(body.items?.find((item) => item.index.error)));
  });

for (const [name, values] of Object.entries(refused))
  test(`refused: ${name}`, async () => {
    for (const value of values) {
      await refuse('/json/_doc/r', `{"v":${value}}`);
      await refuse('/typed/_doc/r', `{"v":${value},"t":"a"}`);
      if (name === 'words' || value.startsWith('{"a.b"')) continue;
      await refuse('/json/_doc/r', `{"before":1,"o":{"v":[${value}]},"t":"a"}`);
    }
    const few = values.filter((value) => !/[\n]/.test(value));
    const lines = few.map((value, i) => `{"index":{}}\n{"v":${value}}\n{"index":{"_id":"${name}${i}"}}\n{"i":${i}}\n`).join('');
    const { status, body } = await server.post('/json/_bulk', bytes(lines), { 'content-type': 'application/x-ndjson' });
    assert.equal(status, 200, JSON.stringify(body.error));
    assert.equal(body.items.length, 2 * few.length);
    for (let i = 0; i < few.length; i++) {
      assert.equal(body.items[2 * i].index.status, 400, few[i].slice(0, 80));
      assert.equal(body.items[2 * i + 1].index.status, 201, few[i].slice(0, 80));
    }
  });

for (const [name, documents] of Object.entries(refusedDocuments))
  test(`refused as a document: ${name}`, async () => {
    for (const document of documents) {
      await refuse('/json/_doc/r', document);
      await refuse('/typed/_doc/r', document);
    }
    assert.equal((await server.get('/json/_doc/r')).status, 404);
    assert.equal((await server.get('/typed/_doc/r')).status, 404);
  });

test('a broken body of any other route is refused in the same words', async () => {
  const routes = [['PUT', '/new'], ['POST', '/json/_search'], ['POST', '/json/_count'], ['PUT', '/json/_mapping'], ['PUT', '/json/_settings'],
    ['POST', '/_aliases'], ['POST', '/_analyze'], ['POST', '/_mget'], ['POST', '/json/_update/1'], ['PUT', '/_cluster/settings'], ['POST', '/_search/scroll'], ['POST', '/json/_explain/1']];
  for (const [method, path] of routes)
    for (const text of ['{', '{"a":1,"a":2}', '[1', '"\xff"', '{"query":{"match_all":{}}}x', '\0', '['.repeat(10000), '1', 'null ,']) {
      const { status, body } = await server.request(method, path, bytes(text), { 'content-type': 'application/json' });
      assert.equal(status, 400, `${method} ${path} ${text.slice(0, 40)}`);
      assert.ok(body.error.reason, path);
    }
  assert.equal((await server.head('/new')).status, 404);
});

test('numbers keep all their digits in the source and are bounded in fields', async () => {
  const exact = '{"n":9007199254740993,"d":0.1000000000000000055511151231257827,"big":123456789012345678901234567890}';
  assert.equal((await server.put('/typed/_doc/1', exact)).status, 201);
  assert.equal((await server.get('/typed/_source/1')).text, exact);
  const cases = [['{"n":9223372036854775808}', 400], ['{"n":9223372036854775807}', 200], ['{"n":-9223372036854775808}', 200], ['{"n":-9223372036854775809}', 400],
    ['{"n":1e400}', 400], ['{"d":1e400}', 400], ['{"d":-1e400}', 400], ['{"d":1e-400}', 200], ['{"d":"NaN"}', 400], ['{"d":"Infinity"}', 400], ['{"n":1e18}', 200], ['{"n":"x"}', 400], ['{"n":{}}', 400], ['{"n":[1,[2]]}', 200], ['{"n":true}', 400]];
  for (const [text, status] of cases)
    assert.equal((await server.put('/typed/_doc/1', text)).status, status, text);
});

test('a number of a million digits, a million keys and a megabyte of escapes end soon', async () => {
  const started = Date.now();
  const digits = '7'.repeat(1000000);
  assert.equal((await server.put('/typed/_doc/x', `{"n":${digits}}`)).status, 400);
  assert.equal((await server.put('/typed/_doc/x', `{"d":${digits}}`)).status, 400);
  assert.equal((await server.put('/typed/_doc/x', `{"d":0.${digits}}`)).status, 201);
  assert.equal((await server.put('/json/_doc/x', `{"v":${digits}}`)).status, 201);
  assert.equal((await server.get('/json/_source/x')).text, `{"v":${digits}}`);
  assert.equal((await server.post('/typed/_search', `{"query":{"term":{"n":${digits}}}}`)).status, 400);
  assert.equal((await server.post('/typed/_search', `{"size":${digits}}`)).status, 400);
  const keys = Array.from({ length: 1000000 }, (_, i) => `"k${i}":1`).join();
  assert.equal((await server.put('/json/_doc/x', `{${keys}}`)).status, 200);
  const exploded = await server.put('/exploded/_doc/x', `{${keys}}`);
  assert.equal(exploded.status, 400);
  assert.match(exploded.body.error.reason, /Limit of total fields \[1000\] has been exceeded/);
  assert.equal((await server.post('/typed/_search', `{"query":{"match":{${keys}}}}`)).status, 400);
  assert.equal((await server.put('/json/_doc/x', `{"v":"${'\\u0041'.repeat(170000)}"}`)).status, 200);
  console.log(`# a million of each: ${Date.now() - started} ms`);
});
