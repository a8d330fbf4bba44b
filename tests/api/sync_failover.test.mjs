// The server that is followed dies and its standby is promoted: what both have goes on, what the standby never had is told.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const PATIENCE_MS = 120000;

describe('a failover', { skip: Postgres.missing() }, () => {
  let first, second, third, auk;
  before(async () => {
    first = await startPostgres({ settings: { wal_keep_size: '512MB' } });
    auk = await startServer();
    await first.psql(`CREATE TABLE item (id int PRIMARY KEY, n int);
      INSERT INTO item SELECT i, i FROM generate_series(1, 500) i;`);
    second = await startPostgres({ of: first });
  });
  after(async () => {
    await auk?.stop();
    for (const one of [third, second, first]) await one?.stop();
  });

  const put = async (...servers) => {
    const hosts = servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const { status, text } = await auk.put('/_sync/shop', { tables: ['item'],
      connection: `postgres://postgres@${hosts}/postgres?target_session_attrs=read-write` });
    assert.equal(status, 200, text);
  };
  const state = (wanted) =>
    eventually(async () => {
      const { body } = await auk.get('/_sync/shop');
      assert.equal(body.state, wanted, JSON.stringify(body));
      return body;
    }, PATIENCE_MS);
  const equal = async (server) => {
    const lsn = await server.value('SELECT pg_current_wal_insert_lsn()');
    const found = await auk.post(`/item/_search?wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`,
      { size: 10000, sort: [{ id: 'asc' }] });
    assert.equal(found.status, 200, found.text);
    const wanted = await server.query('SELECT id, n FROM item ORDER BY id');
    assert.deepEqual(found.body.hits.hits.map((hit) => hit._source), wanted);
    return found;
  };
  const caughtUp = async (standby, primary) => {
    const lsn = await primary.value('SELECT pg_current_wal_insert_lsn()');
    await eventually(async () => assert.ok(await standby.value('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn', [lsn])),
      PATIENCE_MS);
  };
  // The slot as the primary has it, at a place whose log the standby has too.
  const bringSlot = async (standby, primary) => {
    const begin = await primary.value('SELECT pg_current_wal_insert_lsn()');
    await eventually(async () => {
      await primary.psql('UPDATE item SET n = n + 1 WHERE id = 1; CHECKPOINT');
      assert.ok(await primary.value(
        "SELECT restart_lsn > $1::pg_lsn FROM pg_replication_slots WHERE slot_name = 'auk_shop'", [begin]));
    }, PATIENCE_MS);
    await caughtUp(standby, primary);
    await standby.halt();
    await standby.takeSlot(primary, 'auk_shop');
    await standby.start();
  };

  test('to a standby that had everything goes on where it was', async () => {
    await put(first, second);
    await state('streaming');
    await bringSlot(second, first);
    await first.query('UPDATE item SET n = -1 WHERE id <= 100; DELETE FROM item WHERE id = 200');
    const token = (await equal(first)).headers.get('x-auk-applied-lsn');
    assert.match(token, /^shop:1:/);
    await caughtUp(second, first);
    await first.kill();
    await state('waiting');
    await second.promote();
    await second.query("INSERT INTO item SELECT i, i FROM generate_series(1001, 1100) i; UPDATE item SET n = -2 WHERE id = 7");
    const stats = await state('streaming');
    assert.equal(stats.position.timeline, 2);
    const later = (await equal(second)).headers.get('x-auk-applied-lsn');
    assert.match(later, /^shop:2:/);
    // A position of before is one of now, up to the fork.
    const wait = (of) => auk.get(`/item/_count?wait_for_lsn=${encodeURIComponent(of)}&wait_for_lsn_timeout=100ms`);
    assert.equal((await wait(token)).status, 200);
    assert.equal((await wait(later)).status, 200);
    const lost = await wait('shop:1:FFFF/0');
    assert.equal(lost.status, 409);
    assert.match(lost.body.error.reason, /was lost when it was promoted/);
    assert.equal((await wait('shop:3:0/0')).status, 408, 'what has not come yet is waited for');
  });

  test('is not undone by the primary of before', async () => {
    await first.start();
    await first.query('UPDATE item SET n = 666');
    await auk.restart();
    const { reason, advice } = await state('waiting');
    assert.match(reason, /timeline 1, and timeline 2 was followed already/);
    assert.match(advice, /promoted/);
    await first.halt();
    await state('streaming');
    await second.query('UPDATE item SET n = -3 WHERE id = 8');
    await equal(second);
  });

  test('to a standby that lagged behind is told, and mended by a reading anew', async () => {
    third = await startPostgres({ of: second });
    await put(second, third);
    await state('streaming');
    await caughtUp(third, second);
    await third.halt();
    await second.query('INSERT INTO item VALUES (5000, 1)');
    await equal(second);
    await second.kill();
    await third.start();
    await third.promote();
    await third.query('INSERT INTO item VALUES (6000, 1)');
    const { reason, advice } = await state('diverged');
    assert.match(reason, /promoted to timeline 3 at .* never had it/);
    assert.match(advice, /_resync/);
    assert.equal((await auk.get('/item/_doc/5000')).body.found, true, 'searches go on');
    await auk.restart('SIGKILL');
    await state('diverged');
    await auk.post('/_sync/shop/_resync');
    await state('streaming');
    await equal(third);
    assert.equal((await auk.get('/item/_doc/5000')).body.found, false);
    assert.equal((await auk.get('/_sync/shop')).body.position.timeline, 3);
  });
});
