// Following a real Postgres: the story of a source from its first look to its end, and what goes wrong on the way.
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
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('a source', { skip: missing }, () => {
  let postgres, auk;
  before(async () => {
    postgres = await startPostgres();
    auk = await startServer();
    await postgres.psql(`
      CREATE TABLE maker (id int PRIMARY KEY, name text);
      CREATE TABLE product (id int PRIMARY KEY, name text, price numeric(12,2), maker_id int REFERENCES maker,
        published bool DEFAULT true, big text);
      ALTER TABLE product ALTER big SET STORAGE EXTERNAL;
      CREATE TABLE review (id serial PRIMARY KEY, product_id int REFERENCES product, stars int, words text);
      CREATE TABLE tag (id int PRIMARY KEY, name text);
      CREATE TABLE product_tag (product_id int REFERENCES product, tag_id int REFERENCES tag,
        PRIMARY KEY (product_id, tag_id));
      INSERT INTO maker SELECT i, 'maker ' || i FROM generate_series(1, 10) i;
      INSERT INTO product SELECT i, 'product ' || i, i * 1.25, i % 10 + 1, i % 7 <> 0, repeat('x', i % 3 * 1500)
        FROM generate_series(1, 2000) i;
      INSERT INTO review (product_id, stars, words) SELECT i % 2000 + 1, i % 5, 'words ' || i FROM generate_series(1, 3000) i;
      INSERT INTO tag SELECT i, 'tag ' || i FROM generate_series(1, 20) i;
      INSERT INTO product_tag SELECT i, i % 20 + 1 FROM generate_series(1, 2000) i;`);
  });
  after(async () => {
    await auk?.stop();
    await postgres?.stop();
  });

  const state = (name, ...wanted) =>
    until(`${name} to be ${wanted}`, async () => {
      const { body } = await auk.get(`/_sync/${name}`);
      return wanted.includes(body.state) && body;
    });
  const now = async () => {
    const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
    return `wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`;
  };
  const count = async (index) => (await auk.get(`/${index}/_count?${await now()}`)).body.count;
  const source = async (index, id) => {
    const { body } = await auk.get(`/${index}/_doc/${encodeURIComponent(id)}?${await now()}`);
    return body.found ? body._source : undefined;
  };

  const tree = () => ({
    connection: postgres.url(),
    catalog_interval: '1h', // a look would see that the publication was changed, and mend what follows from it
    documents: [
      { index: 'products', table: 'public.product', columns: ['*'], filter: 'published', id: '{id}', children: [
        { table: 'maker', as: 'maker', shape: 'object', on: { maker_id: 'id' } },
        { table: 'review', as: 'reviews', shape: 'array', on: { id: 'product_id' }, order: 'id', limit: 100 },
        { table: 'tag', as: 'tags', shape: 'array',
          through: { table: 'product_tag', on: { id: 'product_id' }, to: { tag_id: 'id' } } } ] } ],
  });

  test('is proposed from foreign keys', async () => {
    const { status, body } = await auk.post('/_sync/_propose', { connection: postgres.url(), root: 'product' });
    assert.equal(status, 200);
    const [document] = body.documents;
    assert.equal(document.table, 'product');
    const children = Object.fromEntries(document.children.map((child) => [child.as, child]));
    assert.deepEqual(children.maker.on, { maker_id: 'id' });
    assert.equal(children.maker.shape, 'object');
    assert.deepEqual(children.review.on, { id: 'product_id' });
    assert.deepEqual(children.tag.through, { table: 'product_tag', on: { id: 'product_id' }, to: { tag_id: 'id' } });
    const unknown = await auk.post('/_sync/_propose', { connection: postgres.url(), root: 'nothing' });
    assert.equal(unknown.status, 404);
  });

  test('is refused with what is wrong, and how to mend it', async () => {
    const wrong = async (change, words) => {
      const { status, body } = await auk.put('/_sync/shop', { ...tree(), ...change });
      assert.equal(status >= 400 && status < 500, true, JSON.stringify(body));
      assert.match(body.error.reason, words);
      assert.equal((await auk.get('/_sync/shop')).status, 404);
    };
    await wrong({ documnts: [] }, /unknown field \[documnts\] did you mean \[documents\]/);
    await wrong({ documents: [{ table: 'prodct' }] }, /no such table \[public.prodct\] did you mean \[public.product\]/);
    await wrong({ documents: [{ table: 'product', id: '{idd}' }] }, /column \[idd\].*did you mean \[id\]/);
    await wrong({ connection: 'postgres://nobody@127.0.0.1:1/x' }, /cannot look at the database/);
    await postgres.query('CREATE TABLE keyless (a int)');
    await wrong({ documents: [{ table: 'keyless' }] }, /no primary key.*ADD PRIMARY KEY/);
    await postgres.query("CREATE ROLE weak LOGIN; GRANT USAGE ON SCHEMA public TO weak");
    await wrong({ connection: postgres.url('postgres', 'weak') }, /ALTER ROLE "weak" REPLICATION/);
    const { body } = await auk.post('/_sync/_preflight', { ...tree(), connection: postgres.url('postgres', 'weak') });
    assert.equal(body.ready, false);
    const sql = body.findings.map((finding) => finding.sql ?? '').join('\n');
    assert.match(sql, /GRANT SELECT ON "public"."product" TO "weak"/);
    assert.match(sql, /CREATE PUBLICATION "auk_preflight" FOR TABLE/);
  });

  test('is read whole, and follows', async () => {
    const { status, body } = await auk.put('/_sync/shop', tree());
    assert.equal(status, 200, JSON.stringify(body));
    await state('shop', 'streaming');
    const expected = Number(await postgres.value('SELECT count(*) FROM product WHERE published'));
    assert.equal(await count('products'), expected);
    const product = await source('products', 11);
    assert.equal(product.name, 'product 11');
    assert.equal(product.maker.name, 'maker 2');
    assert.deepEqual(product.tags.map((tag) => tag.name), ['tag 12']);
    assert.equal(product.reviews.length > 0, true);
    assert.equal(product.big.length, 3000);
  });

  test('shows each change where it belongs', async () => {
    await postgres.query("UPDATE product SET name = 'another' WHERE id = 11");
    let product = await source('products', 11);
    assert.equal(product.name, 'another');
    assert.equal(product.big.length, 3000, 'what was not sent stays');
    await postgres.query("UPDATE maker SET name = 'renamed' WHERE id = 2");
    assert.equal((await source('products', 11)).maker.name, 'renamed');
    await postgres.query('UPDATE product SET maker_id = 5 WHERE id = 11');
    assert.equal((await source('products', 11)).maker.name, 'maker 5');
    await postgres.query('DELETE FROM product_tag WHERE product_id = 11');
    assert.deepEqual((await source('products', 11)).tags, []);
    await postgres.query("BEGIN; INSERT INTO product VALUES (9000, 'late', 1, 1); INSERT INTO review (product_id, stars) "
      + 'VALUES (9000, 5), (9000, 4); COMMIT');
    product = await source('products', 9000);
    assert.deepEqual(product.reviews.map((review) => review.stars), [5, 4]);
    await postgres.query('UPDATE product SET published = false WHERE id = 11');
    assert.equal(await source('products', 11), undefined);
    await postgres.query('BEGIN; DELETE FROM review WHERE product_id = 9000; DELETE FROM product WHERE id = 9000; COMMIT');
    assert.equal(await source('products', 9000), undefined);
  });

  test('lets readers wait for a position', async () => {
    await postgres.query("UPDATE product SET name = 'waited for' WHERE id = 12");
    const found = await auk.get('/products/_search?wait_for_lsn=now&q=name:waited');
    assert.equal(found.body.hits.total.value, 1);
    const applied = found.headers.get('x-auk-applied-lsn');
    assert.match(applied, /^shop:1:[0-9A-F]+\/[0-9A-F]+$/);
    const again = await auk.get(`/products/_doc/12?wait_for_lsn=${encodeURIComponent(applied)}`);
    assert.equal(again.body._source.name, 'waited for');
    const never = await auk.get('/products/_search?wait_for_lsn=FFFF/0&wait_for_lsn_timeout=50ms');
    assert.equal(never.status, 408);
    assert.match(never.body.error.reason, /stands at \[shop:1:/);
    assert.equal((await auk.get('/products/_search?wait_for_lsn=soon')).status, 400);
    assert.equal((await auk.get('/products/_search?wait_for_lsn=other:1:0/0')).status, 400);
    assert.equal((await auk.get('/products/_search?wait_for_lsn=shop:1:x')).status, 400);
  });

  test('lets every way of reading wait', async () => {
    const lines = (index) => `${JSON.stringify({ index })}\n{"query":{"match_all":{}}}\n{}\n{"size":0}\n`;
    const ndjson = { 'content-type': 'application/x-ndjson' };
    await auk.put('/aside/_doc/1', { a: 1 });
    const ways = [
      ['/products/_source/12', undefined, (body) => body.name],
      ['/_mget', { docs: [{ _index: 'aside', _id: '1' }, { _index: 'products', _id: '12' }] },
        (body) => body.docs[1]._source.name],
      ['/products/_mget', { ids: ['12'] }, (body) => body.docs[0]._source.name],
      ['/products/_search', { query: { ids: { values: ['12'] } } }, (body) => body.hits.hits[0]._source.name],
      ['/products/_explain/12', { query: { match_all: {} } }, (body) => body.matched],
      ['/_msearch', `{"index":["aside","products"]}\n{"query":{"ids":{"values":["12"]}}}\n`,
        (body) => body.responses[0].hits.hits[0]._source.name, ndjson],
      ['/products/_msearch', '{}\n{"query":{"ids":{"values":["12"]}}}\n',
        (body) => body.responses[0].hits.hits[0]._source.name, ndjson]];
    for (const [path, body, name, headers] of ways) {
      const given = `by ${path}`;
      await postgres.query('UPDATE product SET name = $1 WHERE id = 12', [given]);
      const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
      const answer = await auk.request(body ? 'POST' : 'GET', `${path}?wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`, body,
        headers);
      assert.equal(answer.status, 200, `${path} ${answer.text}`);
      assert.ok([given, true].includes(name(answer.body)), `${path} ${answer.text}`);
      assert.match(answer.headers.get('x-auk-applied-lsn'), /^shop:1:/);
      const never = await auk.request(body ? 'POST' : 'GET', `${path}?wait_for_lsn=FFFF/0&wait_for_lsn_timeout=10ms`, body,
        headers);
      assert.equal(never.status, 408, `${path} ${never.text}`);
    }
    const aside = await auk.post('/_msearch?wait_for_lsn=now', lines('aside'), ndjson);
    assert.equal(aside.status, 200, 'a search without an index is over all');
    assert.equal((await auk.post('/aside/_mget?wait_for_lsn=now', { ids: ['1'] })).status, 400);
    assert.equal((await auk.post('/aside/_mget', { ids: ['1'] })).headers.get('x-auk-applied-lsn'), null);
    await auk.delete('/aside');
  });

  test('lets readers wait for positions of several sources', async () => {
    assert.equal((await auk.put('/_sync/side', { connection: postgres.url(), tables: ['tag'], index: 'side_{table}' })).status,
      200);
    await state('side', 'streaming');
    const both = await auk.get('/products,side_tag/_search?size=0');
    const token = both.headers.get('x-auk-applied-lsn');
    assert.match(token, /^shop:1:[^,]+,side:1:[^,]+$/);
    const wait = (of) => auk.get(`/products,side_tag/_search?size=0&wait_for_lsn=${encodeURIComponent(of)}`);
    assert.equal((await wait(token)).status, 200);
    assert.equal((await wait('side:1:0/0')).status, 200);
    const short = await wait('0/0');
    assert.equal(short.status, 400);
    assert.match(short.body.error.reason, /each position has its source's name/);
    assert.equal((await auk.delete('/_sync/side?drop_indices=true')).status, 200);
  });

  test('keeps others from writing', async () => {
    assert.equal((await auk.put('/products/_doc/1', { name: 'x' })).status, 403);
    assert.equal((await auk.put('/_sync/other', { ...tree(), slot: 'other' })).status, 409);
  });

  test('is verified, and mended where it differs', async () => {
    const verify = async (query) => {
      const { body } = await auk.post(`/_sync/shop/_verify${query}`);
      return (await until('the verification', async () => {
        const { body: task } = await auk.get(`/_tasks/${body.task}`);
        return task.completed && task;
      })).response;
    };
    const fine = await verify('');
    assert.deepEqual([fine.missing, fine.extra, fine.different], [0, 0, 0]);
    assert.equal(fine.rows > 6000, true);
    // Rows that come without a word: replication of this session is off.
    await postgres.psql(`SET session_replication_role = replica;
      ALTER PUBLICATION auk_shop SET (publish = 'insert');
      UPDATE product SET name = 'silent' WHERE id = 13; DELETE FROM product WHERE id = 15;
      ALTER PUBLICATION auk_shop SET (publish = 'insert, update, delete, truncate');`);
    const found = await verify('?table=product');
    assert.deepEqual([found.missing, found.extra, found.different, found.repaired], [0, 1, 1, 0]);
    const mended = await verify('?table=product&repair=true');
    assert.equal(mended.repaired, 2);
    assert.equal((await source('products', 13)).name, 'silent');
    assert.equal(await source('products', 15), undefined);
    const clean = await verify('');
    assert.deepEqual([clean.missing, clean.extra, clean.different], [0, 0, 0]);
  });

  test('is paused and goes on', async () => {
    assert.equal((await auk.post('/_sync/shop/_pause')).status, 200);
    await state('shop', 'paused');
    await postgres.query("UPDATE product SET name = 'while away' WHERE id = 17");
    await auk.restart();
    await state('shop', 'paused');
    await auk.post('/_sync/shop/_resume');
    await state('shop', 'streaming');
    assert.equal((await source('products', 17)).name, 'while away');
  });

  test('survives restarts and kills of both sides', async () => {
    for (const end of [() => auk.restart('SIGKILL'), () => postgres.restart(), async () => {
      await postgres.kill();
      await state('shop', 'waiting');
      await postgres.start();
    }]) {
      await end();
      await state('shop', 'streaming');
      const name = `after ${Math.random()}`;
      await postgres.query('UPDATE product SET name = $1 WHERE id = 18', [name]);
      assert.equal((await source('products', 18)).name, name);
    }
  });

  test('takes columns that come, go and change their names', async () => {
    await postgres.psql("ALTER TABLE product ADD colour text DEFAULT 'red'; UPDATE product SET price = 7 WHERE id = 18");
    assert.equal((await source('products', 18)).colour, 'red');
    const { body } = await auk.get('/products/_mapping');
    assert.ok(Object.values(body)[0].mappings.properties.colour);
    await postgres.psql('ALTER TABLE product RENAME colour TO paint; UPDATE product SET price = 8 WHERE id = 18');
    assert.equal((await source('products', 18)).price, 8);
    await postgres.psql('ALTER TABLE product DROP paint; UPDATE product SET price = 9 WHERE id = 18');
    assert.equal((await source('products', 18)).price, 9);
    assert.equal((await auk.get('/_sync/shop')).body.state, 'streaming');
  });

  test('empties with its table', async () => {
    await postgres.query('TRUNCATE product_tag');
    assert.deepEqual((await source('products', 18)).tags, []);
  });

  test('tells a gap, a lost slot and an end that is missing', async () => {
    await auk.post('/_sync/shop/_pause');
    await state('shop', 'paused');
    await postgres.query("UPDATE product SET name = 'passed over' WHERE id = 19");
    await until('the slot to be free', async () =>
      (await postgres.value("SELECT active FROM pg_replication_slots WHERE slot_name = 'auk_shop'")) === false);
    await postgres.query("SELECT pg_replication_slot_advance('auk_shop', pg_current_wal_insert_lsn())");
    await auk.post('/_sync/shop/_resume');
    const gap = await state('shop', 'gap');
    assert.match(gap.reason, /confirmed by somebody else/);
    assert.match(gap.advice, /_resync/);
    assert.notEqual((await auk.get('/products/_count')).body.count, 0, 'searches go on');
    await auk.post('/_sync/shop/_resync');
    await state('shop', 'streaming');
    assert.equal((await source('products', 19)).name, 'passed over');

    await auk.post('/_sync/shop/_pause');
    await state('shop', 'paused');
    await until('the slot to be dropped', () =>
      postgres.query("SELECT pg_drop_replication_slot('auk_shop')").then(() => true, () => false));
    await postgres.query("UPDATE product SET name = 'without a slot' WHERE id = 20");
    await auk.post('/_sync/shop/_resume');
    const lost = await state('shop', 'lost');
    assert.match(lost.reason, /is gone/);
    await auk.post('/_sync/shop/_resync');
    await state('shop', 'streaming');
    assert.equal((await source('products', 20)).name, 'without a slot');
    assert.equal(await count('products'), Number(await postgres.value('SELECT count(*) FROM product WHERE published')));
  });

  test('waits while it is not let in, and goes on by itself', async () => {
    await auk.post('/_sync/shop/_pause');
    await state('shop', 'paused');
    await postgres.psql("CREATE ROLE keeper SUPERUSER LOGIN");
    const keeper = await postgres.connect({ user: 'keeper' });
    await keeper.query('ALTER ROLE postgres NOLOGIN');
    await auk.post('/_sync/shop/_resume');
    const waiting = await state('shop', 'waiting');
    assert.match(waiting.reason, /not permitted to log in/);
    assert.match(waiting.advice, /role and password|tried again/);
    assert.equal((await auk.get('/products/_search')).status, 200);
    await keeper.query('ALTER ROLE postgres LOGIN');
    await keeper.query("UPDATE product SET name = 'let in' WHERE id = 22");
    await state('shop', 'streaming');
    assert.equal((await source('products', 22)).name, 'let in');
  });

  test('shows figures', async () => {
    const { text } = await auk.get('/metrics');
    assert.match(text, /auk_cdc_up\{source="shop",slot="auk_shop"\} 1/);
    assert.match(text, /auk_cdc_state\{source="shop",state="streaming"\} 1/);
    assert.match(text, /auk_cdc_commit_to_searchable_seconds_bucket\{source="shop",le="\+Inf"\}/);
    const { body } = await auk.get('/_sync');
    assert.deepEqual(body.sources.map((one) => one.source), ['shop']);
  });

  test('ends without a trace on the server, and gives its index back', async () => {
    assert.equal((await auk.delete('/_sync/shop')).status, 200);
    assert.deepEqual(await postgres.query('SELECT slot_name FROM pg_replication_slots'), []);
    assert.deepEqual(await postgres.query('SELECT pubname FROM pg_publication'), []);
    assert.equal((await auk.get('/_sync/shop')).status, 404);
    assert.equal((await auk.put('/products/_doc/1', { name: 'mine' })).status, 200);
  });

  test('is driven from the command line', async () => {
    const cli = (...args) =>
      new Promise((resolve) => {
        execFile(process.env.AUK_BINARY, ['sync', ...args, '--url', auk.url], (error, stdout, stderr) =>
          resolve({ code: error?.code ?? 0, stdout, stderr }));
      });
    const proposed = await cli('propose', postgres.url(), '--root', 'product');
    assert.equal(proposed.code, 0, proposed.stderr);
    const file = join(auk.directory, 'goods.json');
    const config = JSON.parse(proposed.stdout);
    config.documents[0].index = 'goods';
    writeFileSync(file, JSON.stringify(config));
    const added = await cli('add', 'goods', '--config', file);
    assert.equal(added.code, 0, added.stderr + added.stdout);
    assert.match(added.stdout, /goods: streaming/);
    const plain = await cli('add', 'plain', postgres.url(), '--table', 'tag,maker', '--index', 'plain_{table}');
    assert.equal(plain.code, 0, plain.stderr + plain.stdout);
    assert.equal(await count('plain_tag'), 20);
    assert.equal(await count('goods'), Number(await postgres.value('SELECT count(*) FROM product')));
    const list = await cli('list');
    assert.match(list.stdout, /goods +streaming/);
    assert.match(list.stdout, /plain +streaming/);
    const verified = await cli('verify', 'plain');
    assert.equal(verified.code, 0, verified.stderr);
    assert.match(verified.stdout, /30 rows compared, 0 differ/);
    assert.match((await cli('dlq', 'plain')).stdout, /every row/);
    assert.equal((await cli('pause', 'plain')).code, 0);
    await state('plain', 'paused');
    const paused = await cli('status', 'plain');
    assert.equal(paused.code, 2);
    assert.match(paused.stdout, /plain: paused/);
    assert.equal((await cli('resume', 'plain')).code, 0);
    await state('plain', 'streaming');
    const unknown = await cli('status', 'nobody');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /no such source \[nobody\]/);
    for (const name of ['goods', 'plain']) assert.equal((await cli('remove', name, '--drop-indices')).code, 0);
    assert.equal((await auk.get('/plain_tag/_count')).status, 404);
  });

  test('sees what no event tells: new tables and documents, defaults, other types, other names', async () => {
    await postgres.psql(`CREATE TABLE d_one (id int PRIMARY KEY, size int);
      INSERT INTO d_one SELECT i, i FROM generate_series(1, 300) i;
      CREATE TABLE fixed (id int PRIMARY KEY, name text); INSERT INTO fixed VALUES (1, 'one');`);
    const body = { connection: postgres.url(), tables: 'fixed', include: ['d_*'], exclude: ['*_old'] };
    assert.equal((await auk.put('/_sync/ddl', body)).status, 200);
    await state('ddl', 'streaming');
    assert.equal(await count('d_one'), 300);
    await postgres.psql(`ALTER TABLE d_one ADD weight int DEFAULT 5;
      CREATE TABLE d_two (id int PRIMARY KEY); INSERT INTO d_two SELECT generate_series(1, 40);
      CREATE TABLE d_old (id int PRIMARY KEY);
      ALTER TABLE fixed RENAME TO moved; INSERT INTO moved VALUES (2, 'two');`);
    assert.equal((await source('fixed', 2)).name, 'two', 'a table is followed by number');
    await until('the new table', async () => (await auk.get('/d_two/_count')).body.count === 40);
    await until('the default', async () => (await auk.get('/d_one/_count?q=weight:5')).body.count === 300);
    assert.equal((await auk.get('/d_old/_count')).status, 404);
    await postgres.query('INSERT INTO d_two VALUES (41)');
    assert.equal(await count('d_two'), 41);
    const more = { ...body, documents: [{ index: 'together', table: 'd_one', children: [
      { table: 'd_two', as: 'twos', on: { id: 'id' } }] }] };
    const added = await auk.put('/_sync/ddl', more);
    assert.equal(added.status, 200, JSON.stringify(added.body));
    await until('the new documents', async () => (await auk.get('/together/_count')).body.count === 300);
    assert.deepEqual((await source('together', 7)).twos, [{ id: 7 }]);
    assert.equal((await source('together', 7)).weight, 5);
    await postgres.psql(`ALTER TABLE d_one ALTER size TYPE text USING 'size ' || size;
      INSERT INTO d_one VALUES (1000, 'large', 1);`);
    await until('the other type', async () =>
      (await auk.get('/d_one/_count?q=size:size')).body.count === 300 &&
      (await auk.get('/_sync/ddl')).body.state === 'streaming');
    assert.equal((await source('d_one', 1000)).size, 'large');
    assert.equal((await source('together', 7)).size, 'size 7');
    assert.equal((await source('fixed', 1)).name, 'one');
    assert.equal((await auk.get('/_sync/ddl')).body.counts.dead_letters, 0);
    await auk.restart('SIGKILL');
    await state('ddl', 'streaming');
    await postgres.query("UPDATE moved SET name = 'still' WHERE id = 1");
    assert.equal((await source('fixed', 1)).name, 'still');
    assert.equal((await auk.delete('/_sync/ddl?drop_indices=true')).status, 200);
  });

  test('goes on with the chunks that are missing when it is killed while it reads', async () => {
    const parts = 6;
    const rows = 2000;
    await postgres.psql(`CREATE TABLE event (id int, at int, words text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      ${Array.from({ length: parts }, (_, i) => `CREATE TABLE event_${i} PARTITION OF event FOR VALUES FROM (${i}) TO (${i + 1});`).join('\n')}
      INSERT INTO event SELECT i, i % ${parts}, 'words ' || i FROM generate_series(1, ${parts * rows}) i; ANALYZE event;`);
    const { status, body } = await auk.put('/_sync/parts', { connection: postgres.url(), tables: ['event'],
      snapshot_workers: 1, max_rows_per_second: 4000 });
    assert.equal(status, 200, JSON.stringify(body));
    const some = await until('some chunks', async () => {
      const { body: at } = await auk.get('/_sync/parts');
      return at.state !== 'new' && (at.state !== 'snapshot' || at.snapshot.chunks >= 2) && at;
    });
    assert.equal(some.state, 'snapshot');
    assert.equal(some.snapshot.chunks_total, parts);
    assert.equal((await auk.get('/event/_search')).status, 503, 'half of a table is no answer');
    await postgres.query(`UPDATE event SET words = 'later' WHERE id = 1; DELETE FROM event WHERE id = ${parts};
      UPDATE event SET at = 3 WHERE id = 2 AND at = 2`);
    await auk.restart('SIGKILL');
    assert.equal((await auk.get('/event/_search')).status, 503);
    const after = await until('the snapshot again', async () => {
      const { body: at } = await auk.get('/_sync/parts');
      return at.state !== 'waiting' && at;
    });
    if (after.state === 'snapshot') assert.equal(after.snapshot.chunks_total, parts);
    await state('parts', 'streaming');
    assert.equal(await count('event'), parts * rows - 1);
    assert.equal((await source('event', '1:1')).words, 'later');
    assert.equal(await source('event', '2:2'), undefined);
    assert.equal((await source('event', '2:3')).words, 'words 2');
    assert.equal((await auk.get('/_sync/parts')).body.counts.dead_letters, 0);
  });

  test('starts anew when its table is rewritten while it is read', async () => {
    await auk.delete('/_sync/parts?drop_indices=true');
    assert.equal((await auk.get('/event/_search')).status, 404);
    await auk.put('/_sync/parts', { connection: postgres.url(), tables: ['event'], snapshot_workers: 1,
      max_rows_per_second: 6000 });
    await until('some chunks', async () => (await auk.get('/_sync/parts')).body.snapshot?.chunks >= 1);
    await postgres.query('VACUUM FULL event');
    await state('parts', 'streaming');
    assert.equal(await count('event'), Number(await postgres.value('SELECT count(*) FROM event')));
    assert.equal((await auk.delete('/_sync/parts?drop_indices=true')).status, 200);
  });
});
