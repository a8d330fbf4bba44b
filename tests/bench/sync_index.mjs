// Following Postgres into an index: the whole server, its snapshot, its stream, what a commit waits for to be seen, and
// what a large transaction takes. A Postgres of its own on the same machine shares its cores.
//
//   node tests/bench/sync_index.mjs [--rows N] [--seconds N] [--memory-rows N] [--products N]
//
// Reports; judges nothing.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../support/postgres.mjs';
import { Server } from '../support/server.mjs';

process.env.AUK_BINARY ??= resolve(import.meta.dirname, '../../build/release/server/cli/auk');
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return Number(at < 0 ? fallback : process.argv[at + 1]);
};
const rows = option('rows', 600_000), seconds = option('seconds', 20), memoryRows = option('memory-rows', 1_000_000);
const products = option('products', 20_000);
const MIB = 1024 * 1024;

const report = (what, text) => console.log(`${what.padEnd(62)} ${text}`);
const rate = (n) => `${Math.round(n).toLocaleString('en')} rows/s`;
const now = () => Number(process.hrtime.bigint()) / 1e6;

const postgres = await startPostgres({ settings: { shared_buffers: '128MB', max_wal_size: '8GB', autovacuum: 'off', log_min_messages: 'error' } });
const server = new Server({ memory: '1gb' });
await server.start();

const ITEM = `(id int PRIMARY KEY, body text, price numeric(10,2), at timestamptz, extra jsonb, made timestamp, seen timestamp)`;
const insert = (table, from, to) => `INSERT INTO ${table} SELECT g, rpad(md5(g::text), 96, md5((g * 7)::text)), g % 10000 / 100.0, now(),
  jsonb_build_object('a', g, 'b', 'text ' || g), now(), now() FROM generate_series(${from}, ${to}) g`;

async function follow(name, body) {
  const { status, text } = await server.put(`/_sync/${name}`, { connection: postgres.url(), ...body });
  if (status >= 300) throw new Error(text);
}
async function streaming(name) {
  for (;;) {
    const { body, text } = await server.get(`/_sync/${name}`);
    if (body.state === 'streaming') return;
    if (['failed', 'gap', 'lost', 'paused'].includes(body.state)) throw new Error(text);
    await sleep(20);
  }
}
const here = () => postgres.value('SELECT pg_current_wal_insert_lsn()');
// A large transaction takes longer than a client waits for an answer.
async function seen(index, lsn) {
  for (;;) {
    const { status, text } = await server.get(`/${index}/_count?wait_for_lsn=${lsn}&wait_for_lsn_timeout=240s`);
    if (status === 200) return;
    if (status !== 408) throw new Error(text);
  }
}
const forget = (name) => server.delete(`/_sync/${name}?drop_indices=true`);

function memory() {
  const text = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
  const of = (key) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(text)[1]) * 1024;
  return of('RssAnon');
}

report('machine', `${cpus().length} x ${cpus()[0].model}`);

// ---- the snapshot, then rows by the stream ----

await postgres.query(`CREATE TABLE item ${ITEM}`);
await postgres.query(insert('item', 1, rows));
await postgres.query('CHECKPOINT');
let started = now();
await follow('items', { documents: [{ index: 'items', table: 'item' }] });
await streaming('items');
report(`snapshot of ${rows.toLocaleString('en')} rows`, rate(rows / ((now() - started) / 1000)));

const client = await postgres.connect();
await server.post('/_sync/items/_pause');
for (let i = rows; i < 2 * rows; i += 1000) await client.query(insert('item', i + 1, i + 1000));
const end = await here();
started = now();
await server.post('/_sync/items/_resume');
await seen('items', end);
report('stream that waited, 1,000 rows a transaction', rate(rows / ((now() - started) / 1000)));
started = now();
for (let i = 2 * rows; i < 2.5 * rows; i += 1000) await client.query(insert('item', i + 1, i + 1000));
await seen('items', await here());
report('stream beside its writer, 1,000 rows a transaction', rate(rows / 2 / ((now() - started) / 1000)));

// ---- one large transaction ----

await sleep(3000);
const idle = memory();
let peak = idle, watching = true;
const watch = (async () => {
  while (watching) {
    peak = Math.max(peak, memory());
    await sleep(10);
  }
})();
started = now();
await client.query(insert('item', 10_000_001, 10_000_000 + memoryRows));
const written = now() - started;
await seen('items', await here());
watching = false;
await watch;
report(`transaction of ${memoryRows.toLocaleString('en')} rows`,
  `${((peak - idle) / MIB).toFixed(0)} MB above idle (${(idle / MIB).toFixed(0)} MB), seen ${((now() - started - written) / 1000).toFixed(1)} s after its ${(written / 1000).toFixed(1)} s`);
await forget('items');

// ---- from commit to search ----

await postgres.query('CREATE TABLE small (id int PRIMARY KEY, n int, body text)');
await postgres.query("INSERT INTO small SELECT g, 0, md5(g::text) FROM generate_series(1, 1000) g");
await follow('smalls', { documents: [{ index: 'smalls', table: 'small' }] });
await streaming('smalls');
let writing = true, transactions = 0;
const writers = Array.from({ length: 4 }, async () => {
  const writer = await postgres.connect();
  for (let next = now(); writing; next += 8) { // 4 x 125 a second
    await writer.query('UPDATE small SET n = n + 1 WHERE id = $1', [1 + Math.floor(Math.random() * 900)]);
    transactions++;
    await sleep(Math.max(0, next + 8 - now()));
  }
});
const waits = [];
const from = now();
const probe = await postgres.connect();
while (now() - from < seconds * 1000) {
  await probe.query('UPDATE small SET n = n + 1 WHERE id = 1000');
  const committed = now();
  await seen('smalls', (await probe.query('SELECT pg_current_wal_insert_lsn() AS at')).rows[0].at);
  waits.push(now() - committed);
  await sleep(20);
}
writing = false;
await Promise.all(writers);
waits.sort((a, b) => a - b);
report(`commit to search at ${Math.round(transactions / seconds)} transactions a second`,
  `p50 ${waits[waits.length >> 1].toFixed(1)} ms, p99 ${waits[Math.floor(waits.length * 0.99)].toFixed(1)} ms, of ${waits.length}`);
await forget('smalls');

// ---- documents of three tables ----

await postgres.query(`CREATE TABLE maker (id int PRIMARY KEY, name text);
  CREATE TABLE product (id int PRIMARY KEY, name text, maker_id int);
  CREATE TABLE review (id int PRIMARY KEY, product_id int, stars int, body text);
  INSERT INTO maker SELECT g, 'maker ' || g FROM generate_series(0, 199) g;
  INSERT INTO product SELECT g, 'product ' || g, g % 200 FROM generate_series(1, ${products}) g;
  INSERT INTO review SELECT g, 1 + g % ${products}, g % 6, md5(g::text) FROM generate_series(1, ${products * 5}) g`);
await follow('shop', { documents: [{ index: 'shop', table: 'product', children: [
  { table: 'maker', as: 'maker', shape: 'object', on: { maker_id: 'id' } },
  { table: 'review', as: 'reviews', shape: 'array', on: { id: 'product_id' }, order: 'id' }] }] });
started = now();
await streaming('shop');
report(`snapshot of ${products.toLocaleString('en')} documents of three tables`, rate((products * 6) / ((now() - started) / 1000)));
const each = Math.round(products * 5 / 100);
let lag = 0, changed = 0;
for (let second = 0; second < seconds; second++) {
  started = now();
  for (let i = 0; i < 10; i++)
    await client.query('UPDATE review SET stars = (stars + 1) % 6 WHERE id % 1000 = $1', [Math.floor(Math.random() * 1000)]);
  changed += each;
  const committed = now();
  await seen('shop', await here());
  lag = Math.max(lag, now() - committed);
  await sleep(Math.max(0, 1000 - (now() - started)));
}
report(`three tables, ${each.toLocaleString('en')} of ${(products * 5).toLocaleString('en')} children changed a second`,
  `keeps up: at most ${lag.toFixed(0)} ms behind, ${Math.round(changed / seconds).toLocaleString('en')} changes/s`);
await forget('shop');

await server.stop();
await postgres.stop();
