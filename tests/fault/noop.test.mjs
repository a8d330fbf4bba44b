// What an answer stands on is durable, also when the answer itself changed nothing: an update that finds the document
// as it should be, while the write that made it so is still on its way to the disk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../support/server.mjs';

const STALL_MS = 400;

test('an update without change is not answered before the write that it found is durable', async () => {
  const server = await startServer({ memory: '128mb' });
  try {
    await server.put('/i', { mappings: { properties: { v: { type: 'long' } } } });
    server.options.env = { AUK_FAULT_STALL: `journal.append.before:${STALL_MS}` };
    await server.restart();
    const written = server.put('/i/_doc/one', { v: 1 }).catch(() => null);
    while ((await server.get('/i/_doc/one')).status !== 200) await sleep(5); // read before it is durable
    const { body } = await server.post('/i/_update/one', { doc: { v: 1 } });
    await server.halt('SIGKILL');
    await written;
    assert.equal(body.result, 'noop');
    server.options.env = {};
    await server.start();
    assert.equal((await server.get('/i/_doc/one')).status, 200, 'the update was acknowledged, its document is gone');
  } finally {
    await server.stop();
  }
});
