// Settings of analysis that cannot be: Elasticsearch's words, and a hint at what was meant.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const refused = async (analysis, reason, hint, mappings) => {
  const answer = await server.put('/wrong', { settings: { analysis }, mappings });
  assert.equal(answer.status, 400, answer.text);
  assert.equal(answer.body.error.reason, reason);
  if (hint) assert.equal(answer.body.error.hint, hint);
};
const custom = (parts) => ({ analyzer: { mine: { type: 'custom', ...parts } } });

test('components that are not there', async () => {
  await refused(custom({ tokenizer: 'standrd' }), 'Custom Analyzer [mine] failed to find tokenizer under name [standrd]', 'did you mean [standard]?');
  await refused(custom({ tokenizer: 'standard', filter: ['lowercse'] }), 'Custom Analyzer [mine] failed to find filter under name [lowercse]', 'did you mean [lowercase]?');
  await refused(custom({ tokenizer: 'standard', char_filter: ['html_stip'] }), 'Custom Analyzer [mine] failed to find char_filter under name [html_stip]', 'did you mean [html_strip]?');
  await refused({ normalizer: { low: { type: 'custom', filter: ['lowercse'] } } }, 'Custom normalizer [low] failed to find filter under name [lowercse]', 'did you mean [lowercase]?');
  await refused({ normalizer: { low: { type: 'custom', filter: ['porter_stem'] } } }, 'Custom normalizer [low] may not use filter [porter_stem]');
});

test('types that are not there', async () => {
  await refused({ filter: { f: { type: 'synonyms' } } }, 'Unknown filter type [synonyms] for [f]', 'did you mean [synonym]?');
  await refused({ tokenizer: { t: { type: 'n_gram' } } }, 'Unknown tokenizer type [n_gram] for [t]', 'did you mean [ngram]?');
  await refused({ char_filter: { c: { type: 'maping' } } }, 'Unknown char_filter type [maping] for [c]', 'did you mean [mapping]?');
  await refused({ analyzer: { a: { type: 'germna' } } }, 'Unknown analyzer type [germna] for [a]', 'did you mean [german]?');
  await refused({ analyzer: { a: { stopwords: ['x'] } } }, 'analyzer [a] must specify either an analyzer type, or a tokenizer');
  await refused({ filter: { f: { stopwords: ['x'] } } }, 'filter [f] must specify either an analyzer type, or a tokenizer');
});

test('what plugins bring: a hint at what does it here', async () => {
  const icu = "[kuromoji] is not built in; tokenizer [icu_tokenizer] cuts Chinese, Japanese and Korean by ICU's dictionaries";
  await refused(custom({ tokenizer: 'kuromoji_tokenizer' }), 'Custom Analyzer [mine] failed to find tokenizer under name [kuromoji_tokenizer]', icu);
  await refused(
    { analyzer: { a: { type: 'smartcn' } } }, 'Unknown analyzer type [smartcn] for [a]',
    "[smartcn] is not built in; analyzer [icu_analyzer] cuts Chinese, Japanese and Korean by ICU's dictionaries",
  );
  await refused(
    { analyzer: { a: { type: 'snowball', language: 'English' } } }, 'Unknown analyzer type [snowball] for [a]',
    'use that of the language, as [english], or a custom one: tokenizer standard, filters lowercase, stop and snowball',
  );
  await refused(
    {}, 'Failed to parse mapping: analyzer [polish] has not been configured in mappings',
    '[polish] is not built in; a filter of type [hunspell] stems with a dictionary',
    { properties: { t: { type: 'text', analyzer: 'polish' } } },
  );
});

test('names that are empty', async () => {
  await refused({ analyzer: { '': { tokenizer: 'standard' } } }, 'analyzer name must not be empty, as in [index.analysis.analyzer..tokenizer]');
  await refused({ filter: { '': { type: 'stop' } } }, 'filter name must not be empty, as in [index.analysis.filter..type]');
});

test('analyzers that a field names', async () => {
  await refused(
    {}, 'Failed to parse mapping: analyzer [englsh] has not been configured in mappings', 'did you mean [english]?',
    { properties: { t: { type: 'text', analyzer: 'englsh' } } },
  );
  await refused(
    {}, 'Failed to parse mapping: normalizer [lowercse] not found for field [k]', 'did you mean [lowercase]?',
    { properties: { k: { type: 'keyword', normalizer: 'lowercse' } } },
  );
});

test('limits of an index hold for its settings and for what _analyze is given', async () => {
  const grams = { type: 'ngram', min_gram: 1, max_gram: 4 };
  const over = /difference between max_gram and min_gram in NGram Tokenizer must be less than or equal to: \[1\]/;
  const denied = await server.put('/wide', { settings: { analysis: { tokenizer: { grams } } } });
  assert.match(denied.body.error.reason, over);
  await server.put('/wide', { settings: { max_ngram_diff: 3, max_shingle_diff: 7, analysis: { tokenizer: { grams } } } });
  const body = { tokenizer: grams, text: 'abcd' };
  assert.equal((await server.post('/wide/_analyze', body)).body.tokens.length, 10);
  assert.match((await server.post('/_analyze', body)).body.error.reason, over);
  const shingles = { tokenizer: 'standard', filter: [{ type: 'shingle', min_shingle_size: 2, max_shingle_size: 8 }], text: 'a b c' };
  const wide = await server.post('/wide/_analyze', shingles);
  assert.equal(wide.status, 200, wide.text);
  assert.match((await server.post('/_analyze', shingles)).body.error.reason, /max_shingle_size and min_shingle_size.*less than or equal to: \[3\]/);

  const settings = await server.put('/wide/_settings', { 'index.analyze.max_token_count': 2, 'index.max_ngram_diff': 1 });
  assert.equal(settings.status, 200, settings.text);
  assert.match((await server.post('/wide/_analyze', { text: 'a b c' })).body.error.reason, /exceeded the allowed maximum of \[2\]/);
  assert.match((await server.post('/wide/_analyze', body)).body.error.reason, over);
});
