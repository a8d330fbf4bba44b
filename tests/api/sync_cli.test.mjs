// `auk sync` for each thing the REST API can do with a source, and the figures that it shows.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const missing = Postgres.missing();
const PATIENCE_MS = 120000;

const until = async (what, probe) => {
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
};

describe('auk sync', { skip: missing }, () => {
  let postgres, auk;
  before(async () => {
    postgres = await startPostgres();
    auk = await startServer();
    await postgres.psql(`CREATE TABLE item (id int PRIMARY KEY, size text);
      INSERT INTO item SELECT i, i::text FROM generate_series(1, 50) i;
      CREATE ROLE weak LOGIN; CREATE TABLE bare (a int);`);
  });
  after(async () => {
    await auk?.stop();
    await postgres?.stop();
  });

  const cli = (...args) =>
    new Promise((resolve) => {
      execFile(process.env.AUK_BINARY, ['sync', ...args, '--url', auk.url], (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }));
    });
  const fine = async (...args) => {
    const done = await cli(...args);
    assert.equal(done.code, 0, done.stderr + done.stdout);
    return done.stdout;
  };
  const state = (name, wanted) =>
    until(`${name} to be ${wanted}`, async () => (await auk.get(`/_sync/${name}`)).body.state === wanted);

  test('says that nothing is followed', async () => {
    assert.match(await fine(), /nothing is followed/);
    assert.match(await fine('list'), /nothing is followed/);
    const { status, body } = await auk.get('/_sync');
    assert.equal(status, 200);
    assert.deepEqual(body, { sources: [] });
    assert.equal((await auk.get('/_sync/shop')).status, 404);
    assert.doesNotMatch((await auk.get('/metrics')).text, /auk_cdc/);
  });

  test('says what a database lacks, with the SQL that mends it', async () => {
    const weak = postgres.url('postgres', 'weak');
    const lacking = await cli('preflight', weak, '--table', 'item');
    assert.equal(lacking.code, 2, lacking.stderr);
    assert.match(lacking.stdout, /it cannot be followed like this/);
    assert.match(lacking.stdout, /role "weak" may not replicate/);
    const sql = lacking.stdout.split('\n').filter((line) => line.startsWith('    ') && !/ALTER SYSTEM/.test(line));
    assert.ok(sql.length >= 3, lacking.stdout);
    await postgres.psql(sql.join('\n'));
    assert.match(await fine('preflight', weak, '--table', 'item'), /it can be followed/);
    await postgres.query('DROP PUBLICATION auk_preflight');
    const keyless = await cli('preflight', postgres.url());
    assert.equal(keyless.code, 2);
    assert.match(keyless.stdout, /"public"."bare" has no primary key/);
    const wrong = await cli('preflight', 'postgres://nobody@127.0.0.1:1/x', '--table', 'item');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /cannot look at the database/);
    assert.equal((await auk.get('/_sync')).body.sources.length, 0);
  });

  test('does all that can be done with a source', async () => {
    const file = join(auk.directory, 'shop.json');
    writeFileSync(file, JSON.stringify({ catalog_interval: '1h', documents: [
      { index: 'items', table: 'item', mappings: { properties: { size: { type: 'integer' } } } }] }));
    assert.match(await fine('preflight', postgres.url(), '--config', file), /it can be followed/);
    assert.match(await fine('add', 'shop', postgres.url(), '--config', file), /shop: streaming/);
    await postgres.psql("UPDATE item SET size = 'large' WHERE id = 7; UPDATE item SET size = 'larger' WHERE id = 8");
    await until('the letters', async () => (await auk.get('/_sync/shop')).body.counts.dead_letters === 2);
    assert.match(await fine('status', 'shop'), /2 rows refused/);
    const figures = (await auk.get('/metrics')).text;
    assert.match(figures, /^auk_cdc_dlq_total\{.*stage="mapping"\} 2$/m);
    assert.match(figures, /^auk_cdc_table_changes_total\{source="shop",table="public.item",op="update"\} 2$/m);
    const letters = await fine('dlq', 'shop', 'list');
    assert.match(letters, /item/);
    const [id] = letters.split(/\s+/);
    assert.match(await fine('dlq', 'shop', 'retry'), /^0 mended/);
    assert.match(await fine('dlq', 'shop', 'discard', '--id', id), /^1 discarded/);
    assert.match(await fine('dlq', 'shop', 'discard'), /^1 discarded/);
    assert.match(await fine('dlq', 'shop'), /every row/);
    assert.equal((await cli('dlq', 'shop', 'burn')).code, 1);

    await postgres.psql(`ALTER PUBLICATION auk_shop SET (publish = 'insert'); UPDATE item SET size = '1000' WHERE id = 9;
      ALTER PUBLICATION auk_shop SET (publish = 'insert, update, delete, truncate');`);
    const differs = await cli('verify', 'shop');
    assert.equal(differs.code, 2);
    assert.match(differs.stdout, /50 rows compared, 1 differ/);
    assert.match(differs.stdout, /item 9: different/);
    assert.match(await fine('verify', 'shop', '--table', 'item', '--repair'), /1 differ, 1 mended/);
    assert.match(await fine('verify', 'shop', '--detach'), /auk tasks show/);
    assert.match(await fine('status', 'shop'), /verified +\d+ s ago, \d+ rows differed so far, 1 mended/);
    await fine('resync', 'shop', '--table', 'item');
    await fine('resync', 'shop');
    await state('shop', 'streaming');
    await fine('pause', 'shop');
    await state('shop', 'paused');
    const paused = await cli('status', 'shop');
    assert.equal(paused.code, 2);
    await fine('resume', 'shop');
    await state('shop', 'streaming');
    assert.match(await fine('list'), /shop +streaming/);
    assert.match(await fine('propose', postgres.url(), '--root', 'item'), /"documents"/);
  });

  test('tells of tables in trouble', async () => {
    const { body } = await auk.get('/_sync/shop');
    assert.equal((await auk.put('/_sync/shop', { connection: postgres.url(), catalog_interval: '50ms',
      documents: [{ index: 'items', table: 'item', mappings: { properties: { size: { type: 'integer' } } } }] })).status, 200);
    assert.equal(body.tables[0].state, 'followed');
    await postgres.query('ALTER PUBLICATION auk_shop DROP TABLE item');
    await until('the trouble', async () => (await auk.get('/_sync/shop')).body.tables[0].state === 'unpublished');
    assert.match(await fine('status', 'shop'), /public.item: unpublished.*\n +mend by +ALTER PUBLICATION "auk_shop" ADD TABLE/);
  });

  test('shows its figures', async () => {
    const { text } = await auk.get('/metrics');
    for (const name of ['up', 'state', 'received_lsn', 'spooled_lsn', 'applied_lsn', 'confirmed_lsn', 'source_current_lsn',
      'lag_bytes', 'lag_seconds', 'commit_to_searchable_seconds_bucket',
      'commit_to_searchable_seconds_sum', 'commit_to_searchable_seconds_count', 'last_message_age_seconds', 'slot_retained_bytes',
      'slot_safe_wal_bytes', 'slot_wal_eta_seconds', 'slot_growth_bytes_per_second', 'slot_spill_bytes_total',
      'slot_stream_bytes_total', 'slot_active', 'slot_invalidations_total', 'reconnects_total', 'transactions_total',
      'changes_total', 'bytes_received_total', 'open_streamed_tx', 'largest_tx_bytes', 'spool_bytes', 'spool_limit_bytes',
      'backpressure_seconds_total', 'publish_seconds_total', 'publish_changes_total', 'skipped_visible_total',
      'snapshot_rows_total', 'snapshot_rows_estimate', 'snapshot_chunks', 'snapshot_eta_seconds', 'chunk_retries_total',
      'toast_resolved_total', 'reread_total', 'reread_pending', 'visibility_wait_seconds_total', 'roots_dirty_total',
      'root_fanout', 'waves_pending', 'schema_changes_total', 'unmapped_values_total', 'dlq_entries', 'dlq_total',
      'verify_rows_total', 'verify_mismatch_total', 'verify_repaired_total', 'verified_age_seconds', 'wait_lsn_seconds_total',
      'wait_lsn_timeouts_total'])
      assert.match(text, new RegExp(`^auk_cdc_${name}\\{source="shop"`, 'm'), name);
    for (const row of ['dlq_total{.*stage="value"', 'dlq_total{.*stage="mapping"', 'backpressure_seconds_total{.*reason="spool"',
      'backpressure_seconds_total{.*reason="memory"', 'reread_total{.*reason="toast"', 'lag_bytes{.*stage="searchable"',
      'changes_total{.*op="insert"', 'schema_changes_total{.*kind="publication"', 'reconnects_total{.*reason="slot"'])
      assert.match(text, new RegExp(`^auk_cdc_${row.replace('{', '\\{')}} \\d`, 'm'), row);
    const families = text.split('\n').filter((line) => line.startsWith('# TYPE auk_cdc')).map((line) => line.split(' ')[2]);
    assert.deepEqual(families, [...new Set(families)], 'each family once');
  });

  test('is gone in the end, and says so of names that are not there', async () => {
    assert.match(await fine('remove', 'shop', '--drop-indices'), /indices are deleted/);
    for (const verb of ['status', 'pause', 'resume', 'resync', 'verify', 'dlq', 'remove']) {
      const done = await cli(verb, 'shop');
      assert.equal(done.code, 1, verb);
      assert.match(done.stderr, /no such source \[shop\]/, verb);
    }
    assert.equal((await cli('dance')).code, 1);
    const help = await fine('--help');
    for (const verb of ['preflight', 'propose', 'add', 'status', 'pause', 'resume', 'resync', 'verify', 'dlq', 'remove'])
      assert.match(help, new RegExp(verb));
  });
});
