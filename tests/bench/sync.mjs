// Following Postgres, beside pg_recvlogical: the same slot options, the same WAL, one after the other in one run.
//
//   node tests/bench/sync.mjs [--rows N] [--rounds N] [--memory-rows N]
//
// Reports; judges nothing. A Postgres of its own on loopback; both read by it over TCP. What is compared is the best of
// the rounds, which alternate. Row of 230 bytes as in the issue: int, 96 characters, numeric, timestamptz, jsonb, two
// timestamps.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { startPostgres } from '../support/postgres.mjs';

const root = resolve(import.meta.dirname, '../..');
const folder = process.env.AUK_SYNC_NULL ?? join(root, 'build/release/tests/bench/sync_null');
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return Number(at < 0 ? fallback : process.argv[at + 1]);
};
const rows = option('rows', 600_000), rounds = option('rounds', 3), memoryRows = option('memory-rows', 1_000_000);
const base = join(root, 'build/bench');
mkdirSync(base, { recursive: true });

const postgres = await startPostgres({ settings: { shared_buffers: '128MB', max_wal_size: '8GB', autovacuum: 'off' } });
const report = (what, text) => console.log(`${what.padEnd(58)} ${text}`);
const perSecond = (n) => `${Math.round(n).toLocaleString('en')} rows/s`;

await postgres.query(`CREATE TABLE item (id int PRIMARY KEY, body text, price numeric(10,2), at timestamptz, extra jsonb,
  made timestamp, seen timestamp)`);
await postgres.query('CREATE PUBLICATION bench FOR TABLE item');

const insert = (from, to) => `INSERT INTO item SELECT g, rpad(md5(g::text), 96, md5((g * 7)::text)), g % 10000 / 100.0, now(),
  jsonb_build_object('a', g, 'b', 'text ' || g), now(), now() FROM generate_series(${from}, ${to}) g`;
const slot = (name) => postgres.query(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
const here = () => postgres.value('SELECT pg_current_wal_lsn()');

async function run(program, args, env = {}) {
  const started = process.hrtime.bigint();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  let text = '';
  child.stdout.on('data', (piece) => (text += piece));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return { text, seconds: Number(process.hrtime.bigint() - started) / 1e9 };
}

// Its own slot a run: a slot that was read goes on from there.
async function receive(name, binary, until) {
  const { seconds } = await run(postgres.program('pg_recvlogical'),
    ['-d', postgres.url(), '--slot', name, '--start', '-f', join(base, 'recvlogical'), '--endpos', until, '--no-loop',
      '-o', 'proto_version=2', '-o', 'publication_names=bench', '-o', 'streaming=on', '-o', 'messages=true',
      ...(binary ? ['-o', 'binary=true'] : [])], { PGOPTIONS: '-c logical_decoding_work_mem=64MB' });
  return seconds;
}

async function follow(name, binary, until, spoolMb = 16) {
  const { text } = await run(folder, [postgres.url(), name, 'bench', binary ? '1' : '0', until, String(spoolMb)]);
  return JSON.parse(text);
}

async function compare(what, binary, load, count) {
  for (let i = 0; i < rounds; i++) for (const who of ['a', 'b']) await slot(`${who}${i}`);
  await load();
  await postgres.query("SELECT pg_logical_emit_message(true, 'end', '')");
  const until = await here();
  await postgres.query('CHECKPOINT');
  const theirs = [], ours = [];
  for (let i = 0; i < rounds; i++) {
    theirs.push(count / await receive(`a${i}`, binary, until));
    ours.push((await follow(`b${i}`, binary, until)).rows_a_second);
  }
  for (let i = 0; i < rounds; i++) for (const who of ['a', 'b'])
    await postgres.query(`SELECT pg_drop_replication_slot('${who}${i}')`);
  await postgres.query('TRUNCATE item');
  const best = Math.max(...ours), other = Math.max(...theirs);
  report(what, `${perSecond(best)}, pg_recvlogical ${perSecond(other)}: ${Math.round((100 * best) / other)} %`);
}

report('machine', `${cpus().length} x ${cpus()[0].model}`);
const large = () => postgres.query(insert(1, rows));
const thousands = async () => {
  const client = await postgres.connect();
  for (let i = 0; i < rows; i += 1000) await client.query(insert(i + 1, i + 1000));
  await client.end();
};
const single = async () => {
  await postgres.query(`DO $$ BEGIN FOR i IN 1..${rows / 5} LOOP ${insert('i', 'i')}; COMMIT; END LOOP; END $$`);
};
for (const binary of [false, true]) {
  const form = binary ? 'binary' : 'text';
  await compare(`null index, one transaction, ${form}`, binary, large, rows);
  await compare(`null index, 1,000 rows a transaction, ${form}`, binary, thousands, rows);
  await compare(`null index, one row a transaction, ${form}`, binary, single, rows / 5);
}

// Memory: the process's peak while one transaction goes through, above that of one that has nothing to do.
await slot('idle');
await slot('large');
await postgres.query("SELECT pg_logical_emit_message(true, 'end', '')");
const idle = await follow('idle', true, await here());
await postgres.query(insert(1, memoryRows));
await postgres.query("SELECT pg_logical_emit_message(true, 'end', '')");
const whole = await follow('large', true, await here());
report(`memory during a transaction of ${memoryRows.toLocaleString('en')} rows`,
  `${((whole.peak_kb - idle.peak_kb) / 1024).toFixed(1)} MB above idle, ${(whole.spool_disk / 1e6).toFixed(0)} MB on disk`);
await postgres.stop();
