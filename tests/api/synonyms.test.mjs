// Named sets of synonyms by the official client: kept over restarts, at once in force in searches.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from 'elasticsearch8';
import { startServer } from '../support/server.mjs';

let server, client;
const connect = () => (client = new Client({ node: server.url, maxRetries: 0 }));
before(async () => {
  server = await startServer();
  connect();
  await client.synonyms.putSynonym({
    id: 'words',
    synonyms_set: [{ id: 'b', synonyms: 'hello, hi' }, { id: 'a', synonyms: 'wi fi, wifi' }],
  });
  await client.indices.create({
    index: 'greetings',
    settings: {
      analysis: {
        analyzer: { search: { tokenizer: 'whitespace', filter: ['lowercase', 'words'] } },
        filter: { words: { type: 'synonym_graph', synonyms_set: 'words', updateable: true } },
      },
    },
    mappings: { properties: { t: { type: 'text', analyzer: 'whitespace', search_analyzer: 'search' } } },
  });
  for (const [id, t] of ['hello world', 'hi there', 'howdy all', 'wi fi network', 'wifi'].entries())
    await client.index({ index: 'greetings', id: String(id), document: { t } });
  await client.indices.refresh({ index: 'greetings' });
});
after(async () => {
  await client?.close();
  await server?.stop();
});

const found = async (query) => {
  const { hits } = await client.search({ index: 'greetings', query: { match: { t: query } }, sort: ['_doc'] });
  return hits.hits.map((hit) => hit._id).sort().join('');
};
const fails = (promise, status, type, reason) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, status);
    assert.equal(error.meta.body.error.type, type);
    assert.match(error.meta.body.error.reason, reason);
    return true;
  });

test('a set is shown by id, with pages', async () => {
  assert.deepEqual(await client.synonyms.getSynonym({ id: 'words' }), {
    count: 2,
    synonyms_set: [{ id: 'a', synonyms: 'wi fi, wifi' }, { id: 'b', synonyms: 'hello, hi' }],
  });
  assert.deepEqual((await client.synonyms.getSynonym({ id: 'words', from: 1, size: 5 })).synonyms_set, [
    { id: 'b', synonyms: 'hello, hi' },
  ]);
  assert.deepEqual(await client.synonyms.getSynonymsSets(), {
    count: 1,
    results: [{ synonyms_set: 'words', count: 2 }],
  });
});

test('rules are in force at once, and over a restart', async () => {
  assert.equal(await found('hello'), '01');
  assert.equal(await found('wifi'), '34');
  const updated = await client.synonyms.putSynonymRule({ set_id: 'words', rule_id: 'b', synonyms: 'hello, hi, howdy' });
  assert.equal(updated.result, 'updated');
  const { reload_details: details } = updated.reload_analyzers_details;
  assert.equal(details.length, 1);
  assert.equal(details[0].index, 'greetings');
  assert.deepEqual(details[0].reloaded_analyzers, ['search']);
  assert.equal(await found('hello'), '012');

  const created = await client.synonyms.putSynonymRule({ set_id: 'words', rule_id: 'c', synonyms: 'world => there' });
  assert.equal(created.result, 'created');
  assert.equal(await found('world'), '1');

  await client.close();
  await server.restart('SIGKILL');
  connect();
  assert.equal(await found('hello'), '012');
  assert.equal((await client.synonyms.getSynonymRule({ set_id: 'words', rule_id: 'c' })).synonyms, 'world => there');

  assert.equal((await client.synonyms.deleteSynonymRule({ set_id: 'words', rule_id: 'c' })).result, 'deleted');
  assert.equal(await found('world'), '0');
  const replaced = await client.synonyms.putSynonym({ id: 'words', synonyms_set: { synonyms: 'wi fi, wifi' } });
  assert.equal(replaced.result, 'updated');
  assert.equal(await found('hello'), '0');
  const { synonyms_set: rules } = await client.synonyms.getSynonym({ id: 'words' });
  assert.equal(rules.length, 1);
  assert.match(rules[0].id, /^[\w-]{20}$/);
});

test('_analyze sees the rules of now', async () => {
  const { tokens } = await client.indices.analyze({ index: 'greetings', analyzer: 'search', text: 'wifi' });
  assert.deepEqual(tokens.map((token) => [token.token, token.position, token.positionLength ?? 1]), [
    ['wi', 0, 1],
    ['wifi', 0, 2],
    ['fi', 1, 1],
  ]);
});

test('what is not there, and what is in use', async () => {
  await fails(client.synonyms.getSynonym({ id: 'nowhere' }), 404, 'resource_not_found_exception', /synonyms set \[nowhere\] not found/);
  await fails(
    client.synonyms.getSynonymRule({ set_id: 'words', rule_id: 'x' }), 404, 'resource_not_found_exception',
    /synonym rule \[x\] not found on synonyms set \[words\]/,
  );
  await fails(client.synonyms.putSynonymRule({ set_id: 'nowhere', rule_id: 'x', synonyms: 'a, b' }), 404, 'resource_not_found_exception', /nowhere/);
  await fails(
    client.synonyms.deleteSynonym({ id: 'words' }), 400, 'illegal_argument_exception',
    /synonyms set \[words\] cannot be deleted as it is used in the following indices: greetings/,
  );
  await client.synonyms.putSynonym({ id: 'unused', synonyms_set: [] });
  assert.deepEqual(await client.synonyms.deleteSynonym({ id: 'unused' }), { acknowledged: true });
  await fails(client.synonyms.deleteSynonym({ id: 'unused' }), 404, 'resource_not_found_exception', /unused/);
});

test('rules that are none', async () => {
  const put = (synonyms) => client.synonyms.putSynonym({ id: 'bad', synonyms_set: [{ synonyms }] });
  await fails(put('a => b => c'), 400, 'action_request_validation_exception', /More than one explicit mapping/);
  await fails(put(' '), 400, 'action_request_validation_exception', /can't be empty/);
  await fails(put('a =>'), 400, 'action_request_validation_exception', /explicit mapping/);
  const unknown = await server.put('/_synonyms/bad', { synonyms_set: [{ synonym: 'a, b' }] });
  assert.equal(unknown.status, 400);
  await fails(client.synonyms.getSynonym({ id: 'bad' }), 404, 'resource_not_found_exception', /bad/);
});

test('only searches run by rules that change', async () => {
  const create = (filter, mapping) =>
    client.indices.create({
      index: 'other',
      settings: {
        analysis: { analyzer: { mine: { tokenizer: 'whitespace', filter: ['mine'] } }, filter: { mine: { type: 'synonym', ...filter } } },
      },
      mappings: { properties: { t: { type: 'text', ...mapping } } },
    });
  await fails(
    create({ synonyms_set: 'words', updateable: true }, { analyzer: 'mine' }), 400, 'mapper_parsing_exception',
    /analyzer \[mine\] contains filters \[mine\] that are not allowed to run in index time mode/,
  );
  await fails(
    create({ synonyms_set: 'words' }, { search_analyzer: 'mine', analyzer: 'standard' }), 400, 'illegal_argument_exception',
    /supported only for search time synonyms/,
  );
  await fails(
    create({ synonyms_set: 'nowhere', updateable: true }, { search_analyzer: 'mine', analyzer: 'standard' }), 400,
    'illegal_argument_exception', /synonyms set \[nowhere\] not found/,
  );
});

test('_reload_search_analyzers', async () => {
  const answer = await client.indices.reloadSearchAnalyzers({ index: 'greetings' });
  assert.equal(answer._shards.failed, 0);
  assert.deepEqual(answer.reload_details.map((one) => [one.index, one.reloaded_analyzers]), [['greetings', ['search']]]);
  await fails(client.indices.reloadSearchAnalyzers({ index: 'nowhere' }), 404, 'index_not_found_exception', /nowhere/);
});

test('searches and documents go on while rules change', async () => {
  let stop = false;
  const busy = async (step) => {
    while (!stop) await step();
  };
  const searches = busy(async () => assert.match(await found('hello'), /^0/));
  const writes = busy(() => client.index({ index: 'greetings', document: { t: 'noise', [`f${Math.random() * 20 | 0}`]: 1 } }));
  for (let i = 0; i < 25; i++)
    await client.synonyms.putSynonym({ id: 'words', synonyms_set: [{ synonyms: `hello, ${i % 2 ? 'hi' : 'howdy'}, n${i}` }] });
  stop = true;
  await Promise.all([searches, writes]);
  assert.equal(await found('hello'), '02');
});

test('_analyze takes a set in a filter defined in place', async () => {
  const filter = [{ type: 'synonym_graph', synonyms_set: 'inline', updateable: true }];
  await client.synonyms.putSynonym({ id: 'inline', synonyms_set: [{ id: 'a', synonyms: 'fast, quick' }] });
  const { tokens } = await client.indices.analyze({ tokenizer: 'whitespace', filter, text: 'quick fox' });
  assert.deepEqual(tokens.map((t) => t.token).sort(), ['fast', 'fox', 'quick']);
  await client.synonyms.deleteSynonym({ id: 'inline' });
  await fails(
    client.indices.analyze({ tokenizer: 'whitespace', filter, text: 'quick' }),
    400, 'illegal_argument_exception', /synonyms set \[inline\] not found/,
  );
});
