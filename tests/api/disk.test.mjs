// A disk that fills up, as a tmpfs of a fixed size with a file in it that takes what is to be taken: writes are answered
// 507, nothing that was acknowledged is lost, searches go on, and writes go on when there is room, without a restart.
// Skipped where the machine does not let a test mount a file system.
import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Server } from '../support/server.mjs';
import { SmallDisk } from '../support/small_disk.mjs';

const MIB = 1 << 20;
let disk = null;
let why = '';

before(() => {
  try {
    disk = SmallDisk.create(160);
  } catch (error) {
    if (!error.why) throw error;
    why = `skipped: ${error.why}`;
  }
});

after(() => disk?.destroy());

async function withServer(args, run) {
  process.env.AUK_TEST_DIR = disk.path;
  const server = new Server({ memory: '512mb', args });
  delete process.env.AUK_TEST_DIR;
  await server.start();
  try {
    await run(server);
  } finally {
    disk.makeRoom();
    await server.stop();
  }
}

// Texts that do not compress well and cost little to make: pieces of one.
const words = Array.from({ length: 1 << 16 }, () => Math.random().toString(36).slice(2, 10).padEnd(8, 'x')).join(' ');
const random = (size) => words.substr(Math.floor(Math.random() * (words.length - size)), size);

// Bulks of 50 documents of 8 KB until one is not taken; ids of those that were go to the set. The disk may be full just
// between two shards of a bulk: then the items of the second say 507.
async function fill(server, acknowledged, most = 400) {
  for (let n = 0; n < most; n++) {
    const lines = [];
    const ids = [];
    for (let i = 0; i < 50; i++) {
      const id = `${acknowledged.size + i}-${n}`;
      ids.push(id);
      lines.push({ index: { _id: id } }, { id, text: random(8192) });
    }
    const answer = await server.bulk('/docs/_bulk', lines);
    if (answer.status !== 200) return expectFull(answer);
    for (const [i, item] of answer.body.items.entries()) {
      if (item.index.status === 201) acknowledged.add(ids[i]);
      else assert.deepEqual([item.index.status, item.index.error.type], [507, 'disk_full_exception']);
    }
    if (answer.body.errors) return;
  }
  assert.fail('the disk did not become full');
}

async function expectAll(server, acknowledged) {
  const ids = [...acknowledged];
  for (let from = 0; from < ids.length; from += 100) {
    const some = ids.slice(from, from + 100);
    const { status, body } = await server.post('/docs/_mget?_source=id', { ids: some });
    assert.equal(status, 200);
    body.docs.forEach((found, i) => assert.equal(found._source?.id, some[i]));
  }
}

// ask: true, or what is the matter.
async function eventually(ask, what) {
  let last;
  for (let tries = 0; tries < 200; tries++) {
    last = await ask();
    if (last === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`${what}: ${JSON.stringify(last)}`);
}

function expectFull(answer) {
  assert.equal(answer.status, 507, JSON.stringify(answer.body).slice(0, 500));
  assert.equal(answer.body.error.type, 'disk_full_exception');
  assert.equal(answer.body.status, 507);
}

const metric = (text, name) => Number(text.match(new RegExp(`^${name} (\\d+)$`, 'm'))[1]);

test('a disk that fills up during bulks, flushes and merges loses nothing and comes back by itself', async (t) => {
  if (!disk) return t.skip(why);
  await withServer(['--disk-free-min', '0'], async (server) => {
    const acknowledged = new Set();
    assert.equal((await server.put('/docs', { settings: { number_of_shards: 2 } })).status, 200);
    for (let round = 0; round < 2; round++) {
      disk.leave(16 * MIB);
      const work = (async () => {
        for (let i = 0; i < 4; i++) {
          await server.post('/docs/_flush');
          await server.post('/docs/_forcemerge?max_num_segments=1');
        }
      })();
      await fill(server, acknowledged);
      await work;
      // A flush may have given space back meanwhile.
      const single = await server.put('/docs/_doc/single', { id: 'single' });
      if (single.status === 201) acknowledged.add('single');
      else expectFull(single);
      await expectAll(server, acknowledged);
      const found = await server.post('/docs/_search', { query: { match_all: {} }, size: 1 });
      assert.equal(found.status, 200);
      disk.makeRoom();
      await eventually(
        async () => (await server.put(`/docs/_doc/after-${round}`, { id: `after-${round}` })).status === 201,
        'writes did not go on',
      );
      acknowledged.add(`after-${round}`);
      await eventually(async () => {
        const { body } = await server.get('/_health');
        return body.status === 'green' || body;
      }, 'it did not become green');
      await expectAll(server, acknowledged);
      await server.restart(round === 0 ? 'SIGTERM' : 'SIGKILL');
      await expectAll(server, acknowledged);
      await server.post('/docs/_refresh');
      const { body } = await server.get('/docs/_count');
      assert.equal(body.count, acknowledged.size, 'what was refused is not there');
      await server.delete('/docs');
      acknowledged.clear();
      assert.equal((await server.put('/docs', { settings: { number_of_shards: 2 } })).status, 200);
    }
  });
});

test('indices can be made and deleted again without a restart on a disk that was full', async (t) => {
  if (!disk) return t.skip(why);
  await withServer(['--disk-free-min', '0'], async (server) => {
    await server.put('/kept/_doc/1?refresh', { a: 1 });
    disk.leave(0);
    const file = openSync(join(disk.path, 'last'), 'a');
    try {
      for (;;) writeSync(file, Buffer.alloc(4096, 1));
    } catch {
      closeSync(file);
    }
    let refused = null;
    for (let i = 0; i < 2000 && !refused; i++) {
      const answer = await server.put(`/made-${i}`);
      if (answer.status !== 200) refused = answer;
    }
    expectFull(refused);

    // An index whose deletion could not be written is what it was, for readers now and for writers when there is room.
    expectFull(await server.delete('/kept'));
    assert.equal((await server.get('/kept/_doc/1')).body._source.a, 1);
    assert.equal((await server.get('/kept/_search')).body.hits.total.value, 1);

    rmSync(join(disk.path, 'last'));
    disk.makeRoom();
    await eventually(async () => (await server.put('/again')).status === 200, 'no index can be made');
    assert.equal((await server.put('/kept/_doc/2?refresh', { a: 2 })).status, 201);
    assert.equal((await server.get('/kept/_count')).body.count, 2);
    assert.equal((await server.delete('/kept')).status, 200);
    assert.equal((await server.head('/kept')).status, 404);
  });
});

test('writes stop before the disk is full, say how much to free, and go on by themselves', async (t) => {
  if (!disk) return t.skip(why);
  await withServer(['--disk-free-min', '64mb'], async (server) => {
    await server.bulk('/_bulk?refresh', [{ index: { _index: 'docs', _id: 1 } }, { a: 1 }, { index: { _index: 'old', _id: 1 } }, { a: 1 }]);
    assert.equal((await server.get('/_cluster/health')).body.status, 'green');
    disk.leave(40 * MIB);

    const refused = await server.bulk('/_bulk', [{ index: { _index: 'docs', _id: 2 } }, { a: 2 }]);
    expectFull(refused);
    const { reason, hint } = refused.body.error;
    const more = Number(reason.match(/which is \[(\d+)\] bytes/)[1]);
    assert.ok(more > 30 * MIB && more < 50 * MIB, reason);
    assert.match(hint, /--disk-free-min/);
    expectFull(await server.put('/docs/_doc/2', { a: 2 }));
    expectFull(await server.put('/new/_doc/2', { a: 2 }));
    assert.equal((await server.head('/new')).status, 404);

    const health = await server.get('/_cluster/health');
    assert.equal(health.body.status, 'yellow');
    assert.equal(health.body.problems[0].kind, 'disk');
    const own = await server.get('/_health');
    assert.equal(own.body.status, 'yellow');
    assert.equal(own.body.disk.free_min_in_bytes, 64 * MIB);
    const metrics = (await server.get('/metrics')).text;
    assert.equal(metric(metrics, 'auk_writes_stopped'), 1);
    assert.equal(metric(metrics, 'auk_health'), 1);
    assert.equal((await server.get('/_cluster/health?wait_for_status=green&timeout=1s')).status, 408);

    assert.equal((await server.get('/docs/_search')).body.hits.total.value, 1, 'searches go on');
    assert.equal((await server.delete('/old')).status, 200, 'an index can be deleted');

    disk.leave(70 * MIB);
    expectFull(await server.put('/docs/_doc/2', { a: 2 }));
    disk.makeRoom();
    assert.equal((await server.put('/docs/_doc/2', { a: 2 })).status, 201);
    assert.equal((await server.get('/_cluster/health')).body.status, 'green');
    assert.equal(metric((await server.get('/metrics')).text, 'auk_writes_stopped'), 0);
  });
});
