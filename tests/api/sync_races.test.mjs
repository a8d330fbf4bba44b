// Two races that are lost by whoever follows a database by the events alone, held open long enough to be met each time.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { random } from '../support/directory.mjs';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const PATIENCE_MS = 120000;
const until = async (what, probe) => {
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

// Who replays every event onto rows that were read later: a value that was not sent is what the row of that key has.
// What test_decoding says of a row: id, part, big (undefined: not sent).
const tuple = (text) => {
  const [, id] = /\bid\[integer\]:(-?\d+)/.exec(text), [, part] = /\bpart\[integer\]:(\d+)/.exec(text);
  return { key: `${id}:${part}`, big: /\bbig\[text\]:'([^']*)'/.exec(text)?.[1] };
};
function replayNaively(rows, changes) {
  for (const { data } of changes) {
    const [, kind, rest] = /^table [^:]+: (INSERT|UPDATE|DELETE): (.*)$/s.exec(data) ?? [];
    if (!kind) continue;
    const [, old, fresh] = /^old-key: (.*) new-tuple: (.*)$/s.exec(rest) ?? [, rest, rest];
    const before = rows.get(tuple(old).key);
    if (kind !== 'INSERT') rows.delete(tuple(old).key);
    if (kind !== 'DELETE') rows.set(tuple(fresh).key, tuple(fresh).big ?? before);
  }
  return rows;
}

describe('races', { skip: Postgres.missing() }, () => {
  let postgres, auk;
  before(async () => {
    // Commits wait for no standby, but in sessions that ask for it.
    postgres = await startPostgres({ settings: { synchronous_commit: 'local' } });
    auk = await startServer();
  });
  after(async () => {
    await auk?.stop();
    await postgres?.stop();
  });

  const follows = (name) =>
    until(`${name} to follow`, async () => (await auk.get(`/_sync/${name}`)).body.state === 'streaming');
  const document = async (index, id) => (await auk.get(`/${index}/_doc/${id}`)).body._source;
  const verify = async (name, query = '') => {
    const { body } = await auk.post(`/_sync/${name}/_verify${query}`);
    const task = await until('the verification', async () => {
      const answer = await auk.get(`/_tasks/${body.task}`);
      return answer.body.completed && answer.body;
    });
    return task.response;
  };
  const standby = (name) =>
    postgres.psql(`ALTER SYSTEM SET synchronous_standby_names = '${name}';\nSELECT pg_reload_conf();`);

  // A slot delivers a commit when it is in the log, and the server shows it when the standby has it: here there is none.
  test('a commit that the server does not show yet is not taken back', async () => {
    await postgres.psql(`CREATE TABLE item (id int PRIMARY KEY, n int, big text);
      ALTER TABLE item ALTER big SET STORAGE EXTERNAL;
      CREATE TABLE note (id int PRIMARY KEY, item_id int, words text);
      INSERT INTO item SELECT i, 1, repeat('x', 3000) FROM generate_series(1, 50) i;
      INSERT INTO note SELECT i, i, 'old' FROM generate_series(1, 50) i;`);
    const { status, body } = await auk.put('/_sync/early', { connection: postgres.url(), documents: [
      { index: 'items', table: 'item', children: [{ table: 'note', as: 'notes', shape: 'array', on: { id: 'item_id' } }] }] });
    assert.equal(status, 200, JSON.stringify(body));
    await follows('early');

    await standby('nobody');
    const client = await postgres.connect();
    await client.query('SET synchronous_commit = on');
    await until('commits to wait', () => postgres.commitWaits(client));
    const held = client.query("BEGIN; UPDATE item SET n = 2 WHERE id = 1; UPDATE note SET words = 'new' WHERE id = 1; COMMIT");
    held.catch(() => {}); // a failure before it is awaited is told by what failed
    await until('the commit to arrive', async () => (await document('items', 1)).n === 2);
    assert.equal((await document('items', 1)).notes[0].words, 'new');
    assert.equal(await postgres.value('SELECT n FROM item WHERE id = 1'), 1, 'the server shows it later');

    // Whoever reads the row now reads an old one.
    const seen = await verify('early', '?repair=true');
    assert.deepEqual([seen.missing, seen.extra, seen.different, seen.repaired], [0, 0, 0, 0]);
    assert.equal((await document('items', 1)).n, 2);
    await auk.post('/_sync/early/_resync');
    await until('it to begin anew', async () => (await auk.get('/_sync/early')).body.state !== 'streaming');
    await postgres.query('UPDATE item SET n = 3 WHERE id = 2');
    await standby('');
    await held;
    await follows('early');
    await until('the last change', async () => (await document('items', 2)).n === 3);
    assert.equal((await document('items', 1)).n, 2);
    assert.equal((await document('items', 1)).notes[0].words, 'new');
    const last = await verify('early');
    assert.deepEqual([last.missing, last.extra, last.different], [0, 0, 0]);
    assert.equal((await auk.delete('/_sync/early?drop_indices=true')).status, 200);
  });

  // A row that is gone tells nobody who deleted it; who was killed since knows no more than that one transaction was late.
  test('nor is a deletion, after a restart', async () => {
    await postgres.psql(`CREATE TABLE gone (id int PRIMARY KEY, n int);
      INSERT INTO gone SELECT i, 1 FROM generate_series(1, 50) i;`);
    const { status, body } = await auk.put('/_sync/gone', { connection: postgres.url(), tables: ['gone'] });
    assert.equal(status, 200, JSON.stringify(body));
    await follows('gone');
    await standby('nobody');
    const client = await postgres.connect();
    await client.query('SET synchronous_commit = on');
    await until('commits to wait', () => postgres.commitWaits(client));
    const held = client.query('DELETE FROM gone WHERE id = 1');
    held.catch(() => {});
    await until('the commit to arrive', async () => (await document('gone', 1)) === undefined);
    await postgres.query('UPDATE gone SET n = 2 WHERE id = 2'); // waits for nobody
    try {
      await until('a later one', async () => (await document('gone', 2)).n === 2);
      assert.equal(await postgres.value('SELECT count(*) FROM gone WHERE id = 1'), '1', 'the server shows it later');
      await auk.restart('SIGKILL');
      await follows('gone');
      const seen = await verify('gone', '?repair=true');
      assert.deepEqual([seen.missing, seen.extra, seen.different, seen.repaired], [0, 0, 0, 0]);
      assert.ok(seen.undecided > 0, 'it cannot tell');
      assert.equal(await document('gone', 1), undefined);
    } finally {
      await standby('');
    }
    await held;
    const last = await verify('gone', '?repair=true');
    assert.deepEqual([last.missing, last.extra, last.different, last.undecided, last.rows], [0, 0, 0, 0, 49]);
    assert.equal(await document('gone', 1), undefined);
    assert.equal((await auk.delete('/_sync/gone?drop_indices=true')).status, 200);
  });

  // A chunk shows a later state than the events that are replayed behind it: a value that was not sent because it did
  // not change, or a key that moved, then meets a row of the future. Here the chunk waits for a lock until both are in.
  test('a value that was not sent is not taken from the future', async () => {
    await postgres.psql(`CREATE TABLE late (id int, part int, big text, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
      CREATE TABLE late_0 PARTITION OF late FOR VALUES IN (0);
      CREATE TABLE late_1 PARTITION OF late FOR VALUES IN (1);
      ALTER TABLE late_1 ALTER big SET STORAGE EXTERNAL;
      INSERT INTO late SELECT i, 0, 'small' FROM generate_series(1, 3000) i;
      INSERT INTO late SELECT i, 1, repeat('a', 3000) FROM generate_series(1, 20) i;`);
    const chunks = async () => (await auk.get('/_sync/late')).body;
    const table = async () => new Map((await postgres.query('SELECT id, part, big FROM late WHERE part = 1'))
      .map(({ id, part, big }) => [`${id}:${part}`, big]));
    let met = false;
    for (let round = 0; round < 5 && !met; round++) {
      await postgres.query("SELECT pg_create_logical_replication_slot('naive', 'test_decoding')");
      if (round > 0) assert.equal((await auk.delete('/_sync/late?drop_indices=true')).status, 200);
      const { status, body } = await auk.put('/_sync/late', { connection: postgres.url(), tables: ['late'],
        snapshot_workers: 1, max_rows_per_second: 1000 });
      assert.equal(status, 200, JSON.stringify(body));
      await until('the snapshot', async () => (await chunks()).state !== 'new');
      const client = await postgres.connect();
      await client.query('BEGIN; LOCK TABLE late_1 IN ACCESS EXCLUSIVE MODE');
      const { state, snapshot } = await chunks();
      met = state === 'snapshot' && snapshot.chunks < 2; // else the machine was slow, and all was read before
      await client.query(`UPDATE late SET id = id + ${(round + 1) * 1000} WHERE part = 1 AND id <= 20;
        INSERT INTO late SELECT i, 1, repeat('b', 3000) FROM generate_series(1, 20) i; COMMIT`);
      await client.end();
      // The same race, lost: the rows were read behind the events, and these are replayed one and all.
      const events = await postgres.query("SELECT data FROM pg_logical_slot_get_changes('naive', NULL, NULL)");
      await postgres.query("SELECT pg_drop_replication_slot('naive')");
      const real = await table(), naive = replayNaively(await table(), events);
      const wrong = [...real].filter(([key, big]) => naive.get(key) !== big);
      assert.ok(events.length > 40 && wrong.length >= 20, `a naive replay has ${wrong.length} wrong values`);
      await follows('late');
    }
    assert.ok(met, 'the chunk was never late');
    await until('all', async () => (await auk.get('/late/_count?wait_for_lsn=now')).status === 200);
    const found = await auk.post('/late/_search', { size: 10000, query: { term: { part: 1 } }, sort: [{ id: 'asc' }] });
    const shown = found.body.hits.hits.map(({ _source: row }) => `${row.id}:${row.big}`);
    const wanted = (await postgres.query('SELECT id, big FROM late WHERE part = 1 ORDER BY id')).map((r) => `${r.id}:${r.big}`);
    assert.deepEqual(shown.map((row) => row.slice(0, 8)), wanted.map((row) => row.slice(0, 8)));
    assert.deepEqual(shown, wanted);
    assert.equal((await auk.delete('/_sync/late?drop_indices=true')).status, 200);
  });

  // The same by chance, with everything that moves.
  test('chunks that are read while rows change end as the table', async (t) => {
    const parts = 8, rows = 300;
    await postgres.psql(`CREATE TABLE moving (id int, part int, n int, big text, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
      ${Array.from({ length: parts }, (_, i) => `CREATE TABLE moving_${i} PARTITION OF moving FOR VALUES IN (${i});
      ALTER TABLE moving_${i} ALTER big SET STORAGE EXTERNAL;`).join('\n')}
      INSERT INTO moving SELECT i, i % ${parts}, 0, repeat(md5(i::text), 90) FROM generate_series(1, ${parts * rows}) i;`);
    const dice = random(Number(process.env.AUK_TEST_SEED ?? 7));
    const any = () => 1 + Math.floor(dice() * parts * rows);
    let running = true, changes = 0;
    const one = (n) => {
      const id = any(), kind = dice();
      if (kind < 0.5) return [`UPDATE moving SET n = ${n} WHERE id = ${id}`];
      if (kind < 0.7) return [`UPDATE moving SET big = repeat(md5('${n}'), 90) WHERE id = ${id}`];
      if (kind < 0.8) return [`UPDATE moving SET part = (part + 1) % ${parts} WHERE id = ${id}`];
      if (kind < 0.9) return [`DELETE FROM moving WHERE id = ${id}`,
        `INSERT INTO moving VALUES (${id}, ${id % parts}, ${n}, repeat(md5('again ${n}'), 90)) ON CONFLICT DO NOTHING`];
      return [`UPDATE moving SET id = -id WHERE id = ${id}`, `UPDATE moving SET id = -id WHERE id = -${id}`];
    };
    const work = async () => {
      const client = await postgres.connect();
      // Two that meet at one row: a deadlock, a row that moved, a key that is taken.
      const refused = (error) => {
        if (!/^(40|23505)/.test(error.code)) throw error;
        return client.query('ROLLBACK');
      };
      while (running) {
        const n = ++changes, statements = one(n);
        // half of what takes two statements is one transaction
        const whole = dice() < 0.5 ? [`BEGIN; ${statements.join(';')}; COMMIT`] : statements;
        for (const sql of whole) await client.query(sql).catch(refused);
        if (changes > 40000) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await client.end();
    };
    const workers = [work(), work(), work(), work()];
    try {
      for (const round of [0, 1]) {
        if (round === 0) {
          const { status, body } = await auk.put('/_sync/moving', { connection: postgres.url(), tables: ['moving'],
            snapshot_workers: 2, max_rows_per_second: 3000 });
          assert.equal(status, 200, JSON.stringify(body));
        } else await auk.post('/_sync/moving/_resync');
        await until('chunks', async () => (await auk.get('/_sync/moving')).body.state !== 'new');
        await follows('moving');
      }
    } finally {
      running = false;
      await Promise.all(workers);
    }
    const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
    const found = await auk.post(`/moving/_search?wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`,
      { size: 10000, sort: [{ id: 'asc' }, { part: 'asc' }] });
    assert.equal(found.status, 200, found.text);
    const shown = found.body.hits.hits.map(({ _source: row }) => `${row.id}:${row.part}:${row.n}:${row.big}`);
    const wanted = (await postgres.query('SELECT id, part, n, big FROM moving ORDER BY id, part'))
      .map((row) => `${row.id}:${row.part}:${row.n}:${row.big}`);
    assert.equal(shown.length, wanted.length);
    for (let i = 0; i < wanted.length; i++) assert.equal(shown[i], wanted[i]);
    const { body } = await auk.get('/_sync/moving');
    assert.equal(body.counts.dead_letters, 0);
    t.diagnostic(`${changes} changes, ${JSON.stringify(body.counts)}`);
  });
});
