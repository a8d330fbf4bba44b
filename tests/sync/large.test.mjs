// A transaction of any size takes a bounded amount of memory, and is seen as a whole: rows of a plain table that are
// inserted, and children of many parents that change. Memory is what is anonymous (RssAnon): pages of mapped files are
// the system's to drop. Idle is a server that has applied a little, and has nothing to do.
//
// 200,000 rows are enough to tell: without bounds they take some 200 MB, and what is bounded is full after 20,000. More
// of them with AUK_LARGE_ROWS; in soak a million.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const MIB = 1024 * 1024;
const CEILING = 64 * MIB;
const few = process.env.AUK_TEST_FAULTS === 'few'; // sanitizers: what is resident says nothing
const rows = Number(process.env.AUK_LARGE_ROWS ?? (process.env.AUK_SOAK_ROUNDS ? 1_000_000 : few ? 20_000 : 200_000));
const parents = Math.ceil(rows / 20);
const options = { skip: Postgres.missing(), timeout: 3_600_000 };

let postgres, server;
before(async () => {
  if (options.skip) return;
  postgres = await startPostgres({ settings: { max_wal_size: '8GB', autovacuum: 'off' } });
  server = await startServer({ memory: '1gb' });
});
after(async () => {
  await server?.stop();
  await postgres?.stop();
});

const anonymous = () => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) * 1024;

async function streaming(source) {
  for (;;) {
    const { body, text } = await server.get(`/_sync/${source}`);
    if (body.state === 'streaming') return;
    assert.ok(!['failed', 'gap', 'lost', 'paused'].includes(body.state), text);
    await sleep(50);
  }
}

const count = async (index, body) => {
  const answer = await server.post(`/${index}/_count`, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.count;
};

async function applied(index) {
  const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
  for (let status = 408; status === 408; )
    ({ status } = await server.get(`/${index}/_count?wait_for_lsn=${lsn}&wait_for_lsn_timeout=60s`));
}

// What the transaction takes at its most, above what was resident before; nobody may see a part of it.
async function measure(source, warm, statements, whole, part) {
  await server.restart();
  await streaming(source);
  const client = await postgres.connect();
  for (const statement of warm) await client.query(statement);
  await applied(source);
  await sleep(1000);
  const idle = anonymous();
  let peak = idle, done = false;
  const seen = new Set();
  const watch = (async () => {
    for (let round = 0; !done; round++) {
      peak = Math.max(peak, anonymous());
      if (round % 20 === 0) {
        const { status, body } = await server.post(`/${source}/_count`, part);
        if (status === 200) seen.add(body.count);
      }
      await sleep(10);
    }
  })();
  for (const statement of ['BEGIN', ...statements, 'COMMIT']) await client.query(statement);
  await applied(source);
  done = true;
  await watch;
  assert.equal(await count(source, part), whole.after);
  for (const each of seen) assert.ok(each === whole.before || each === whole.after, `${each} of it were seen`);
  console.log(`# ${source}: ${rows} rows, ${Math.round((peak - idle) / MIB)} MB above ${Math.round(idle / MIB)} MB`);
  if (!few) assert.ok(peak - idle <= CEILING, `${Math.round((peak - idle) / MIB)} MB above idle`);
}

test('rows of a plain table', options, async () => {
  await postgres.query(`CREATE TABLE item (id int PRIMARY KEY, body text, price numeric(10,2), at timestamptz, extra jsonb,
    made timestamp, seen timestamp)`);
  await postgres.query("INSERT INTO item SELECT g, 'before' FROM generate_series(-100, -1) g");
  const put = await server.put('/_sync/plain', { connection: postgres.url(), documents: [{ index: 'plain', table: 'item' }] });
  assert.equal(put.status, 200, put.text);
  await streaming('plain');
  await measure('plain', ["INSERT INTO item SELECT g, 'before' FROM generate_series(-5000, -101) g",
    'DELETE FROM item WHERE id < -100'], [`INSERT INTO item SELECT g, rpad(md5(g::text), 96, md5((g * 7)::text)), g % 10000 / 100.0, now(),
    jsonb_build_object('a', g, 'b', 'text ' || g), now(), now() FROM generate_series(1, ${rows}) g`,
    'UPDATE item SET price = 7 WHERE id < 0', 'DELETE FROM item WHERE id < -50'],
  { before: 100, after: rows + 50 });
  const { body } = await server.get(`/plain/_doc/${rows}`);
  assert.equal(body._source.extra.b, `text ${rows}`);
  assert.equal((await server.get('/plain/_doc/-7')).body._source.price, 7);
  assert.equal((await server.delete('/_sync/plain?drop_indices=true')).status, 200);
});

test('children of many parents', options, async () => {
  await postgres.query(`CREATE TABLE maker (id int PRIMARY KEY, name text);
    CREATE TABLE product (id int PRIMARY KEY, name text, maker_id int);
    CREATE TABLE review (id int PRIMARY KEY, product_id int, stars int, body text);
    INSERT INTO maker SELECT g, 'maker ' || g FROM generate_series(0, 99) g;
    INSERT INTO product SELECT g, 'product ' || g, g % 100 FROM generate_series(1, ${parents}) g`);
  const put = await server.put('/_sync/tree', { connection: postgres.url(), documents: [{ index: 'tree', table: 'product',
    children: [{ table: 'maker', as: 'maker', shape: 'object', on: { maker_id: 'id' } },
      { table: 'review', as: 'reviews', shape: 'array', on: { id: 'product_id' }, order: 'id' }] }] });
  assert.equal(put.status, 200, put.text);
  await streaming('tree');
  const children = Math.floor(rows / 4);
  const with5 = { query: { term: { 'reviews.stars': 5 } } };
  await measure('tree', ['UPDATE product SET name = upper(name) WHERE id <= 1000'], [`INSERT INTO review SELECT g, 1 + g % ${parents}, 4, md5(g::text) FROM generate_series(1, ${children}) g`,
    'UPDATE review SET stars = 5', "UPDATE maker SET name = name || '!'"], { before: 0, after: parents }, with5);
  const { body } = await server.get('/tree/_doc/1');
  const { rows: [wanted] } = await (await postgres.connect()).query('SELECT count(*)::int AS n FROM review WHERE product_id = 1');
  assert.equal(body._source.reviews.length, wanted.n);
  assert.equal(body._source.maker.name, 'maker 1!');
  assert.ok(body._source.reviews.every((review) => review.stars === 5));
});
