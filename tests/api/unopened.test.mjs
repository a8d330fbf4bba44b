// An index whose configuration file is gone at the start: it is red and answers 503 with the file's name, the
// others go on, its data stay, and it is served again when the file is back. _open does that without a restart.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Server } from '../support/server.mjs';

let server;
const file = (name) => join(server.directory, 'data', 'config', name);
const hide = (name) => renameSync(file(name), file(`${name}.away`));
const back = (name) => renameSync(file(`${name}.away`), file(name));
const ndjson = { headers: { 'content-type': 'application/x-ndjson' } };
const lines = (...objects) => `${objects.map((o) => JSON.stringify(o)).join('\n')}\n`;

before(async () => {
  server = new Server();
  mkdirSync(join(server.directory, 'data', 'config'), { recursive: true });
  writeFileSync(file('stop.txt'), 'the\n');
  writeFileSync(file('rules.txt'), 'quick, fast\n');
  await server.start();
  const analyzed = (filter) => ({
    settings: { number_of_shards: 2, analysis: { filter: { f: filter }, analyzer: { a: { tokenizer: 'standard', filter: ['f'] } } } },
    mappings: { properties: { t: { type: 'text', analyzer: 'standard', search_analyzer: 'a' } } },
  });
  for (const [name, body] of [
    ['stopped', { ...analyzed({ type: 'stop', stopwords_path: 'stop.txt' }), aliases: { both: {}, alone: { is_write_index: true } } }],
    ['ruled', analyzed({ type: 'synonym', synonyms_path: 'rules.txt' })],
    ['plain', { aliases: { both: {} } }],
  ]) {
    assert.equal((await server.put(`/${name}`, body)).status, 200);
    assert.equal((await server.put(`/${name}/_doc/1?refresh=true`, { t: 'the quick fox' })).status, 201);
  }
  assert.equal((await server.put('/stopped/_doc/2', { t: 'only in the journal' })).status, 201);
});
after(() => server?.stop());

const isRefused = (answer, path) => {
  assert.equal(answer.status, 503, `${path}: ${answer.status} ${answer.text}`);
  assert.equal(answer.body.error.type, 'unavailable_shards_exception');
  assert.match(answer.body.error.reason, /^index \[stopped\] is not open: .*stopwords_path.*stop\.txt/, path);
  assert.match(answer.body.error.hint, /POST \/stopped\/_open/);
};

test('the server starts without the file', async () => {
  hide('stop.txt');
  hide('rules.txt');
  await server.restart('SIGKILL');
  const found = await server.post('/plain/_search', { query: { match: { t: 'fox' } } });
  assert.equal(found.body.hits.total.value, 1);
});

test('health says which and why', async () => {
  const cluster = await server.get('/_cluster/health?level=indices');
  assert.equal(cluster.body.status, 'red');
  assert.equal(cluster.body.unassigned_shards, 4);
  assert.equal(cluster.body.indices.stopped.status, 'red');
  assert.equal(cluster.body.indices.plain.status, 'green');
  const health = await server.get('/_health');
  assert.equal(health.body.status, 'red');
  const problem = health.body.problems.find((p) => p.index === 'stopped');
  assert.equal(problem.kind, 'index');
  assert.match(problem.reason, /stopwords_path.*stop\.txt/);
  const rows = (await server.get('/_cat/indices?format=json&h=health,index,pri')).body;
  assert.deepEqual(rows.find((r) => r.index === 'stopped'), { health: 'red', index: 'stopped', pri: '2' });
  const shards = (await server.get('/_cat/shards?format=json&h=index,state')).body.filter((r) => r.index === 'stopped');
  assert.deepEqual(shards.map((r) => r.state), ['UNASSIGNED', 'UNASSIGNED']);
});

test('reads and writes of it are answered 503', async () => {
  for (const path of ['/stopped/_doc/1', '/stopped/_mapping', '/stopped/_stats', '/stopped/_search', '/stopped/_count', '/alone/_search'])
    isRefused(await server.get(path), path);
  for (const path of ['/stopped/_refresh', '/stopped/_flush', '/stopped/_forcemerge', '/stopped/_open']) isRefused(await server.post(path), path);
  isRefused(await server.put('/stopped/_doc/3', { t: 'x' }), 'put');
  isRefused(await server.put('/alone/_doc/3', { t: 'x' }), 'put by alias');
  isRefused(await server.delete('/stopped/_doc/1'), 'delete');
  isRefused(await server.put('/stopped/_mapping', { properties: { n: { type: 'long' } } }), 'mapping');
  isRefused(await server.put('/stopped/_settings', { refresh_interval: '5s' }), 'settings');
  isRefused(await server.post('/stopped/_analyze', { text: 'x' }), 'analyze');
  isRefused(await server.post('/_aliases', { actions: [{ add: { index: 'stopped', alias: 'more' } }] }), 'alias');
  isRefused(await server.post('/stopped/_rebuild', {}), 'rebuild');
  const bulk = await server.post('/_bulk', lines({ index: { _index: 'stopped' } }, { t: 'x' }, { index: { _index: 'plain' } }, { t: 'fox' }), ndjson);
  assert.deepEqual(bulk.body.items.map((i) => i.index.status), [503, 201]);
});

test('what names more goes on without it, and says so', async () => {
  for (const path of ['/_all/_search', '/both/_search', '/*/_search', '/_search']) {
    const answer = await server.get(`${path}?q=quick`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.hits.total.value, 1, path);
    assert.equal(answer.body._shards.total, path.startsWith('/both') ? 3 : 5);
    assert.equal(answer.body._shards.failed, path.startsWith('/both') ? 2 : 4);
  }
  assert.equal((await server.get('/stopped,plain/_search?ignore_unavailable=true&q=quick')).body.hits.total.value, 1);
});

test('its name and settings stay', async () => {
  assert.match((await server.put('/stopped', {})).text, /resource_already_exists_exception/);
  assert.match((await server.put('/alone', {})).text, /invalid_index_name_exception/);
  assert.equal((await server.head('/stopped')).status, 200);
  assert.equal((await server.get('/stopped/_settings')).body.stopped.settings.index.analysis.filter.f.stopwords_path, 'stop.txt');
  assert.ok((await server.get('/stopped/_alias')).body.stopped.aliases.alone);
});

test('_open serves it when the file is back, with all it held', async () => {
  back('stop.txt');
  const opened = await server.post('/stopped/_open');
  assert.equal(opened.status, 200, opened.text);
  assert.equal((await server.post('/stopped/_open')).status, 200);
  assert.equal((await server.get('/stopped/_count')).body.count, 2);
  assert.equal((await server.post('/stopped/_search', { query: { match: { t: 'the' } } })).body.hits.total.value, 0);
  assert.equal((await server.put('/stopped/_doc/3?refresh=true', { t: 'new fox' })).status, 201);
  assert.equal((await server.get('/stopped/_search?q=t:fox')).body.hits.total.value, 2);
  assert.equal((await server.get('/_cluster/health/stopped')).body.status, 'green');
});

test('so does a start', async () => {
  hide('stop.txt');
  await server.restart();
  isRefused(await server.get('/stopped/_count'), 'count');
  back('stop.txt');
  await server.restart();
  assert.equal((await server.get('/stopped/_count')).body.count, 3);
});

test('it can be deleted, and its name used again', async () => {
  assert.equal((await server.get('/ruled/_count')).status, 503);
  const gone = await server.delete('/ruled');
  assert.equal(gone.status, 200, gone.text);
  assert.equal((await server.get('/_cluster/health')).body.status, 'green');
  assert.equal((await server.get('/ruled/_count')).status, 404);
  assert.equal((await server.put('/ruled/_doc/1?refresh=true', { t: 'fox' })).status, 201);
  await server.restart();
  assert.equal((await server.get('/ruled/_count')).body.count, 1);
  hide('stop.txt'); // files of data are looked at without those of analysis
  await server.halt();
  const check = spawnSync(process.env.AUK_BINARY, ['check', join(server.directory, 'data')], { encoding: 'utf8' });
  assert.equal(check.status, 0, check.stdout + check.stderr);
});
