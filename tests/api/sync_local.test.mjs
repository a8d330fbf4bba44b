// Fields of followed documents that are clients': taken through the API, kept through all that the source does.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { random } from '../support/directory.mjs';
import { eventually } from '../support/eventually.mjs';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const PATIENCE_MS = 120000;

describe('local fields', { skip: Postgres.missing() }, () => {
  let postgres, auk;
  before(async () => {
    postgres = await startPostgres();
    auk = await startServer();
    await postgres.psql(`
      CREATE TABLE product (id int PRIMARY KEY, name text, price int, shelf text DEFAULT 'a');
      CREATE TABLE review (id int PRIMARY KEY, product_id int REFERENCES product, words text);
      INSERT INTO product SELECT i, 'product ' || i, i FROM generate_series(1, 300) i;
      INSERT INTO review SELECT i, i, 'words ' || i FROM generate_series(1, 300) i;
      CREATE TABLE plain (id int PRIMARY KEY, name text);
      INSERT INTO plain SELECT i, 'plain ' || i FROM generate_series(1, 200) i;`);
  });
  after(async () => {
    await auk?.stop();
    await postgres?.stop();
  });

  const body = (over = {}) => ({ connection: postgres.url(), documents: [
    { index: 'products', table: 'product', local_fields: ['views', 'boost.*'],
      mappings: { properties: { views: { type: 'long' } } },
      children: [{ table: 'review', as: 'reviews', shape: 'array', on: { id: 'product_id' }, order: 'id' }], ...over },
    { index: 'plain', table: 'plain', local_fields: ['note'] }] });
  const state = (wanted) =>
    eventually(async () => {
      const { body: stats } = await auk.get('/_sync/shop');
      assert.equal(stats.state, wanted, JSON.stringify(stats));
      return stats;
    }, PATIENCE_MS);
  const applied = async () => {
    const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
    return `wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`;
  };
  const read = async (id, index = 'products') => {
    const { body: answer } = await auk.get(`/${index}/_doc/${id}?${await applied()}`);
    return answer.found ? answer._source : undefined;
  };
  const update = (id, doc, index = 'products', more = {}) => auk.post(`/${index}/_update/${id}`, { doc, ...more });
  const verified = async () => {
    const { body: started } = await auk.post('/_sync/shop/_verify');
    const { response } = await eventually(async () => {
      const { body: task } = await auk.get(`/_tasks/${started.task}`);
      assert.ok(task.completed);
      return task;
    }, PATIENCE_MS);
    assert.deepEqual([response.missing, response.extra, response.different], [0, 0, 0]);
  };

  test('are declared, and are no columns', async () => {
    const wrong = await auk.put('/_sync/shop', body({ local_fields: ['price'] }));
    assert.equal(wrong.status, 400);
    assert.match(wrong.body.error.reason, /field \[price\] is local, and a column's too/);
    const child = await auk.put('/_sync/shop', body({ local_fields: ['reviews.seen', 'rev*'] }));
    assert.equal(child.status, 400);
    const { status, text } = await auk.put('/_sync/shop', body());
    assert.equal(status, 200, text);
    await state('streaming');
  });

  test('are updated by clients, and others are not', async () => {
    const first = await update(1, { views: 5, boost: { red: 1.5 } });
    assert.equal(first.status, 200, first.text);
    assert.equal(first.body.result, 'updated');
    assert.equal(first.body._index, 'products');
    assert.deepEqual(await read(1), { id: 1, name: 'product 1', price: 1, shelf: 'a', reviews: [{ id: 1, product_id: 1,
      words: 'words 1' }], views: 5, boost: { red: 1.5 } });
    const found = await auk.post('/products/_search', { query: { range: { views: { gte: 5 } } } });
    assert.equal(found.body.hits.total.value, 1, 'it is searched at once');
    assert.equal((await update(1, { views: 5 })).body.result, 'noop');
    assert.equal((await update(1, { boost: { blue: 2 } }, 'products', { _source: true })).status, 200);
    assert.deepEqual((await read(1)).boost, { red: 1.5, blue: 2 });
    const guarded = (await auk.get('/products/_doc/1')).body;
    const guard = `if_seq_no=${guarded._seq_no}&if_primary_term=${guarded._primary_term}`;
    assert.equal((await auk.post(`/products/_update/1?${guard}`, { doc: { views: 6 } })).status, 200);
    assert.equal((await auk.post(`/products/_update/1?${guard}`, { doc: { views: 7 } })).status, 409);
    assert.equal((await auk.post('/products/_update/1?_source=true', { doc: { views: 6 }, detect_noop: false }))
      .body.get._source.views, 6);

    for (const [method, path, sent] of [
      ['post', '/products/_update/1', { doc: { name: 'mine' } }], ['post', '/products/_update/1', { doc: { boost: 3 } }],
      ['post', '/products/_update/1', { doc: { views: 1, reviews: [] } }], ['put', '/products/_doc/1', { views: 1 }],
      ['put', '/products/_create/999', { views: 1 }], ['delete', '/products/_doc/1'],
      ['post', '/products/_update/999', { doc: { views: 1 }, doc_as_upsert: true }],
      ['post', '/products/_update/999', { doc: { views: 1 }, upsert: { views: 1 } }]]) {
      const { status, body: answer } = await auk[method](path, sent);
      assert.equal(status, 403, `${method} ${path} ${JSON.stringify(answer)}`);
      assert.equal(answer.error.type, 'cluster_block_exception');
      assert.match(JSON.stringify(answer.error), /sync:shop.*views, boost\.\*/);
    }
    assert.equal((await update(999, { views: 1 })).status, 404);
    assert.equal((await update(1, { views: 'many' })).status, 400, 'what the mapping refuses');
    assert.equal((await read(1)).views, 6);
    assert.equal((await auk.post('/products/_delete_by_query', { query: { match_all: {} } })).body.deleted ?? 0, 0);
  });

  test('come in bulks, beside other items', async () => {
    const { body: answer } = await auk.bulk('/_bulk', [
      { update: { _index: 'products', _id: 2 } }, { doc: { views: 1 } },
      { index: { _index: 'free', _id: 1 } }, { a: 1 },
      { update: { _index: 'products', _id: 2 } }, { doc: { views: 2 } },
      { update: { _index: 'products', _id: 3 } }, { doc: { name: 'x' } },
      { index: { _index: 'products', _id: 3 } }, { views: 3 },
      { update: { _index: 'plain', _id: 4 } }, { doc: { note: 'kept' } },
      { update: { _index: 'products', _id: 4000 } }, { doc: { views: 1 } }]);
    assert.deepEqual(answer.items.map((item) => Object.values(item)[0].status), [200, 201, 200, 403, 403, 200, 404]);
    assert.equal(answer.items[2].update._version, answer.items[0].update._version + 1);
    assert.equal((await read(2)).views, 2);
    assert.equal((await read(4, 'plain')).note, 'kept');
  });

  test('are kept when the source writes, and go with the document', async () => {
    await postgres.psql(`UPDATE product SET name = 'renamed' WHERE id = 1; UPDATE review SET words = 'new' WHERE id = 2;
      UPDATE plain SET name = 'renamed' WHERE id = 4`);
    assert.deepEqual([(await read(1)).name, (await read(1)).views], ['renamed', 6]);
    assert.deepEqual([(await read(2)).reviews[0].words, (await read(2)).views], ['new', 2]);
    assert.deepEqual(await read(4, 'plain'), { id: 4, name: 'renamed', note: 'kept' });
    await verified();
    await postgres.psql('DELETE FROM plain WHERE id = 4');
    assert.equal(await read(4, 'plain'), undefined);
    await postgres.psql("INSERT INTO plain VALUES (4, 'again')");
    assert.deepEqual(await read(4, 'plain'), { id: 4, name: 'again' });
  });

  test('are kept while the database is away, the source stands, and after a kill', async () => {
    await auk.post('/_sync/shop/_pause');
    await state('paused');
    assert.equal((await update(5, { views: 50 })).status, 200);
    await auk.restart('SIGKILL');
    assert.equal((await update(6, { views: 60 })).status, 200);
    assert.equal((await auk.get('/products/_doc/5')).body._source.views, 50);
    await auk.restart('SIGKILL');
    assert.equal((await auk.get('/products/_doc/6')).body._source.views, 60);
    await postgres.psql("UPDATE product SET name = 'met' WHERE id IN (5, 6)");
    await auk.post('/_sync/shop/_resume');
    await state('streaming');
    for (const id of [5, 6]) assert.deepEqual([(await read(id)).name, (await read(id)).views], ['met', id * 10]);
  });

  test('go over into what is read anew, and into what is rebuilt', async () => {
    await update(7, { views: 70 });
    await postgres.psql('DELETE FROM review WHERE product_id = 8');
    await update(8, { views: 80 });
    // A document that goes while nobody looks takes its values along, also when its id comes back later.
    await auk.post('/_sync/shop/_pause');
    await state('paused');
    await eventually(() => postgres.query("SELECT pg_drop_replication_slot('auk_shop')"), PATIENCE_MS);
    await postgres.psql('DELETE FROM product WHERE id = 8');
    await auk.post('/_sync/shop/_resume');
    await state('lost');
    await auk.post('/_sync/shop/_resync');
    await eventually(async () => assert.notEqual((await auk.get('/_sync/shop')).body.state, 'lost'), PATIENCE_MS);
    await state('streaming');
    assert.deepEqual([(await read(7)).views, (await read(5)).views], [70, 50]);
    assert.equal(await read(8), undefined);
    await postgres.psql("INSERT INTO product VALUES (8, 'again', 8)");
    assert.equal((await read(8)).views, undefined);
    assert.equal((await update(7, { views: 71 })).status, 200);

    const rebuilt = await auk.post('/products/_rebuild', { mappings: { properties: { name: { type: 'keyword' } } } });
    assert.equal(rebuilt.status, 200, rebuilt.text);
    assert.equal((await read(7)).views, 71);
    assert.equal((await update(7, { views: 72 })).status, 200);
    await postgres.psql("UPDATE product SET name = 'after a rebuild' WHERE id = 7");
    assert.deepEqual([(await read(7)).name, (await read(7)).views], ['after a rebuild', 72]);
    await auk.restart();
    await state('streaming');
    await postgres.psql("UPDATE product SET name = 'and a restart' WHERE id = 7");
    assert.deepEqual([(await read(7)).name, (await read(7)).views], ['and a restart', 72]);
    assert.equal((await update(7, { views: 73 })).status, 200);
    assert.equal((await read(7)).views, 73);
    await verified();
  });

  test('may be declared later; a column that comes under their name stays out', async () => {
    assert.equal((await update(9, { stars: 1 })).status, 403);
    const { status, text } = await auk.put('/_sync/shop', body({ local_fields: ['views', 'boost.*', 'stars'] }));
    assert.equal(status, 200, text);
    await state('streaming');
    assert.equal((await update(9, { stars: 1 })).status, 200);
    await postgres.psql("ALTER TABLE product ADD stars text DEFAULT 'many'; UPDATE product SET name = 'n' WHERE id = 9");
    assert.deepEqual([(await read(9)).name, (await read(9)).stars], ['n', 1]);
    assert.equal((await auk.get('/_sync/shop')).body.counts.dead_letters, 0);
  });

  // Clients and the source write the same documents, the program is killed, all is read anew: what was acknowledged is
  // there at the end, whoever said it.
  test('neither side loses what it wrote', async () => {
    const dice = random(Number(process.env.AUK_TEST_SEED ?? 11));
    const rounds = process.env.AUK_TEST_FAULTS === 'few' ? 2 : 3;
    const views = new Map(), doubtful = new Map(), prices = new Map();
    let running = true, count = 0;
    const any = () => 20 + Math.floor(dice() * 30);
    const client = async (own) => {
      while (running) {
        const id = own + 4 * Math.floor(any() / 4), value = ++count;
        doubtful.set(id, [...(doubtful.get(id) ?? []), value]);
        try {
          const answer = dice() < 0.5 ? await update(id, { views: value })
            : await auk.bulk('/_bulk', [{ update: { _index: 'products', _id: id } }, { doc: { views: value } }]);
          if (answer.status === 200 && !answer.body.errors) {
            views.set(id, value);
            doubtful.set(id, []);
          }
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    const database = async () => {
      while (running) {
        const id = any(), value = ++count;
        await postgres.query('UPDATE product SET price = $1 WHERE id = $2', [value, id]);
        prices.set(id, value);
      }
    };
    const workers = [0, 1, 2, 3].map(client).concat(database());
    try {
      for (let round = 0; round < rounds; round++) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        if (round % 2 === 0) await auk.restart('SIGKILL');
        await state('streaming');
        await auk.post('/_sync/shop/_resync');
        await eventually(async () => assert.notEqual((await auk.get('/_sync/shop')).body.state, 'streaming'), PATIENCE_MS)
          .catch(() => {});
        await state('streaming');
      }
    } finally {
      running = false;
      await Promise.all(workers);
    }
    await applied().then((lsn) => auk.get(`/products/_count?${lsn}`));
    for (const [id, price] of prices) assert.equal((await read(id)).price, price, `price of ${id}`);
    for (const [id, value] of views) {
      const shown = (await read(id)).views;
      assert.ok([value, ...doubtful.get(id)].includes(shown), `views of ${id}: ${shown}, acknowledged ${value}`);
    }
    await verified();
    assert.equal((await auk.get('/_sync/shop')).body.counts.dead_letters, 0);
    assert.equal((await auk.delete('/_sync/shop')).status, 200);
    assert.equal((await auk.put('/products/_doc/1', { name: 'mine' })).status, 200);
  });
});
