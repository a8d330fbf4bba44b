// What a kill leaves of an owner's step: no half of a large transaction is seen, also while its database is away, and a
// value of a client is there with its document or not at all.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const PATIENCE_MS = 120000;
const ROWS = 45000; // in steps of 20,000

describe('a kill', { skip: Postgres.missing() }, () => {
  let postgres, auk;
  before(async () => {
    postgres = await startPostgres();
    auk = await startServer();
    await postgres.psql(`CREATE TABLE item (id int PRIMARY KEY, n int);
      INSERT INTO item SELECT i, 0 FROM generate_series(1, ${ROWS}) i;`);
    const { status, text } = await auk.put('/_sync/shop', { connection: postgres.url(), documents: [
      { index: 'item', table: 'item', local_fields: ['note'], mappings: { properties: { note: { type: 'keyword' } } } }] });
    assert.equal(status, 200, text);
    await state('streaming');
  });
  after(async () => {
    await auk?.stop();
    await postgres?.stop();
  });

  const state = (wanted) =>
    eventually(async () => assert.equal((await auk.get('/_sync/shop')).body.state, wanted), PATIENCE_MS);
  const count = (field, value) => auk.post('/item/_count', { query: { term: { [field]: value } } });
  const killedAt = async (place, provoke) => {
    auk.options.env = { AUK_KILL_AT: place };
    await auk.restart();
    await provoke();
    await auk.ended;
    auk.options.env = {};
  };

  test('amid a large transaction shows nothing of it, until it is through', async () => {
    await auk.post('/_sync/shop/_pause');
    await state('paused');
    await postgres.query('UPDATE item SET n = 1');
    await killedAt('publish.after:2', () => auk.post('/_sync/shop/_resume').catch(() => {}));
    await postgres.kill();
    await auk.start();
    const half = await count('n', 1);
    assert.equal(half.status, 503, half.text);
    assert.match(half.text, /a large transaction is being applied/);
    const update = await auk.post('/item/_update/1', { doc: { note: 'x' } });
    assert.equal(update.status, 503, update.text);
    await postgres.start();
    await state('streaming');
    const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
    assert.equal((await auk.get(`/item/_count?wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`)).status, 200);
    assert.equal((await count('n', 1)).body.count, ROWS);
  });

  test('of the connection amid one changes nothing for readers', async () => {
    let done = false;
    const seen = new Set();
    const reader = (async () => {
      while (!done) {
        const { status, body, text } = await count('n', 3);
        assert.equal(status, 200, text);
        seen.add(body.count);
      }
    })();
    await postgres.query('UPDATE item SET n = 3');
    const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
    for (let i = 0; i < 15; i++) {
      await postgres.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    assert.equal((await auk.get(`/item/_count?wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`)).status, 200);
    done = true;
    await reader;
    assert.deepEqual([...seen].filter((each) => each !== 0 && each !== ROWS), []);
  });

  test('beside a step of a client leaves document and value together', async () => {
    await auk.post('/_sync/shop/_pause');
    await state('paused');
    for (const [place, note] of [['publish.before', undefined], ['publish.after', 'after']]) {
      await killedAt(place, () => auk.post('/item/_update/7', { doc: { note: 'after' } }).catch(() => {}));
      await auk.start();
      assert.equal((await auk.get('/item/_doc/7')).body._source.note, note);
    }
    await postgres.query('UPDATE item SET n = 2 WHERE id = 7');
    await auk.post('/_sync/shop/_resume');
    await state('streaming');
    const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
    const { body } = await auk.get(`/item/_doc/7?wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`);
    assert.deepEqual(body._source, { id: 7, n: 2, note: 'after' });
    assert.equal((await count('note', 'after')).body.count, 1);
  });
});
