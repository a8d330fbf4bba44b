import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  await server.put('/small', { aliases: { some: { routing: '1' } } });
  await server.put('/large', { settings: { number_of_shards: 3 } });
  const lines = [];
  for (let i = 0; i < 30; i++) lines.push({ index: { _index: i % 3 ? 'large' : 'small' } }, { n: i });
  await server.bulk('/_bulk?refresh=true', lines);
});
after(() => server?.stop());

const table = async (path) => (await server.get(path)).text.trimEnd().split('\n').map((line) => line.trim().split(/ +/));

test('tables have titles, chosen columns and an order', async () => {
  const { headers, text } = await server.get('/_cat/indices?v&h=index,docs.count,pri&s=docs.count:desc');
  assert.match(headers.get('content-type'), /^text\/plain/);
  assert.equal(text, 'index docs.count pri\nlarge         20   3\nsmall         10   1\n');
  assert.deepEqual(await table('/_cat/indices?h=i,dc&s=i'), [['large', '20'], ['small', '10']]);
  assert.deepEqual(await table('/_cat/indices/sm*?h=index,health,status'), [['small', 'green', 'open']]);
  assert.match((await server.get('/_cat/indices?help')).text, /docs.count +\| dc,docsCount +\| available docs/);
});

test('tables come as JSON and YAML', async () => {
  const wanted = [{ index: 'large', sc: '3', cd: /^\d{13}$/ }];
  const { body } = await server.get('/_cat/indices/large?h=index,health,status,uuid,pri,rep,docs.count,store.size,sc,cd&bytes=b&format=json');
  assert.equal(body[0].index, wanted[0].index);
  assert.match(body[0].cd, wanted[0].cd);
  assert.match(body[0]['store.size'], /^\d+$/);
  const accepted = await server.get('/_cat/count', undefined, { accept: 'application/json' });
  assert.equal(accepted.body[0].count, '30');
  const vendor = await server.get('/_cat/count', undefined, { accept: 'application/vnd.elasticsearch+json; compatible-with=8,text/plain' });
  assert.match(vendor.text, /^\d+ \d\d:\d\d:\d\d 30\n$/);
  assert.match((await server.get('/_cat/aliases?format=yaml')).text, /^---\n- alias: "some"\n/);
});

test('the other tables tell what is there', async () => {
  assert.equal((await table('/_cat/shards')).length, 4);
  assert.deepEqual((await table('/_cat/shards/small?h=index,shard,prirep,state,docs'))[0], ['small', '0', 'p', 'STARTED', '10']);
  assert.equal((await table('/_cat/count/large'))[0].at(-1), '20');
  assert.deepEqual(await table('/_cat/health?h=status,node.total,shards,asp'), [['green', '1', '4', '100.0%']]);
  const [node] = await table('/_cat/nodes?h=version,http,master,name');
  assert.equal(node[0], '8.19.0');
  assert.equal(node[1], server.url.replace('http://', ''));
  assert.deepEqual(await table('/_cat/aliases'), [['some', 'small', '-', '1', '1', '-']]);
  assert.equal((await server.get('/_cat/aliases/none')).text, '');
  assert.match((await server.get('/_cat')).text, /\/_cat\/indices\n/);
  assert.equal((await server.get('/_cat/indices/none')).status, 404);
  assert.match((await server.get('/_cat/indices?vv')).body.error.reason, /unrecognized parameter: \[vv\]/);
});
