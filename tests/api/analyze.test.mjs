import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  await server.put('/a', {
    settings: {
      analysis: {
        analyzer: { mine: { tokenizer: 'whitespace', filter: ['lowercase', 'few'] } },
        normalizer: { low: { type: 'custom', filter: ['lowercase', 'asciifolding'] } },
        filter: { few: { type: 'stop', stopwords: ['and'] } },
      },
      'analyze.max_token_count': 5,
    },
    mappings: {
      properties: {
        t: { type: 'text', analyzer: 'mine' },
        k: { type: 'keyword' },
        n: { type: 'keyword', normalizer: 'low' },
        i: { type: 'long' },
      },
    },
  });
});
after(() => server?.stop());

const analyze = (body, index = '') => server.post(`${index}/_analyze`, body);
const terms = async (body, index) => (await analyze(body, index)).body.tokens.map((token) => token.token);

test('tokens carry offsets in UTF-16 units, types and positions', async () => {
  const { status, body } = await analyze({ analyzer: 'standard', text: 'Ab 😀 7é' });
  assert.equal(status, 200);
  assert.deepEqual(body, {
    tokens: [
      { token: 'ab', start_offset: 0, end_offset: 2, type: '<ALPHANUM>', position: 0 },
      { token: '😀', start_offset: 3, end_offset: 5, type: '<EMOJI>', position: 1 },
      { token: '7é', start_offset: 6, end_offset: 8, type: '<ALPHANUM>', position: 2 },
    ],
  });
});

test('a list of texts goes on as the values of a field do', async () => {
  const { body } = await analyze({ analyzer: 'english', text: ['the foxes', 'of 😀', 'jumped'] });
  assert.deepEqual(body.tokens.map((t) => [t.token, t.start_offset, t.end_offset, t.position]), [
    ['fox', 4, 9, 1],
    ['😀', 13, 15, 103],
    ['jump', 16, 22, 204],
  ]);
});

test('a chain is put together by name and in place', async () => {
  assert.deepEqual(await terms({
    char_filter: [{ type: 'mapping', mappings: ['ph => f', '& => and'] }],
    tokenizer: { type: 'standard', max_token_length: 4 },
    filter: ['uppercase', { type: 'edge_ngram', min_gram: 2, max_gram: 3 }],
    text: 'phone&',
  }), ['FO', 'FON', 'AN', 'AND']);
  assert.deepEqual(await terms({ filter: ['lowercase'], text: 'A B' }), ['a b']);
  assert.deepEqual(await terms({ tokenizer: 'keyword', filter: 'lowercase', text: 'A B' }), ['a b']);
});

test('an index brings its analyzers, normalizers and fields', async () => {
  assert.deepEqual(await terms({ analyzer: 'mine', text: 'You AND me' }, '/a'), ['you', 'me']);
  assert.deepEqual(await terms({ field: 't', text: 'X-Y and' }, '/a'), ['x-y']);
  assert.deepEqual(await terms({ field: 'k', text: 'X Y' }, '/a'), ['X Y']);
  assert.deepEqual(await terms({ field: 'n', text: 'É Y' }, '/a'), ['e y']);
  assert.deepEqual(await terms({ normalizer: 'low', text: 'É Y' }, '/a'), ['e y']);
  assert.deepEqual(await terms({ tokenizer: 'standard', filter: ['few'], text: 'x and y' }, '/a'), ['x', 'y']);
  assert.deepEqual(await terms({ text: 'X-Y' }, '/a'), ['x', 'y']);
});

test('explain shows each stage', async () => {
  const { body } = await analyze({
    explain: true, char_filter: [{ type: 'mapping', mappings: ['a => b'] }], tokenizer: 'whitespace',
    filter: ['uppercase', { type: 'stop', stopwords: ['X'] }], text: 'a x', attributes: ['keyword', 'bytes'],
  });
  assert.deepEqual(body, {
    detail: {
      custom_analyzer: true,
      charfilters: [{ name: '__anonymous__mapping', filtered_text: ['b x'] }],
      tokenizer: {
        name: 'whitespace',
        tokens: [
          { token: 'b', start_offset: 0, end_offset: 1, type: 'word', position: 0, bytes: '[62]' },
          { token: 'x', start_offset: 2, end_offset: 3, type: 'word', position: 1, bytes: '[78]' },
        ],
      },
      tokenfilters: [
        {
          name: 'uppercase',
          tokens: [
            { token: 'B', start_offset: 0, end_offset: 1, type: 'word', position: 0, bytes: '[42]', keyword: false },
            { token: 'X', start_offset: 2, end_offset: 3, type: 'word', position: 1, bytes: '[58]', keyword: false },
          ],
        },
        {
          name: '__anonymous__stop',
          tokens: [{ token: 'B', start_offset: 0, end_offset: 1, type: 'word', position: 0, bytes: '[42]', keyword: false }],
        },
      ],
    },
  });
  const whole = await analyze({ explain: true, analyzer: 'simple', text: 'A' });
  assert.deepEqual(whole.body.detail, {
    custom_analyzer: false,
    analyzer: {
      name: 'simple',
      tokens: [{ token: 'a', start_offset: 0, end_offset: 1, type: 'word', position: 0, bytes: '[61]', positionLength: 1, termFrequency: 1 }],
    },
  });
});

test('explain goes on from text to text as values of a field do', async () => {
  const { body } = await analyze({
    explain: true, tokenizer: 'whitespace', filter: [{ type: 'stop', stopwords: ['of'] }], text: ['a of', 'b'],
  });
  assert.deepEqual(body.detail.tokenizer.tokens.map((t) => t.position), [0, 1, 102]);
  assert.deepEqual(body.detail.tokenfilters[0].tokens.map((t) => t.position), [0, 102]);
});

test('what makes no sense is refused', async () => {
  const refusals = [
    [{}, '', /text is missing/],
    [{ text: [] }, '', /text is missing/],
    [{ txt: 'a' }, '', /\[analyze_request\] unknown field \[txt\] did you mean \[text\]\?/],
    [{ analyzer: 'nope', text: 'a' }, '', /failed to find global analyzer \[nope\]/],
    [{ analyzer: 'mne', text: 'a' }, '/a', /failed to find analyzer \[mne\]/],
    [{ tokenizer: 'nope', text: 'a' }, '', /failed to find global tokenizer under \[nope\]/],
    [{ analyzer: 'standard', tokenizer: 'standard', text: 'a' }, '', /extra components on a named analyzer/],
    [{ normalizer: 'low', text: 'a' }, '', /index is required if normalizer is specified/],
    [{ field: 't', text: 'a' }, '', /requires an index/],
    [{ field: 'i', text: 'a' }, '/a', /only supported on tokenized fields/],
    [{ text: { a: 1 } }, '', /text should hold texts/],
    [{ text: 'a b c d e f' }, '/a', /exceeded the allowed maximum of \[5\]/],
    [{ explain: 'x', text: 'a' }, '', /explain must be either/],
  ];
  for (const [body, index, words] of refusals) {
    const answer = await analyze(body, index);
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.body.error.reason, words);
  }
  assert.equal((await analyze({ text: 'a' }, '/none')).status, 404);
});
