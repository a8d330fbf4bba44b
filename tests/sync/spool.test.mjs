// What is received is kept on disk and acknowledged from there: while chunks are read, where the source says so, and
// when the slot holds back too much. A kill loses nothing of it, and what is lost of it is a state with a name.
import assert from 'node:assert/strict';
import { openSync, readSync, readdirSync, rmSync, statSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const options = { skip: Postgres.missing(), timeout: 600_000 };
const ROWS = 400, SLOW = { rows: 3000, per_second: 400 }; // so long that a test gets between

let postgres, server;
before(async () => {
  if (options.skip) return;
  postgres = await startPostgres({ settings: { logical_decoding_work_mem: '64kB', autovacuum: 'off' } });
  server = await startServer();
});
after(async () => {
  await server?.stop();
  await postgres?.stop();
});

const status = async (name) => (await server.get(`/_sync/${name}`)).body;
const number = (lsn) => BigInt(`0x${lsn.split('/')[0]}`) << 32n | BigInt(`0x${lsn.split('/')[1]}`);
const folder = (name) => join(server.directory, 'data', 'spool', name, 'log');

async function until(what, look) {
  for (;;) {
    const found = await look();
    if (found) return found;
    await sleep(50);
  }
}
async function reach(name, state, patient = false) {
  return until(state, async () => {
    const body = await status(name);
    if (body.state !== state) assert.ok(state === 'gap' || state === 'lost' || patient || !['gap', 'lost', 'failed'].includes(body.state),
      JSON.stringify(body));
    return body.state === state && body;
  });
}

async function create(table, rows = ROWS) {
  await postgres.query(`CREATE TABLE ${table} (id int PRIMARY KEY, n int, body text)`);
  await postgres.query(`INSERT INTO ${table} SELECT g, 0, md5(g::text) FROM generate_series(1, ${rows}) g`);
}
async function follow(name, more) {
  const { status: code, text } = await server.put(`/_sync/${name}`,
    { connection: postgres.url(), documents: [{ index: name, table: name }], ...more });
  assert.equal(code, 200, text);
}
async function forget(name) {
  const { status: code, text } = await server.delete(`/_sync/${name}?drop_indices=true`);
  assert.equal(code, 200, text);
  await postgres.query(`DROP TABLE ${name}`);
}
const confirmed = (name) => postgres.value('SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = $1', [`auk_${name}`]);
async function confirms(name, lsn) {
  await until('confirmed', async () => number(await confirmed(name)) >= number(lsn));
}

// All kinds of changes, in transactions of their own; a large one, a part of which is rolled back.
async function write(table, from) {
  const client = await postgres.connect();
  await client.query(`INSERT INTO ${table} SELECT g, 1, 'new' FROM generate_series(${from}, ${from + 50}) g`);
  await client.query(`UPDATE ${table} SET n = n + 1 WHERE id <= 20`);
  await client.query(`UPDATE ${table} SET id = -id WHERE id BETWEEN 21 AND 25`);
  await client.query(`DELETE FROM ${table} WHERE id BETWEEN 30 AND 35`);
  await client.query('BEGIN');
  await client.query(`UPDATE ${table} SET body = repeat('x', 400), n = n + 10`);
  await client.query('SAVEPOINT s');
  await client.query(`UPDATE ${table} SET body = repeat('y', 400)`);
  await client.query('ROLLBACK TO s');
  await client.query('COMMIT');
  await client.query(`UPDATE ${table} SET n = n + 100 WHERE id % 2 = 0`);
  const { rows: [{ at }] } = await client.query('SELECT pg_current_wal_insert_lsn() AS at');
  await client.end();
  return at;
}

async function equal(name, patient) {
  await reach(name, 'streaming', patient);
  const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
  for (let code = 408; code === 408; )
    ({ status: code } = await server.get(`/${name}/_count?wait_for_lsn=${lsn}&wait_for_lsn_timeout=30s`));
  const wanted = await postgres.query(`SELECT * FROM ${name} ORDER BY id`);
  const { body } = await server.post(`/${name}/_search`, { size: 10000, sort: ['id'], query: { match_all: {} } });
  assert.deepEqual(body.hits.hits.map((hit) => hit._source), wanted);
}

test('the slot does not wait for chunks, and a kill continues from the spool', options, async () => {
  await create('early', SLOW.rows);
  await follow('early', { max_rows_per_second: SLOW.per_second, snapshot_workers: 1 });
  await reach('early', 'snapshot');
  const lsn = await write('early', 10000);
  await confirms('early', lsn);
  const body = await status('early');
  assert.equal(body.state, 'snapshot', 'acknowledged while chunks are read');
  assert.equal(body.spool.acknowledges, 'what is on disk');
  await server.restart('SIGKILL');
  await confirms('early', await write('early', 20000));
  await server.restart('SIGKILL');
  await equal('early');
  await until('no log', async () => (await status('early')).spool.acknowledges === 'what is applied');
  assert.deepEqual(readdirSync(folder('early')), []);
  await forget('early');
});

for (const [what, harm] of [
  ['damaged', (at) => {
    const name = readdirSync(at).find((file) => file.endsWith('.log'));
    const file = openSync(join(at, name), 'r+'), byte = Buffer.alloc(1);
    const middle = statSync(join(at, name)).size >> 1;
    readSync(file, byte, 0, 1, middle);
    byte[0] ^= 0xff;
    writeSync(file, byte, 0, 1, middle);
    closeSync(file);
  }],
  ['lost', (at) => rmSync(at, { recursive: true })],
])
  test(`a spool that is ${what} is a gap, and nothing is passed over`, options, async () => {
    await create('broken', SLOW.rows);
    await follow('broken', { max_rows_per_second: SLOW.per_second, snapshot_workers: 1 });
    await reach('broken', 'snapshot');
    await confirms('broken', await write('broken', 10000));
    assert.equal((await status('broken')).state, 'snapshot');
    await server.halt('SIGKILL');
    harm(folder('broken'));
    await server.start();
    const body = await reach('broken', 'gap');
    assert.match(body.reason, /spool/);
    await server.restart('SIGKILL');
    await reach('broken', 'gap');
    assert.equal((await server.post('/_sync/broken/_resync')).status, 200);
    await equal('broken', true);
    await forget('broken');
  });

test('what is acknowledged from the spool is applied once, kill after kill', options, async () => {
  await create('kept');
  await follow('kept', { ack: 'spooled', spool_limit: '2mb' });
  await reach('kept', 'streaming');
  for (let round = 1; round <= 4; round++) {
    const writing = write('kept', 1000 * round);
    await sleep(Math.random() * 60);
    await server.restart('SIGKILL');
    await writing;
  }
  await equal('kept');
  const body = await status('kept');
  assert.equal(body.spool.acknowledges, 'what is on disk');
  assert.ok(body.spool.disk_bytes <= 2 * 1024 * 1024 + 512 * 1024, JSON.stringify(body.spool));
  await forget('kept');
});

// An open transaction holds the slot back, whatever is acknowledged.
async function exceed(name) {
  const holder = await postgres.connect();
  await holder.query('BEGIN');
  await holder.query(`UPDATE ${name} SET n = n + 1 WHERE id = 1`);
  await postgres.query('CHECKPOINT');
  await postgres.query(`CREATE TABLE ballast AS SELECT g, repeat('z', 500) AS body FROM generate_series(1, 20000) g`);
  await postgres.query('DROP TABLE ballast');
  await postgres.query('CHECKPOINT');
  return holder;
}

test('beyond its budget the slot is acknowledged from the spool, and status and figures say so', options, async () => {
  await create('tight');
  await follow('tight', { wal_budget: '4mb' });
  await reach('tight', 'streaming');
  await until('applied', async () => (await status('tight')).spool.acknowledges === 'what is applied');
  const holder = await exceed('tight');
  const body = await until('over', async () => {
    const now = await status('tight');
    return now.slot.budget === 'over' && now.spool.acknowledges === 'what is on disk' && now;
  });
  assert.deepEqual(body.slot.actions, ['acknowledged from the spool']);
  assert.equal(body.state, 'streaming');
  assert.match((await server.get('/metrics')).text, /auk_cdc_wal_level\{source="tight",slot="auk_tight"\} 3\n/);
  await holder.query('COMMIT');
  await until('less', async () => {
    await write('tight', 100000 + Math.floor(Math.random() * 1e9));
    await postgres.query('CHECKPOINT');
    await sleep(500);
    return (await status('tight')).slot.budget === 'ok';
  });
  await equal('tight');
  await forget('tight');
});

test('where the source says so it is dropped then, and the state is lost', options, async () => {
  await create('dropped');
  await follow('dropped', { wal_budget: '4mb', drop_slot_over_budget: true });
  await reach('dropped', 'streaming');
  const holder = await exceed('dropped');
  const body = await reach('dropped', 'lost');
  assert.match(body.reason, /more than its budget of 4194304 bytes, and was dropped/);
  assert.equal(await confirmed('dropped'), undefined);
  await holder.query('COMMIT');
  assert.equal((await server.post('/_sync/dropped/_resync')).status, 200);
  await equal('dropped', true);
  await forget('dropped');
});
