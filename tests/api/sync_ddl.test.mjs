// DDL that the log does not tell of, while others write: partitions that come and go, tables that are replaced, rewrites,
// and publications that are changed by hand. After each the index must be what the table is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const missing = Postgres.missing();
const PATIENCE_MS = 120000;

const until = async (what, probe) => {
  let last;
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    try {
      const found = await probe();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited in vain for ${what}: ${last?.message ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
};

describe('DDL without a word', { skip: missing }, () => {
  let postgres, auk;
  before(async () => {
    postgres = await startPostgres();
    auk = await startServer();
  });
  after(async () => {
    await auk?.stop();
    await postgres?.stop();
  });

  const status = async (name) => (await auk.get(`/_sync/${name}`)).body;
  const state = (name, ...wanted) =>
    until(`${name} to be ${wanted}`, async () => {
      const body = await status(name);
      return wanted.includes(body.state) && body;
    });
  const table = async (name, wanted) => (await status(name)).tables.find((one) => one.table === `public.${wanted}`);
  const follow = async (name, tables, more = {}) => {
    const { status: code, body } = await auk.put(`/_sync/${name}`,
      { connection: postgres.url(), tables, catalog_interval: '50ms', ...more });
    assert.equal(code, 200, JSON.stringify(body));
    return state(name, 'streaming');
  };
  const unfollow = async (name) =>
    assert.equal((await auk.delete(`/_sync/${name}?drop_indices=true`)).status, 200);

  // All documents by id, once everything that is committed now is searchable.
  const documents = async (index) => {
    const { body, status: code } = await auk.post(`/${index}/_search?wait_for_lsn=now&wait_for_lsn_timeout=60s`,
      { size: 10000, track_total_hits: true });
    assert.equal(code, 200, JSON.stringify(body));
    return Object.fromEntries(body.hits.hits.map((hit) => [hit._id, hit._source]));
  };
  const rows = async (sql) => Object.fromEntries((await postgres.query(sql)).map((row) => [row.key, row.body]));
  // The index becomes what the view says, and stays so.
  const agrees = async (index, sql) => {
    await until(`${index} to be ${sql}`, async () => {
      assert.deepEqual(await documents(index), await rows(sql));
      return true;
    });
  };

  // Others write while the work is done; statements may fail where tables are away.
  const writing = async (statements, work) => {
    let stop = false;
    let written = 0;
    const writers = [0, 1].map(async (seed) => {
      const client = await postgres.connect();
      for (let n = seed; !stop; n += 2)
        await client.query(statements[n % statements.length](n)).then(() => written++, () => {});
      await client.end();
    });
    try {
      await until('some writes', () => written > 20);
      return await work();
    } finally {
      stop = true;
      await Promise.all(writers);
    }
  };
  const pick = (n, most) => 1 + ((n * 7919) % most);

  const view = "SELECT id || ':' || at AS key, to_json(e)::jsonb AS body FROM event e";
  const parts = () => postgres.psql(`CREATE TABLE event (id int, at int, words text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE event_0 PARTITION OF event FOR VALUES FROM (0) TO (1);
    CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (1) TO (2);
    CREATE TABLE event_2 (id int NOT NULL, at int NOT NULL, words text, PRIMARY KEY (id, at));
    INSERT INTO event SELECT i, i % 2, 'words ' || i FROM generate_series(1, 600) i;
    INSERT INTO event_2 SELECT i, 2, 'attached ' || i FROM generate_series(1, 500) i;`);
  const writers = [
    (n) => `UPDATE event SET words = 'w${n}' WHERE id = ${pick(n, 600)}`,
    (n) => `INSERT INTO event VALUES (${1000 + n}, ${n % 2}, 'new ${n}')`,
    (n) => `DELETE FROM event WHERE id = ${pick(n + 13, 600)} AND at = 0`,
    (n) => `INSERT INTO event VALUES (${pick(n, 600)}, 0, 'again ${n}') ON CONFLICT DO NOTHING`,
  ];

  test('partitions are attached and detached, emptied and dropped', async () => {
    await parts();
    await follow('parts', ['event']);
    await writing(writers, async () => {
      await postgres.query('ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (2) TO (3)');
      await until('the rows of the new partition', async () =>
        (await auk.get('/event/_count?q=at:2')).body.count === 500);
      await postgres.query("UPDATE event SET words = 'by its root' WHERE at = 2 AND id % 5 = 0");
    });
    await agrees('event', view);
    await writing(writers, async () => {
      await postgres.query('ALTER TABLE event DETACH PARTITION event_2');
      await postgres.query("INSERT INTO event_2 VALUES (9999, 2, 'no longer ours')");
      await until('its rows to leave', async () => (await auk.get('/event/_count?q=at:2')).body.count === 0);
    });
    await agrees('event', view);
    await writing(writers, () => postgres.query('TRUNCATE event_1'));
    await agrees('event', view);
    await writing(writers, () => postgres.query('DROP TABLE event_0'));
    await agrees('event', view);
    assert.equal((await status('parts')).counts.dead_letters, 0);
    await unfollow('parts');
    await postgres.query('DROP TABLE event, event_2');
  });

  test('a partition is attached while the server is away, and while the first reading goes on', async () => {
    await parts();
    const { status: code } = await auk.put('/_sync/away', { connection: postgres.url(), tables: ['event'],
      catalog_interval: '50ms', snapshot_workers: 1, max_rows_per_second: 300 });
    assert.equal(code, 200);
    await state('away', 'snapshot', 'catchup', 'streaming');
    await postgres.query('ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (2) TO (3)');
    await state('away', 'streaming');
    await agrees('event', view);
    await auk.post('/_sync/away/_pause');
    await postgres.query('ALTER TABLE event DETACH PARTITION event_1');
    await auk.restart();
    await state('away', 'paused');
    await auk.post('/_sync/away/_resume');
    await state('away', 'streaming');
    await agrees('event', view);
    await unfollow('away');
    await postgres.query('DROP TABLE event, event_1');
  });

  const item = 'SELECT id::text AS key, to_json(i)::jsonb AS body FROM item i';
  const items = [
    (n) => `UPDATE item SET name = 'w${n}' WHERE id = ${pick(n, 300)}`,
    (n) => `INSERT INTO item VALUES (${1000 + n}, 'new ${n}')`,
    (n) => `DELETE FROM item WHERE id = ${pick(n + 13, 300)}`,
    (n) => `UPDATE other SET name = 'w${n}' WHERE id = ${pick(n, 300)}`,
  ];
  const two = () => postgres.psql(`CREATE TABLE item (id int PRIMARY KEY, name text);
    INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 300) i;
    CREATE TABLE other (id int PRIMARY KEY, name text);
    INSERT INTO other SELECT i, 'other ' || i FROM generate_series(1, 300) i;`);
  const other = 'SELECT id::text AS key, to_json(i)::jsonb AS body FROM other i';

  test('a table is dropped, and one of its name is made', async () => {
    await two();
    await follow('two', ['item', 'other']);
    await writing(items, () => postgres.psql(`BEGIN; DROP TABLE item; CREATE TABLE item (id int PRIMARY KEY, name text, more int);
      INSERT INTO item SELECT i, 'made anew ' || i, i FROM generate_series(200, 500) i; COMMIT;`));
    await agrees('item', item);
    await agrees('other', other);
    await postgres.query('DROP TABLE item');
    const gone = await until('the table to be gone', async () => {
      const one = await table('two', 'item');
      return one.state === 'gone' && one;
    });
    assert.match(gone.reason, /dropped/);
    await postgres.query("UPDATE other SET name = 'goes on' WHERE id = 7");
    assert.equal((await documents('other'))[7].name, 'goes on');
    assert.notEqual((await auk.get('/item/_count')).body.count, 0, 'its documents stay');
    await auk.restart('SIGKILL');
    await state('two', 'streaming');
    assert.notEqual((await auk.get('/item/_count')).body.count, 0, 'its documents stay');
    await postgres.psql("CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item VALUES (1, 'one')");
    await agrees('item', item);
    await unfollow('two');
    await postgres.query('DROP TABLE item, other');
  });

  test('a table is renamed and another is put in its place', async () => {
    await two();
    await follow('swap', ['item', 'other']);
    await postgres.psql(`CREATE TABLE item_next (id int PRIMARY KEY, name text);
      INSERT INTO item_next SELECT i, 'next ' || i FROM generate_series(100, 400) i;`);
    await writing(items, () =>
      postgres.psql('BEGIN; ALTER TABLE item RENAME TO item_before; ALTER TABLE item_next RENAME TO item; COMMIT'));
    await agrees('item', item);
    await writing(items, async () => {});
    await agrees('item', item);
    await agrees('other', other);
    await unfollow('swap');
    await postgres.query('DROP TABLE item, item_before, other');
  });

  test('a publication is changed by hand', async () => {
    await two();
    await follow('hand', ['item', 'other']);
    const trouble = (name, wanted) => until(`${name} to be ${wanted}`, async () => {
      const one = await table('hand', name);
      return one.state === wanted && one;
    });
    const mend = async (name, wanted) => {
      const found = await trouble(name, wanted);
      assert.ok(found.sql, JSON.stringify(found));
      await writing(items, async () => {});
      await postgres.query(found.sql);
      await writing(items, async () => {});
      await trouble(name, 'followed');
      await agrees('item', item);
      await agrees('other', other);
    };
    await writing(items, () => postgres.query('ALTER PUBLICATION auk_hand DROP TABLE item'));
    await mend('item', 'unpublished');
    await writing(items, () => postgres.query("ALTER PUBLICATION auk_hand SET (publish = 'insert')"));
    await mend('other', 'partial');
    // There and back between two looks.
    await writing(items, () => postgres.psql(`ALTER PUBLICATION auk_hand DROP TABLE other;
      UPDATE other SET name = 'unseen' WHERE id % 3 = 0; ALTER PUBLICATION auk_hand ADD TABLE other;`));
    await agrees('other', other);
    if (Number(await postgres.value("SELECT current_setting('server_version_num')")) >= 150000) {
      await postgres.psql(`ALTER PUBLICATION auk_hand DROP TABLE item;
        ALTER PUBLICATION auk_hand ADD TABLE item WHERE (id < 100);`);
      await mend('item', 'partial');
    }
    // Nobody deletes of the other table: these rows are there.
    await postgres.psql("DROP PUBLICATION auk_hand; UPDATE other SET name = 'without' WHERE id = 5");
    const lost = await state('hand', 'lost');
    assert.match(lost.reason, /publication \[auk_hand\] was dropped/);
    assert.match(lost.advice, /_resync/);
    assert.equal((await auk.get('/item/_search')).status, 200);
    await auk.post('/_sync/hand/_resync');
    await state('hand', 'streaming');
    await writing(items, async () => {});
    await agrees('item', item);
    await postgres.psql(`DROP PUBLICATION auk_hand; UPDATE other SET name = 'without' WHERE id = 6;
      CREATE PUBLICATION auk_hand FOR TABLE item, other; UPDATE other SET name = 'within' WHERE id = 7`);
    await state('hand', 'lost');
    await auk.post('/_sync/hand/_resync');
    await state('hand', 'streaming');
    await agrees('item', item);
    await agrees('other', other);
    await unfollow('hand');
    await postgres.query('DROP TABLE item, other');
  });

  test('partitions are published under their own names', async () => {
    await parts();
    await follow('leaves', ['event']);
    await writing(writers, () => postgres.query('ALTER PUBLICATION auk_leaves SET (publish_via_partition_root = false)'));
    const found = await until('the table to be unpublished', async () => {
      const one = await table('leaves', 'event');
      return one.state === 'unpublished' && one;
    });
    assert.match(found.sql, /publish_via_partition_root = true/);
    await writing(writers, () => postgres.query(found.sql));
    await agrees('event', view);
    await unfollow('leaves');
    await postgres.query('DROP TABLE event, event_2');
  });

  test('a table is rewritten with other values, and gets another key', async () => {
    await two();
    await follow('shape', ['item', 'other']);
    await writing(items, () => postgres.query('ALTER TABLE item ALTER name TYPE text USING upper(name)'));
    await agrees('item', item);
    await writing(items, () => postgres.query("ALTER TABLE other ADD made timestamptz DEFAULT '2020-01-01'"));
    await until('the default', async () =>
      (await auk.get('/other/_count?q=made:2020')).body.count === Number(await postgres.value('SELECT count(*) FROM other')));
    await postgres.psql('ALTER TABLE item DROP CONSTRAINT item_pkey');
    const found = await until('the key to be missed', async () => {
      const one = await table('shape', 'item');
      return one.state === 'keyless' && one;
    });
    assert.match(found.sql, /ADD PRIMARY KEY/);
    await postgres.psql(`ALTER TABLE item ADD code text;
      ALTER TABLE item REPLICA IDENTITY FULL; UPDATE item SET code = 'c' || id;
      ALTER TABLE item ADD PRIMARY KEY (code); ALTER TABLE item REPLICA IDENTITY DEFAULT;`);
    await agrees('item', item.replace('id::text', 'code'));
    await postgres.query("UPDATE item SET name = 'by its new key' WHERE id = 3");
    await agrees('item', item.replace('id::text', 'code'));
    assert.equal((await status('shape')).counts.dead_letters, 0);
    await unfollow('shape');
    await postgres.query('DROP TABLE item, other');
  });
});
