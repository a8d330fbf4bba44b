// Reading a database anew while it is written to: what is under way when a slot is made, what a kill leaves, and what is
// seen meanwhile.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
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

describe('reading anew', { skip: Postgres.missing() }, () => {
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

  const status = async (name) => (await auk.get(`/_sync/${name}`)).body;
  const state = (name, ...wanted) => until(`${name} to be ${wanted}`, async () => wanted.includes((await status(name)).state));
  const put = async (name, body) => {
    const answer = await auk.put(`/_sync/${name}`, { connection: postgres.url(), ...body });
    assert.equal(answer.status, 200, answer.text);
  };
  const drop = async (name) => assert.equal((await auk.delete(`/_sync/${name}?drop_indices=true`)).status, 200);
  const document = async (index, id) => (await auk.get(`/${index}/_doc/${id}`)).body._source;
  const all = async (index, size = 10000) => {
    const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
    const answer = await auk.post(`/${index}/_search?wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`, { size, sort: [{ id: 'asc' }] });
    assert.equal(answer.status, 200, answer.text);
    return answer.body.hits.hits.map(({ _source }) => _source);
  };
  const standby = (name) =>
    postgres.psql(`ALTER SYSTEM SET synchronous_standby_names = '${name}';\nSELECT pg_reload_conf();`);
  const slotWaits = () => until('the slot to wait for a writer', async () =>
    (await postgres.value("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_create_logical_replication_slot%' AND wait_event_type = 'Lock'")) !== '0');

  test('takes a column that is added while the slot is made', async () => {
    await postgres.psql(`CREATE TABLE form (id int PRIMARY KEY, name text); CREATE TABLE other (n int);
      INSERT INTO form SELECT i, 'name ' || i FROM generate_series(1, 100) i;`);
    const writer = await postgres.connect();
    await writer.query('BEGIN; INSERT INTO other VALUES (1)');
    await put('form', { tables: ['form'] });
    await slotWaits(); // the tables were looked at before it
    await postgres.psql('ALTER TABLE form ADD COLUMN extra int; UPDATE form SET extra = id * 2;');
    await writer.query('COMMIT');
    await state('form', 'streaming');
    const rows = await all('form');
    assert.equal(rows.length, 100);
    for (const row of rows) assert.equal(row.extra, row.id * 2, `of ${row.id}`);
    await drop('form');
  });

  // A slot has a commit behind it that nobody sees yet; one more transaction writes while chunks are read; both processes'
  // memories are lost.
  test('loses nothing that is under way when it is killed', async () => {
    const parts = 6, rows = 9600;
    await postgres.psql(`CREATE TABLE piece (id int, part int, n int, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
      ${Array.from({ length: parts }, (_, i) => `CREATE TABLE piece_${i} PARTITION OF piece FOR VALUES IN (${i});`).join('\n')}
      INSERT INTO piece SELECT i, i % ${parts}, 1 FROM generate_series(1, ${rows}) i;`);
    await put('piece', { tables: ['piece'], snapshot_workers: 1, max_rows_per_second: 3200 });
    await state('piece', 'streaming');
    const held = await postgres.connect(), open = await postgres.connect();
    await held.query('SET synchronous_commit = on');
    await standby('nobody');
    await until('commits to wait', () => postgres.commitWaits(held));
    const commit = held.query('BEGIN; UPDATE piece SET n = 2 WHERE id <= 12; DELETE FROM piece WHERE id IN (13, 14); COMMIT');
    commit.catch(() => {}); // a failure before it is awaited is told by what failed
    await until('the commit to arrive', async () => (await document('piece', '1:1'))?.n === 2);
    const { position } = await status('piece');
    await until('the slot to be past it', async () => (await postgres.value(
      'SELECT confirmed_flush_lsn >= $1::pg_lsn FROM pg_replication_slots WHERE slot_name = $2', [position.applied, 'auk_piece'])) === true);
    await postgres.query('INSERT INTO piece VALUES (50000, 0, 1)');
    assert.equal(await postgres.value('SELECT count(*) FROM piece WHERE n = 2'), '0', 'nobody sees it');

    await auk.post('/_sync/piece/_resync');
    await state('piece', 'new');
    await auk.restart('SIGKILL');
    await until('it to wait for what nobody sees', async () => (await postgres.value(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'auk%' AND query LIKE '%pg_snapshot_xmax(pg_current_snapshot()), pg_snapshot_xmin%'")) !== '0');
    assert.equal((await document('piece', '1:1')).n, 2, 'what served goes on');
    await standby('');
    await commit;
    await state('piece', 'snapshot');
    await open.query('BEGIN; UPDATE piece SET n = 3 WHERE id % 10 = 0; DELETE FROM piece WHERE id % 50 = 0; INSERT INTO piece VALUES (60000, 5, 3)');
    const { snapshot } = await status('piece');
    const later = await until('a chunk more', async () => {
      const now = await status('piece');
      return (now.state !== 'snapshot' || now.snapshot.chunks > (snapshot?.chunks ?? 0)) && now;
    });
    assert.equal(later.state, 'snapshot');
    await auk.restart('SIGKILL');
    await postgres.query('UPDATE piece SET n = 4 WHERE id % 10 = 1');
    await state('piece', 'snapshot', 'catchup', 'streaming');
    await open.query('COMMIT');
    await state('piece', 'streaming');
    const shown = (await all('piece')).map(({ id, part, n }) => `${id}:${part}:${n}`);
    const wanted = (await postgres.query('SELECT id, part, n FROM piece ORDER BY id')).map(({ id, part, n }) => `${id}:${part}:${n}`);
    assert.deepEqual(shown, wanted);
    await drop('piece');
  });

  test('shows all of its indices anew at once, to one _msearch too', async () => {
    await postgres.psql(`CREATE TABLE left_side (id int PRIMARY KEY, n int); CREATE TABLE right_side (id int PRIMARY KEY, n int);
      INSERT INTO left_side VALUES (1, 0); INSERT INTO right_side VALUES (1, 0);`);
    await put('sides', { tables: ['left_side', 'right_side'] });
    await state('sides', 'streaming');
    let running = true, looks = 0;
    const write = async () => {
      const client = await postgres.connect();
      for (let n = 1; running; n++)
        await client.query(`BEGIN; UPDATE left_side SET n = ${n}; UPDATE right_side SET n = ${n}; COMMIT`);
    };
    const read = async () => {
      while (running) {
        const lines = ['left_side', 'right_side'].map((index) => `{"index":"${index}"}\n{}\n`).join('');
        const { body } = await auk.post('/_msearch', lines, { 'content-type': 'application/x-ndjson' });
        const [left, right] = body.responses.map(({ hits }) => hits.hits[0]._source.n);
        assert.equal(left, right);
        looks++;
      }
    };
    const work = Promise.all([write(), read()]);
    work.catch(() => {}); // told below
    try {
      for (let i = 0; i < 4; i++) {
        assert.ok((await auk.post('/_sync/sides/_resync')).status < 300);
        await state('sides', 'streaming');
      }
      await until('some looks', () => looks > 20);
    } finally {
      running = false;
      await work;
    }
    await drop('sides');
  });

  // Killed within a transaction that takes several steps; then the slot is lost, so that it never comes to its end.
  test('shows no half of a transaction, however it ends', async () => {
    const rows = 60000;
    await postgres.psql(`CREATE TABLE wide (id int PRIMARY KEY, n int);
      INSERT INTO wide SELECT i, 0 FROM generate_series(1, ${rows}) i;`);
    await put('wide', { tables: ['wide'] });
    await state('wide', 'streaming');
    const look = async () => {
      const answer = await auk.post('/wide/_search', { size: 0, track_total_hits: true, aggs: { n: { terms: { field: 'n' } } } });
      if (answer.status !== 200) return assert.equal(answer.status, 503, answer.text);
      const buckets = answer.body.aggregations.n.buckets.map(({ key, doc_count }) => [key, doc_count]);
      assert.deepEqual(buckets.map(([, count]) => count), [rows], JSON.stringify(buckets));
      return buckets[0][0];
    };
    for (let n = 1; n <= 2; n++) {
      await postgres.query(`UPDATE wide SET n = ${n}`);
      await until('some of its changes', async () => (await status('wide')).counts.updates > 0);
      await auk.halt('SIGKILL');
      await postgres.halt();
      await auk.start();
      for (let i = 0; i < 5; i++) await look(); // the database is not there to tell the rest
      await postgres.start();
      if (n === 2) {
        await auk.halt('SIGKILL');
        await until('the slot to be free', async () =>
          (await postgres.value("SELECT active FROM pg_replication_slots WHERE slot_name = 'auk_wide'")) === false);
        await postgres.query("SELECT pg_drop_replication_slot('auk_wide')");
        await auk.start();
        await state('wide', 'lost');
        assert.ok((await auk.post('/_sync/wide/_resync')).status < 300);
      }
      await until('all of it', async () => (await look()) === n);
    }
    await drop('wide');
  });
});
