// The official clients, unmodified: each checks identity, media types and shapes in its own way.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client as Client8 } from 'elasticsearch8';
import { Client as Client9 } from 'elasticsearch9';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

for (const [major, Client] of [[8, Client8], [9, Client9]]) {
  describe(`@elastic/elasticsearch ${major}`, () => {
    let client;
    const index = `client${major}`;
    before(() => {
      client = new Client({ node: server.url, maxRetries: 0 });
    });
    after(() => client.close());

    test('says hello', async () => {
      assert.equal((await client.info()).tagline, 'You Know, for Search');
      assert.equal(await client.ping(), true);
    });

    test('writes and reads documents', async () => {
      const written = await client.index({ index, id: '1', document: { title: 'Emma' }, refresh: true });
      assert.equal(written.result, 'created');
      assert.deepEqual((await client.get({ index, id: '1' }))._source, { title: 'Emma' });
      assert.equal(await client.exists({ index, id: '2' }), false);
      assert.deepEqual(await client.getSource({ index, id: '1' }), { title: 'Emma' });
      assert.equal((await client.update({ index, id: '1', doc: { year: 1815 } })).result, 'updated');
      await assert.rejects(client.create({ index, id: '1', document: {} }), { statusCode: 409 });
      await assert.rejects(client.get({ index, id: '2' }), { statusCode: 404 });
      const { docs } = await client.mget({ index, ids: ['1', '2'] });
      assert.deepEqual(docs.map((doc) => doc.found), [true, false]);
      assert.equal((await client.delete({ index, id: '1' })).result, 'deleted');
    });

    test('loads a bulk by its helper and finds it again', async () => {
      const documents = Array.from({ length: 1200 }, (_, n) => ({ n, text: n % 3 ? 'fizz' : 'buzz' }));
      const result = await client.helpers.bulk({
        datasource: documents,
        flushBytes: 20000,
        refreshOnCompletion: `${index}-bulk`,
        onDocument: (document) => ({ index: { _index: `${index}-bulk`, _id: String(document.n) } }),
      });
      assert.equal(result.successful, 1200);
      assert.equal(result.failed, 0);
      assert.equal((await client.count({ index: `${index}-bulk` })).count, 1200);
      const found = await client.search({ index: `${index}-bulk`, query: { match: { text: 'buzz' } }, size: 3 });
      assert.equal(found.hits.total.value, 400);
      assert.equal(found.hits.hits.length, 3);
      const searches = await client.msearch({
        searches: [{ index: `${index}-bulk` }, { query: { match_all: {} }, size: 0 }],
      });
      assert.equal(searches.responses[0].hits.total.value, 1200);
    });

    test('scrolls by its helper, and by a point in time', async () => {
      let count = 0;
      for await (const document of client.helpers.scrollDocuments({ index: `${index}-bulk`, size: 500 })) {
        assert.equal(typeof document.n, 'number');
        count++;
      }
      assert.equal(count, 1200);
      const pit = await client.openPointInTime({ index: `${index}-bulk`, keep_alive: '1m' });
      const page = await client.search({ pit: { id: pit.id }, sort: [{ n: 'desc' }], size: 2 });
      assert.deepEqual(page.hits.hits.map((hit) => hit._source.n), [1199, 1198]);
      assert.equal((await client.closePointInTime({ id: page.pit_id })).num_freed, 1);
    });

    test('is told errors in the shape that it knows', async () => {
      await assert.rejects(client.search({ index: 'missing' }), (error) => {
        assert.equal(error.statusCode, 404);
        assert.equal(error.meta.body.error.type, 'index_not_found_exception');
        assert.match(error.message, /no such index \[missing\]/);
        return true;
      });
    });
  });
}
