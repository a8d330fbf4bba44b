// Verification against a real Postgres: no difference is seen that is none, while many write; each that is one is found,
// listed and mended, whatever keys a table has, on request and by itself.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const missing = Postgres.missing();
const PATIENCE_MS = 120000;
const ROWS = 2400;

const until = async (what, probe) => {
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
};

// Keys that the server orders as we do, and keys that it does not: by a language, by time, by number.
const tables = {
  by_number: { key: 'id bigint PRIMARY KEY', id: 'i' },
  by_uuid: { key: 'id uuid PRIMARY KEY', id: "md5(i::text)::uuid" },
  by_bytes: { key: 'id text COLLATE "C" PRIMARY KEY', id: "md5(i::text)" },
  by_language: { key: 'id text COLLATE "und-x-icu" PRIMARY KEY', id: "CASE i % 3 WHEN 0 THEN 'ä' WHEN 1 THEN 'Z' ELSE 'a-' END || i" },
  by_time: { key: 'id timestamptz PRIMARY KEY', id: "'2020-01-01'::timestamptz + i * interval '1 hour'" },
  by_numeric: { key: 'id numeric(20,2) PRIMARY KEY', id: 'i * 1.5' },
};
const names = Object.keys(tables);

describe('verification', { skip: missing }, () => {
  let postgres, auk;
  before(async () => {
    postgres = await startPostgres();
    auk = await startServer();
    for (const [name, { key, id }] of Object.entries(tables))
      await postgres.psql(`CREATE TABLE ${name} (${key}, n int, yes bool, words text);
        INSERT INTO ${name} SELECT ${id}, i, i % 2 = 0, CASE i % 4 WHEN 0 THEN '' WHEN 1 THEN NULL WHEN 2 THEN 'a "b" \\c, (d)' ELSE 'plain' || i END
          FROM generate_series(1, ${ROWS}) i;`);
    await postgres.psql(`CREATE TABLE by_two (a int, b text COLLATE "C", n int, yes bool, words text, PRIMARY KEY (a, b));
      INSERT INTO by_two SELECT i % 50, 'b' || i, i, true, 'words ' || i FROM generate_series(1, ${ROWS}) i;
      CREATE TABLE filtered (id int PRIMARY KEY, n int); INSERT INTO filtered SELECT i, i FROM generate_series(1, ${ROWS}) i;`);
    const { status, body } = await auk.put('/_sync/keys', { connection: postgres.url(), catalog_interval: '1h',
      tables: [...names, 'by_two'], documents: [{ index: 'filtered', table: 'filtered', filter: 'n > 100' }] });
    assert.equal(status, 200, JSON.stringify(body));
    await state('keys', 'streaming');
  });
  after(async () => {
    await auk?.stop();
    await postgres?.stop();
  });

  const state = (name, wanted) =>
    until(`${name} to be ${wanted}`, async () => (await auk.get(`/_sync/${name}`)).body.state === wanted);
  const verify = async (name, query = '') => {
    const { body, status } = await auk.post(`/_sync/${name}/_verify${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    const done = await until('the verification', async () => {
      const { body: task } = await auk.get(`/_tasks/${body.task}`);
      return task.completed && task;
    });
    assert.equal(done.error, undefined, JSON.stringify(done.error));
    return done.response;
  };
  const counts = ({ missing: gone, extra, different }) => [gone, extra, different];

  // Short transactions of all kinds over all tables, from several sessions.
  const writing = async (work) => {
    let stop = false;
    let written = 0;
    const all = [...names, 'by_two', 'filtered'];
    const writers = [1, 2, 3].map(async (seed) => {
      const client = await postgres.connect();
      for (let n = seed; !stop; n += 3) {
        const table = all[n % all.length];
        const row = 1 + ((n * 7919) % ROWS);
        await client.query(n % 5 === 0 ? `DELETE FROM ${table} WHERE n = ${row}`
          : n % 5 === 1 && tables[table]
            ? `INSERT INTO ${table} SELECT ${tables[table].id}, i, true, 'again ${n}' FROM generate_series(${row}, ${row + 2}) i ON CONFLICT DO NOTHING`
            : `UPDATE ${table} SET n = n${table === 'filtered' ? '' : `, words = 'w ${n}'`} WHERE n = ${row}`).then(() => written++);
      }
      await client.end();
    });
    try {
      await until('some writes', () => written > 30);
      return await work();
    } finally {
      stop = true;
      await Promise.all(writers);
    }
  };

  test('finds nothing where nothing is wrong, while many write', async () => {
    await writing(async () => {
      for (let round = 0; round < 4; round++) {
        const found = await verify('keys', round % 2 ? '?repair=true' : '');
        assert.deepEqual(counts(found), [0, 0, 0], JSON.stringify(found));
        assert.ok(found.rows > ROWS * 5, JSON.stringify(found));
      }
    });
    const { body } = await auk.get('/_sync/keys');
    assert.equal(body.verification.mismatches, 0);
    assert.ok(body.verification.age_seconds >= 0);
  });

  // What the publication leaves out for a moment.
  const silently = (sql) =>
    postgres.psql(`ALTER PUBLICATION auk_keys SET (publish = 'truncate'); ${sql}
      ALTER PUBLICATION auk_keys SET (publish = 'insert, update, delete, truncate');`);

  // A page of which nothing could be said is told, and looked at by the next verification.
  const mend = async () => {
    const { undecided } = await writing(() => verify('keys', '?repair=true'));
    if (undecided > 0) await verify('keys', '?repair=true');
  };

  test('finds what is wrong with any key, lists and mends it, while many write', async () => {
    const wrong = [...names, 'by_two'].map((name) => `
      UPDATE ${name} SET words = 'silent' WHERE n IN (2000, 2001);
      DELETE FROM ${name} WHERE n BETWEEN 2100 AND 2102;
      ${name === 'by_two' ? "INSERT INTO by_two VALUES (7, 'new', -1, true, 'x')"
        : `INSERT INTO ${name} SELECT ${tables[name].id}, -1, true, 'x' FROM generate_series(${ROWS * 2}, ${ROWS * 2}) i`};`);
    for (const name of [...names, 'by_two']) await postgres.query(`DELETE FROM ${name} WHERE n IN (2000, 2001, 2100, 2101, 2102)`);
    for (const name of names)
      await postgres.query(`INSERT INTO ${name} SELECT ${tables[name].id}, i, true, 'now' FROM generate_series(1, ${ROWS}) i WHERE i IN (2000, 2001, 2100, 2101, 2102)`);
    await postgres.query(`INSERT INTO by_two SELECT i % 50, 'b' || i, i, true, 'now' FROM generate_series(1, ${ROWS}) i WHERE i IN (2000, 2001, 2100, 2101, 2102)`);
    assert.equal((await auk.get('/by_number/_count?wait_for_lsn=now')).status, 200);
    await silently(wrong.join('\n'));
    const tablesWrong = names.length + 1;
    const found = await verify('keys');
    assert.deepEqual(counts(found), [tablesWrong, 3 * tablesWrong, 2 * tablesWrong], JSON.stringify(found.differences));
    assert.equal(found.repaired, 0);
    assert.ok(found.differences.some((one) => one.table === 'by_two' && one.key === '7:new' && one.kind === 'missing'));
    await mend();
    assert.deepEqual(counts(await verify('keys')), [0, 0, 0]);
    for (const name of [...names, 'by_two']) {
      assert.equal((await auk.get(`/${name}/_count?wait_for_lsn=now`)).body.count,
        Number(await postgres.value(`SELECT count(*) FROM ${name}`)), name);
      assert.equal((await auk.get(`/${name}/_count?q=words:x`)).body.count, 1, name);
    }
  });

  test('mends many rows at once', async () => {
    await silently(`UPDATE by_language SET words = 'all'; UPDATE by_number SET words = 'all';
      DELETE FROM by_time; INSERT INTO by_two SELECT i, 'many', i, true, 'many' FROM generate_series(1000, 4000) i;`);
    await mend();
    assert.deepEqual(counts(await verify('keys')), [0, 0, 0]);
    assert.equal((await auk.get('/by_two/_count?q=words:many')).body.count,
      Number(await postgres.value("SELECT count(*) FROM by_two WHERE words = 'many'")));
  });

  test('goes on by itself at its rate, and lists or mends as it is told', async () => {
    await auk.delete('/_sync/keys?drop_indices=true');
    await postgres.query('CREATE TABLE own (id int PRIMARY KEY, name text)');
    await postgres.query("INSERT INTO own SELECT i, 'n' || i FROM generate_series(1, 400) i");
    const body = { connection: postgres.url(), tables: ['own'], slot: 'auk_keys', publication: 'auk_keys', catalog_interval: '1h',
      verify_rows_per_second: 1000, verify_interval: '50ms', verify_repair: false };
    assert.equal((await auk.put('/_sync/own', body)).status, 200);
    await state('own', 'streaming');
    const about = async () => (await auk.get('/_sync/own')).body;
    await until('a round', async () => (await about()).verification.last_round);
    await silently("UPDATE own SET name = 'silent' WHERE id = 7; DELETE FROM own WHERE id = 9;");
    const listed = await until('the differences', async () => {
      const { verification } = await about();
      return verification.last_round.different === 1 && verification.last_round.extra === 1 && verification;
    });
    assert.deepEqual(listed.last_round.differences.map((one) => [one.key, one.kind, one.repaired]).sort(),
      [['7', 'different', false], ['9', 'extra', false]]);
    assert.equal(listed.repaired, 0);
    assert.match((await auk.get('/metrics')).text, /auk_cdc_verified_age_seconds\{source="own",slot="auk_keys"\} \d/);
    // No more rows than its rate allows, over some rounds.
    const first = await about();
    const began = Date.now();
    const later = await until('more rows', async () => {
      const now = await about();
      return now.verification.rows >= first.verification.rows + 1200 && now;
    });
    const seconds = (Date.now() - began) / 1000;
    assert.ok(later.verification.rows - first.verification.rows <= 1000 * seconds + 800,
      `${later.verification.rows - first.verification.rows} rows in ${seconds} s`);
    assert.equal((await auk.put('/_sync/own', { ...body, verify_repair: true })).status, 200);
    await until('it to be mended', async () => (await about()).verification.repaired >= 2);
    await until('nothing to differ', async () => {
      const { verification } = await about();
      return verification.last_round.different + verification.last_round.extra === 0;
    });
    assert.equal((await auk.get('/own/_doc/7')).body._source.name, 'silent');
    assert.equal((await auk.get('/own/_doc/9')).status, 404);
  });
});
