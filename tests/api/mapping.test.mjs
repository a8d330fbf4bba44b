// What a mapping makes of documents: dynamic fields, dates found in texts, strictness, limits.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const properties = async (index) => (await server.get(`/${index}/_mapping`)).body[index].mappings.properties;

test('dynamic mapping finds a type for each value', async () => {
  const written = await server.put('/guess/_doc/1?refresh=true', {
    text: 'some words', whole: 7, real: 1.5, yes: true, day: '2024-05-06', time: '2024-05-06T07:08:09.123Z',
    slashed: '2024/05/06', notday: '2024-13-45', none: null, empty: [], list: [null, 3], deep: { er: { word: 'x' } }, 'dotted.name': 1,
  });
  assert.equal(written.status, 201, written.text);
  const words = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } };
  assert.deepEqual(await properties('guess'), {
    text: words, whole: { type: 'long' }, real: { type: 'float' }, yes: { type: 'boolean' },
    day: { type: 'date' }, time: { type: 'date' }, slashed: { type: 'date', format: 'yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis' },
    notday: words, list: { type: 'long' },
    deep: { properties: { er: { properties: { word: words } } } },
    dotted: { properties: { name: { type: 'long' } } },
  });
  const { body } = await server.post('/guess/_search', { query: { bool: { filter: [
    { term: { 'text.keyword': 'some words' } }, { term: { 'deep.er.word': 'x' } }, { term: { 'dotted.name': 1 } },
    { range: { slashed: { gte: '2024/05/01' } } },
  ] } } });
  assert.equal(body.hits.total.value, 1);
});

test('date_detection and numeric_detection are honoured', async () => {
  await server.put('/plain', { mappings: { date_detection: false, numeric_detection: true } });
  await server.put('/plain/_doc/1', { day: '2024-05-06', whole: '42', real: '4.2' });
  const found = await properties('plain');
  assert.equal(found.day.type, 'text');
  assert.equal(found.whole.type, 'long');
  assert.equal(found.real.type, 'float');
  await server.put('/own', { mappings: { dynamic_date_formats: ['dd.MM.yyyy'] } });
  await server.put('/own/_doc/1', { day: '06.05.2024' });
  assert.deepEqual((await properties('own')).day, { type: 'date', format: 'dd.MM.yyyy' });
});

test('strict refuses unknown fields, false leaves them out, by object too', async () => {
  await server.put('/strict', { mappings: { dynamic: 'strict', properties: { a: { type: 'long' }, open: { type: 'object', dynamic: true }, mute: { type: 'object', dynamic: false } } } });
  const refused = await server.put('/strict/_doc/1', { a: 1, b: 2 });
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error.type, 'strict_dynamic_mapping_exception');
  assert.match(refused.body.error.reason, /mapping set to strict, dynamic introduction of \[b\] within \[_doc\] is not allowed/);
  assert.equal((await server.put('/strict/_doc/1?refresh=true', { a: 1, open: { x: 1 }, mute: { y: 1 } })).status, 201);
  const { open, mute } = await properties('strict');
  assert.equal(open.properties.x.type, 'long');
  assert.equal(mute.properties, undefined);
  assert.deepEqual((await server.get('/strict/_source/1')).body.mute, { y: 1 });
  assert.equal((await server.post('/strict/_count', { query: { term: { 'mute.y': 1 } } })).body.count, 0);
});

test('values that do not fit are refused with the field\'s name', async () => {
  await server.put('/fits', { mappings: { properties: {
    n: { type: 'byte' }, i: { type: 'integer', coerce: false }, d: { type: 'date' }, ip: { type: 'ip' }, b: { type: 'boolean' }, o: { properties: { x: { type: 'long' } } }, t: { type: 'text' },
  } } });
  const rows = [
    [{ n: 128 }, /\[n\] of type \[byte\]/, /out of range/],
    [{ n: 'x' }, /\[n\] of type \[byte\]/, /For input string: "x"/],
    [{ i: '1' }, /\[i\] of type \[integer\]/, /./],
    [{ d: 'soon' }, /\[d\] of type \[date\]/, /failed to parse date field \[soon\]/],
    [{ ip: '1.2.3' }, /\[ip\] of type \[ip\]/, /'1\.2\.3' is not an IP string literal/],
    [{ b: 'yes' }, /\[b\] of type \[boolean\]/, /\[yes\]/],
    [{ o: 5 }, /object mapping for \[o\] tried to parse field \[o\] as object, but found a concrete value/, null],
    [{ t: { x: 1 } }, /\[t\] of type \[text\]/, null],
  ];
  for (const [document, reason, cause] of rows) {
    const { status, body } = await server.put('/fits/_doc/1', document);
    assert.equal(status, 400, JSON.stringify(document));
    assert.equal(body.error.type, 'document_parsing_exception');
    assert.match(body.error.reason, reason);
    if (cause) assert.match(body.error.caused_by.reason, cause);
  }
  assert.equal((await server.get('/fits/_count')).body.count, 0);
  for (const document of [{ n: '12' }, { n: 1.9 }, { b: 'true' }, { b: '' }, { n: [1, 2] }, { o: [{ x: 1 }, { x: 2 }] }])
    assert.equal((await server.put('/fits/_doc/1', document)).status < 300, true, JSON.stringify(document));
});

test('a refused document leaves no fields behind', async () => {
  await server.put('/clean', {});
  for (const document of [{ good: 'x', a: [1, 'x'] }, { o: [{ x: 1 }, 2] }, { huge: 12345678901234567890n }, { deep: { er: [1, 'one'] }, more: true }]) {
    const text = JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? 'BIG' : value)).replace('"BIG"', '12345678901234567890');
    assert.equal((await server.put('/clean/_doc/1', text, { 'content-type': 'application/json' })).status, 400, text);
  }
  assert.deepEqual((await server.get('/clean/_mapping')).body.clean.mappings, {});
  const { body } = await server.bulk('/clean/_bulk?refresh', [{ index: {} }, { a: [1, 'x'] }, { index: {} }, { a: 'x' }]);
  assert.deepEqual(body.items.map((item) => item.index.status), [400, 201]);
  assert.equal((await properties('clean')).a.type, 'text');
});

test('a mapping is checked, with the nearest valid name', async () => {
  const rows = [
    [{ properties: { a: { type: 'keywrd' } } }, /No handler for type \[keywrd\] declared on field \[a\]/],
    [{ properties: { a: { type: 'text', analyser: 'english' } } }, /unknown parameter \[analyser\] on mapper \[a\] of type \[text\]/],
    [{ properties: { a: { type: 'text', analyzer: 'nope' } } }, /analyzer \[nope\] has not been configured in mappings/],
    [{ propertys: {} }, /propertys/],
    [{ properties: { a: { type: 'date', format: 'QQQQQQQQ' } } }, /Invalid format: \[QQQQQQQQ\]/],
  ];
  for (const [mappings, reason] of rows) {
    const { status, body } = await server.put('/checked', { mappings });
    assert.equal(status, 400, JSON.stringify(mappings));
    assert.equal(body.error.type, 'mapper_parsing_exception');
    assert.match(body.error.reason, reason);
  }
  assert.equal((await server.head('/checked')).status, 404);
  const hint = (await server.put('/checked', { mappings: { properties: { a: { type: 'keywrd' } } } })).body.error.hint;
  assert.match(hint, /keyword/);
});

test('the limit of fields holds for dynamic ones', async () => {
  await server.put('/limit', { settings: { 'index.mapping.total_fields.limit': 5 } });
  const wide = Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`f${n}`, n]));
  const { status, body } = await server.put('/limit/_doc/1', wide);
  assert.equal(status, 400);
  assert.match(JSON.stringify(body), /Limit of total fields \[5\] has been exceeded/);
  assert.equal((await server.put('/limit/_doc/1', { a: 1, b: 2 })).status, 201);
});

test('numbers keep their precision, sources their text', async () => {
  await server.put('/digits', { mappings: { properties: { n: { type: 'long' }, d: { type: 'double' } } } });
  await server.put('/digits/_doc/1?refresh', '{"n":9223372036854775807,  "d":0.1, "s":"a\\u00e9\\n" , "extra":1e400}', { 'content-type': 'application/json' });
  await server.put('/digits/_doc/2?refresh', '{"n":9223372036854775806,  "d":0.1, "s":"a\\u00e9\\n"}', { 'content-type': 'application/json' });
  const count = async (n) => (await server.post('/digits/_search', `{"query":{"term":{"n":${n}}}}`)).body.hits.total.value;
  assert.equal(await count('9223372036854775806'), 1);
  assert.equal(await count('9223372036854775805'), 0);
  const { text } = await server.get('/digits/_source/2');
  assert.equal(text, '{"n":9223372036854775806,  "d":0.1, "s":"a\\u00e9\\n"}');
  assert.match((await server.get('/digits/_search?sort=n:desc&size=1')).text, /"sort":\[9223372036854775806\]|"sort":\[9223372036854775807\]/);
});
