import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  await server.put('/a', { settings: { number_of_shards: 2 } });
  await server.put('/a/_doc/1?refresh=true', { n: 1 });
});
after(() => server?.stop());

test('the cluster is green and says what it holds', async () => {
  const { status, body } = await server.get('/_cluster/health?wait_for_status=yellow&timeout=50s');
  assert.equal(status, 200);
  assert.equal(body.status, 'green');
  assert.equal(body.timed_out, false);
  assert.equal(body.number_of_nodes, 1);
  assert.equal(body.active_shards, 2);
  const shards = (await server.get('/_cluster/health/a?level=shards')).body.indices.a.shards;
  assert.equal(shards['1'].status, 'green');
  assert.equal((await server.get('/_cluster/health/none')).status, 408);
  assert.match((await server.get('/_cluster/health?level=x')).body.error.reason, /\[level\]/);
  const stats = (await server.get('/_cluster/stats')).body;
  assert.equal(stats.indices.count, 1);
  assert.equal(stats.indices.shards.total, 2);
  assert.equal(stats.indices.docs.count, 1);
  assert.deepEqual(stats.nodes.versions, ['8.19.0']);
});

test('the state of the cluster, whole or in parts', async () => {
  await server.put('/held', { settings: { 'index.blocks.write': true }, mappings: { properties: { a: { type: 'long' } } }, aliases: { of: {} } });
  await server.post('/held/_close');
  await server.put('/_template/old', { index_patterns: ['old*'] });
  await server.put('/_index_template/new', { index_patterns: ['new*'] });
  const { body } = await server.get('/_cluster/state');
  assert.deepEqual(Object.keys(body), ['cluster_name', 'cluster_uuid', 'version', 'master_node', 'blocks', 'nodes', 'metadata', 'routing_table', 'routing_nodes']);
  assert.deepEqual(Object.keys(body.blocks.indices.held), ['4', '8']);
  const { state, aliases, mappings, settings } = body.metadata.indices.held;
  assert.deepEqual([state, aliases, mappings, settings.index.number_of_shards], ['close', ['of'], { _doc: { properties: { a: { type: 'long' } } } }, '1']);
  assert.deepEqual([Object.keys(body.metadata.templates), Object.keys(body.metadata.index_template.index_template)], [['old'], ['new']]);
  assert.equal(body.nodes[body.master_node].roles.includes('data'), true);
  const parts = (await server.get('/_cluster/state/master_node,routing_table,blocks/a')).body;
  assert.deepEqual(Object.keys(parts), ['cluster_name', 'cluster_uuid', 'master_node', 'blocks', 'routing_table']);
  assert.deepEqual(Object.keys(parts.routing_table.indices.a.shards), ['0', '1']);
  assert.equal(parts.routing_table.indices.a.shards[1][0].state, 'STARTED');
  assert.equal((await server.get('/_cluster/state/metdata')).status, 400);
  await server.delete('/held');
});

test('cluster settings are kept, shown and removed', async () => {
  const put = await server.put('/_cluster/settings', {
    persistent: { search: { max_buckets: 7 } }, transient: { 'action.auto_create_index': false },
  });
  assert.deepEqual(put.body, {
    acknowledged: true,
    persistent: { search: { max_buckets: '7' } }, transient: { action: { auto_create_index: 'false' } },
  });
  assert.equal((await server.put('/fresh/_doc/1', {})).status, 404);
  await server.restart();
  assert.deepEqual((await server.get('/_cluster/settings?flat_settings')).body,
    { persistent: { 'search.max_buckets': '7' }, transient: {} });
  await server.put('/_cluster/settings', { persistent: { 'search.*': null, 'search.max_buckets': null } });
  const { persistent, defaults } = (await server.get('/_cluster/settings?include_defaults')).body;
  assert.deepEqual(persistent, {});
  assert.equal(defaults.search.max_buckets, '65536');
  const refused = await server.put('/_cluster/settings', { persistent: { 'search.max_bucket': 1 } });
  assert.match(refused.body.error.reason, /did you mean \[search.max_buckets\]\?/);
  assert.equal((await server.put('/_cluster/settings', {})).status, 400);
});

test('a sniffing client finds the address it came by', async () => {
  for (const path of ['/_nodes', '/_nodes/http', '/_nodes/_all/http', '/_nodes/_local']) {
    const { body } = await server.get(path);
    const [node] = Object.values(body.nodes);
    assert.equal(node.http.publish_address, server.url.replace('http://', ''), path);
    assert.ok(node.roles.includes('data'));
    assert.equal(node.version, '8.19.0');
  }
  assert.deepEqual((await server.get('/_nodes/elsewhere')).body.nodes, {});
  const [stats] = Object.values((await server.get('/_nodes/stats')).body.nodes);
  assert.ok(stats.process.mem.resident_in_bytes > 0);
  assert.equal(stats.indices.docs.count, 1);
  assert.equal(stats.thread_pool.write.rejected, 0);
  const [few] = Object.values((await server.get('/_nodes/stats/os,fs')).body.nodes);
  assert.ok(few.fs.total.total_in_bytes > 0);
  assert.equal(few.indices, undefined);
});

test('statistics have the sums and, for people, sizes with units', async () => {
  const { body } = await server.get('/a/_stats?human=true&level=shards');
  assert.deepEqual(body._shards, { total: 2, successful: 2, failed: 0 });
  assert.equal(body._all.primaries.docs.count, 1);
  assert.match(body._all.total.store.size, /^[\d.]+(b|kb|mb)$/);
  assert.equal(body.indices.a.shards['0'].length, 1);
  const few = (await server.get('/_stats/docs,store')).body._all.total;
  assert.deepEqual(Object.keys(few), ['docs', 'store']);
  assert.match((await server.get('/_stats/doc')).body.error.reason, /did you mean \[docs\]\?/);
  assert.equal((await server.get('/none/_stats')).status, 404);
});

test('health, memory and metrics are there for those who watch', async () => {
  assert.deepEqual((await server.get('/_health/live')).body, { live: true });
  assert.deepEqual((await server.get('/_health/ready')).body, { ready: true });
  const memory = (await server.get('/_memory')).body;
  assert.ok(memory.purposes.indexing.limit_in_bytes > 0);
  assert.ok(memory.process.anonymous_in_bytes > 0);
  const { headers, text } = await server.get('/metrics');
  assert.match(headers.get('content-type'), /^text\/plain/);
  for (const line of text.trimEnd().split('\n'))
    assert.match(line, /^(# (HELP|TYPE) auk_\w+ .+|auk_\w+(\{[^}]*("[^"]*"[^}]*)*\})? [\d.e+-]+)$/);
  for (const name of ['auk_http_requests_total', 'auk_http_request_duration_seconds_bucket', 'auk_documents{index="a"} 1',
    'auk_segments', 'auk_merges_total', 'auk_refreshes_total', 'auk_journal_bytes', 'auk_pool_queue{pool="search"}',
    'auk_pool_rejected_total', 'auk_memory_used_bytes{purpose="search"}', 'auk_process_resident_bytes', 'auk_open_contexts'])
    assert.ok(text.includes(`\n${name}`), name);
});
