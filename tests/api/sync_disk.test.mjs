// A source on a disk that is really full while its database says nothing: what clients ask for meets it first, and all
// goes on by itself when there is room. Skipped where the machine does not let a test mount a file system.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { Server } from '../support/server.mjs';
import { SmallDisk } from '../support/small_disk.mjs';

const PATIENCE_MS = 120000;
const DISK_MB = 160;
const NOTE = 4000;

describe('a source on a full disk', { skip: Postgres.missing() }, () => {
  let postgres, auk, disk, why, writer;
  before(async () => {
    try {
      disk = SmallDisk.create(DISK_MB);
    } catch (error) {
      if (!error.why) throw error;
      why = `skipped: ${error.why}`;
      return;
    }
    postgres = await startPostgres({ settings: { autovacuum: 'off', checkpoint_timeout: '1h' } });
    await postgres.psql(`
      CREATE TABLE product (id int PRIMARY KEY, name text, rank text);
      INSERT INTO product SELECT i, 'product ' || i, i FROM generate_series(1, 50) i;
      UPDATE product SET rank = 'no number' WHERE id = 50;`);
    auk = await new Server({ args: ['--disk-free-min', '0'], parent: disk.path }).start();
    const { status, text } = await auk.put('/_sync/shop', { connection: postgres.url(), documents: [
      { index: 'products', table: 'product', local_fields: ['views', 'note'],
        mappings: { properties: { views: { type: 'long' }, rank: { type: 'long' } } } }] });
    assert.equal(status, 200, text);
    await state('streaming');
    await silence();
  });
  after(async () => {
    if (writer) process.kill(writer, 'SIGCONT');
    disk?.makeRoom();
    await auk?.stop();
    await postgres?.stop();
    disk?.destroy();
  });

  const state = (wanted) =>
    eventually(async () => {
      const { body: stats } = await auk.get('/_sync/shop');
      assert.equal(stats.state, wanted, JSON.stringify(stats));
    }, PATIENCE_MS);
  const applied = async () =>
    `wait_for_lsn=${await postgres.value('SELECT pg_current_wal_insert_lsn()')}&wait_for_lsn_timeout=100s`;
  // An idle server notes now and then which transactions run: that is something to follow, too.
  const silence = async () => {
    writer = await postgres.value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'");
    process.kill(writer, 'SIGSTOP');
    assert.equal((await auk.get(`/products/_count?${await applied()}`)).status, 200);
  };
  const update = (id, doc) => auk.post(`/products/_update/${id}`, { doc });
  const noted = async (id) => (await auk.get(`/products/_doc/${id}`)).body._source.note;
  const withViews = async (views) =>
    (await auk.post('/products/_search', { query: { term: { views } } })).body.hits.total.value;
  // It waits for room, or what was lost with the failed write was room enough.
  const met = (write) =>
    eventually(async () => {
      const { body: stats } = await auk.get('/_sync/shop');
      assert.ok(stats.state === 'waiting' || (await write()).status === 200, JSON.stringify(stats));
    }, PATIENCE_MS);
  // Takes room bit by bit until the write does not fit: the log of the store has some of its own.
  const untilFull = async (write) => {
    disk.leave(0);
    for (let n = 0; n < 2000; n++) {
      const answer = await write(n);
      if (answer.status !== 200) return answer;
    }
    return assert.fail('the disk did not become full');
  };

  test('takes updates of clients again, and shows them, when there is room', async (t) => {
    if (why) return t.skip(why);
    const notes = ['none'];
    assert.equal((await update(1, { note: 'none' })).status, 200);
    const refused = await untilFull((n) => {
      notes.push(`${n} ${'x'.repeat(NOTE)}`);
      return update(1, { note: notes.at(-1) });
    });
    assert.equal(refused.status, 507, refused.text);
    assert.ok(notes.slice(-2).includes(await noted(1)), 'what was acknowledged is seen');
    await met(() => update(3, { views: 3 }));
    disk.makeRoom();
    await eventually(async () => assert.equal((await update(2, { views: 7 })).status, 200), PATIENCE_MS);
    await eventually(async () => assert.equal(await withViews(7), 1), PATIENCE_MS);
    await state('streaming');
    assert.ok(notes.slice(-2).includes(await noted(1)));
    assert.equal((await update(2, { views: 8 })).status, 200);
    assert.equal(await withViews(8), 1, 'as ever, at once');
  });

  test('tries dead letters again when there is room', async (t) => {
    if (why) return t.skip(why);
    const retry = () => auk.post('/_sync/shop/_dlq/_retry');
    assert.equal((await auk.get('/_sync/shop/_dlq')).body.total, 1);
    const refused = await untilFull(retry);
    assert.equal(refused.status, 507, refused.text);
    await met(retry);
    disk.makeRoom();
    await eventually(async () => assert.equal((await retry()).status, 200), PATIENCE_MS);
    await state('streaming');
    assert.equal((await auk.get('/_sync/shop/_dlq')).body.total, 1);
  });

  test('follows as before', async (t) => {
    if (why) return t.skip(why);
    await postgres.psql("UPDATE product SET name = 'renamed' WHERE id = 2; UPDATE product SET rank = '50' WHERE id = 50");
    const { body } = await auk.get(`/products/_doc/2?${await applied()}`);
    assert.deepEqual([body._source.name, body._source.views], ['renamed', 8]);
    assert.equal((await auk.get('/_sync/shop/_dlq')).body.total, 0);
  });
});
