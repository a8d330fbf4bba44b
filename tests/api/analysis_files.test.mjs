// Token filters whose dictionaries and patterns are files below DATA/config: used in searches, after a restart too.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from 'elasticsearch8';
import { Server } from '../support/server.mjs';

let server, client;
const config = () => join(server.directory, 'data', 'config');
const connect = () => (client = new Client({ node: server.url, maxRetries: 0 }));
before(async () => {
  server = new Server();
  const folder = join(config(), 'hunspell', 'xx');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'xx.aff'), 'SET UTF-8\nSFX S Y 1\nSFX S 0 s .\nPFX U Y 1\nPFX U 0 un .\n');
  writeFileSync(join(folder, 'xx.dic'), '2\nkind/US\nwalk/S\n');
  cpSync(new URL('../golden/analysis/config/hyphenation/toy.xml', import.meta.url), join(config(), 'toy.xml'));
  await server.start();
  connect();
});
after(async () => {
  await client?.close();
  await server?.stop();
});

const own = (filter) => ({
  settings: { analysis: { filter: { own: filter }, analyzer: { a: { tokenizer: 'standard', filter: ['lowercase', 'own'] } } } },
  mappings: { properties: { t: { type: 'text', analyzer: 'a' } } },
});
const filters = {
  hunspell: { type: 'hunspell', locale: 'xx' },
  compounds: { type: 'hyphenation_decompounder', hyphenation_patterns_path: 'toy.xml', word_list: ['haus', 'bau', 'tür'] },
  sounds: { type: 'phonetic', encoder: 'double_metaphone', replace: false },
};
const found = async (index, query) =>
  (await client.search({ index, query: { match: { t: query } }, sort: ['_doc'] })).hits.hits.map((hit) => hit._source.t);

test('words are found by their stems, parts and sounds', async () => {
  for (const [index, filter] of Object.entries(filters)) {
    await client.indices.create({ index, ...own(filter) });
    for (const t of ['unkind walks', 'hausbau', 'Mr Smith']) await client.index({ index, document: { t } });
    await client.indices.refresh({ index });
  }
  assert.deepEqual(await found('hunspell', 'kinds'), ['unkind walks']);
  assert.deepEqual(await found('compounds', 'bau'), ['hausbau']);
  assert.deepEqual(await found('sounds', 'Smyth'), ['Mr Smith']);
});

test('they are there again after a restart', async () => {
  await client.close();
  await server.restart();
  connect();
  assert.deepEqual(await found('hunspell', 'kinds'), ['unkind walks']);
  assert.deepEqual(await found('compounds', 'bau'), ['hausbau']);
});

test('_analyze takes them in place', async () => {
  const { tokens } = await client.indices.analyze({ tokenizer: 'whitespace', filter: [filters.hunspell], text: 'walks unkind' });
  assert.deepEqual(tokens.map((t) => t.token), ['walk', 'kind']);
});

test('a dictionary that is not there is refused in words', async () => {
  const refused = (filter, reason) =>
    assert.rejects(client.indices.create({ index: 'broken', ...own(filter) }), (error) => {
      assert.equal(error.statusCode, 400);
      assert.match(error.meta.body.error.reason, reason);
      return true;
    });
  await refused({ type: 'hunspell', locale: 'yy' }, /Unknown hunspell dictionary for locale \[yy\]/);
  await refused({ type: 'hunspell', locale: 'xx', dedup: false }, /\[dedup\] cannot be false/);
  await refused({ type: 'phonetic', encoder: 'beider_morse' }, /encoder \[beider_morse\].* is not supported/);
  await refused({ type: 'kstem' }, /Unknown filter type \[kstem\]/);
});
