// A search whose client has gone is not finished for nobody: its thread is free again at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectRaw } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer({ memory: '512mb', args: ['--threads', '1'] });
  await server.put('/slow', { mappings: { properties: { k: { type: 'keyword' }, n: { type: 'long' } } } });
  for (let part = 0; part < 4; part++) {
    const lines = [];
    for (let i = 0; i < 10000; i++) lines.push('{"index":{}}', `{"k":"key${(i * 7919) % 5000}","n":${part * 10000 + i}}`);
    assert.equal((await server.bulk('/slow/_bulk', lines)).body.errors, false);
  }
  await server.post('/slow/_refresh');
});
after(() => server?.stop());

// Metrics side by side take their time and no memory to speak of.
const slow = (count) => JSON.stringify({ size: 0, query: { match_all: {} }, aggs: Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, { stats: { field: 'n' } }])) });
const send = (client, path, body) =>
  client.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

async function timed(run) {
  const from = performance.now();
  await run();
  return performance.now() - from;
}

// How many of them take a second or so here.
async function makeSlow(path, build) {
  for (let count = 32; ; count *= 2) {
    const body = build(count);
    const took = await timed(async () => assert.equal((await server.post(path, body)).status, 200));
    if (took > 400 || count === 1024) return { body, took };
  }
}

const searches = {
  'a search': ['/slow/_search', slow],
  'many searches in one': ['/_msearch', (count) => `{"index":"slow"}\n${slow(16)}\n`.repeat(count)],
};

for (const [name, [path, build]] of Object.entries(searches))
  for (const way of ['closes', 'resets'])
    test(`${name} ends when its client ${way}`, async () => {
      const { body, took } = await makeSlow(path, build);
      const clients = await Promise.all(Array.from({ length: 4 }, () => connectRaw(server)));
      for (const client of clients) send(client, path, body);
      await sleep(took / 8);
      for (const client of clients)
        if (way === 'closes') client.destroy();
        else client.socket.resetAndDestroy();
      const waited = await timed(async () => assert.equal((await server.get('/slow/_count')).body.count, 40000));
      console.log(`# ${name}: ${took.toFixed(0)} ms when waited for; after its client left others waited for ${waited.toFixed(0)} ms`);
      assert.ok(waited < took / 2, `${waited} ms of ${took}`);
    });
