// Chains of filters that make ever more of a text. With --memory 256mb each such document is an error
// of its own, the server lives, and everything else goes on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

const MIB = 1024 * 1024;
const sanitized = /\/(asan|tsan)\//.test(process.env.AUK_BINARY ?? '');
let server;
before(async () => {
  server = await startServer({ memory: '256mb' });
  const made = await server.put('/grams', {
    settings: {
      max_ngram_diff: 1023,
      max_shingle_diff: 64,
      analysis: {
        filter: {
          all: { type: 'ngram', min_gram: 1, max_gram: 1024 },
          few: { type: 'ngram', min_gram: 1, max_gram: 200 },
          ways: { type: 'multiplexer', filters: ['all', 'few', 'all,few'] },
        },
        char_filter: { more: { type: 'mapping', mappings: [`x => ${'x'.repeat(1000)}`] } },
        analyzer: {
          twice: { tokenizer: 'keyword', filter: ['all', 'all'] },
          once: { tokenizer: 'keyword', filter: ['few'] },
          ways: { tokenizer: 'keyword', filter: ['ways'] },
          texts: { tokenizer: 'keyword', char_filter: ['more', 'more', 'more'] },
        },
      },
    },
    mappings: {
      properties: Object.fromEntries(
        ['twice', 'once', 'ways', 'texts'].map((analyzer) => [analyzer, { type: 'text', analyzer, search_analyzer: 'keyword' }]),
      ),
    },
  });
  assert.equal(made.status, 200, made.text);
});
after(() => server?.stop());

const peak = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) * 1024;
let seed = 7;
const letters = (count) =>
  Array.from({ length: count }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return String.fromCharCode(97 + ((seed >>> 16) % 26));
  }).join('');
const lines = (...objects) => `${objects.map((o) => JSON.stringify(o)).join('\n')}\n`;

test('a document that becomes too many tokens is refused by itself', async () => {
  const answer = await server.post('/grams/_bulk?refresh=true', lines(
    { index: { _id: 'attack' } }, { twice: letters(1000) },
    { index: { _id: 'ways' } }, { ways: letters(3000) },
    { index: { _id: 'texts' } }, { texts: 'x' },
    { index: { _id: 'fine' } }, { twice: 'roam' },
  ), { headers: { 'content-type': 'application/x-ndjson' } });
  assert.equal(answer.status, 200, answer.text);
  const [attack, ways, texts, fine] = answer.body.items.map((i) => i.index);
  const said = /^failed to analyze field \[(\w+)\]: a text of \[\d+\] bytes becomes more than \[\d+\] bytes of tokens in (.*) of analyzer \[\w+\]$/;
  assert.deepEqual(said.exec(attack.error.reason)?.slice(1), ['twice', 'filter [all]'], attack.error.reason);
  assert.deepEqual(said.exec(ways.error.reason)?.slice(1), ['ways', 'filter [ways]'], ways.error.reason);
  assert.deepEqual(said.exec(texts.error.reason)?.slice(1), ['texts', 'char_filter [more]'], texts.error.reason);
  for (const item of [attack, ways, texts]) {
    assert.equal(item.status, 400);
    assert.equal(item.error.type, 'illegal_argument_exception');
  }
  assert.match(attack.error.hint ?? '--memory', /--memory/);
  assert.equal(fine.status, 201);
  const found = await server.post('/grams/_search', { query: { match: { twice: 'oam' } } });
  assert.equal(found.body.hits.total.value, 1);
});

test('_analyze stops at the same', async () => {
  const body = { analyzer: 'twice', text: letters(1000) };
  for (const explain of [false, true]) {
    const answer = await server.post('/grams/_analyze', { ...body, explain });
    assert.equal(answer.status, 400, answer.text.slice(0, 300));
    assert.match(answer.body.error.reason, /becomes more than \[\d+\] bytes of tokens in filter \[all\]/);
  }
});

test('a query too', async () => {
  const answer = await server.post('/grams/_search', { query: { match: { once: { query: letters(1000), analyzer: 'twice' } } } });
  assert.equal(answer.status, 400, answer.text);
  assert.match(answer.text, /bytes of tokens in filter \[all\]/);
});

test('many documents, each within its bound, are charged together', async () => {
  const many = Array.from({ length: 60 }, (_, i) => [{ index: { _id: `m${i}` } }, { once: letters(1000) }]).flat();
  const answer = await server.post('/grams/_bulk', lines(...many), { headers: { 'content-type': 'application/x-ndjson' } });
  assert.ok(answer.status === 200 || answer.status === 429, answer.text);
  for (const { index } of answer.body.items ?? []) assert.ok(index.status === 201 || index.status === 429, JSON.stringify(index));
  assert.equal((await server.get('/_health/live')).status, 200);
  if (!sanitized) assert.ok(peak() < 512 * MIB, `held ${Math.round(peak() / MIB)} MiB at most`);
});
