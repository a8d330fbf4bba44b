// The official clients, unmodified: handshake, documents, bulk. Each client checks identity, media
// types and shapes in its own way.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { forEachClient } from './each_client.mjs';

// What a rejected call must look like to a client: status, type, reason, and the same in root_cause.
function refused(status, type, reason) {
  return (error) => {
    assert.equal(error.name, 'ResponseError');
    assert.equal(error.statusCode, status);
    assert.equal(error.meta.statusCode, status);
    const { body } = error.meta;
    assert.equal(body.status, status);
    assert.equal(body.error.type, type);
    assert.match(body.error.reason, reason);
    assert.equal(typeof body.error.root_cause[0].type, 'string');
    assert.equal(typeof body.error.root_cause[0].reason, 'string');
    assert.match(error.message, new RegExp(type));
    return true;
  };
}

forEachClient((it) => {
  const { name } = it;

  describe('handshake', () => {
    test('says hello', async () => {
      const info = await it.client.info({}, { meta: true });
      assert.equal(info.body.tagline, 'You Know, for Search');
      assert.equal(info.body.version.build_flavor, 'default');
      assert.match(info.body.version.number, /^8\.19\./);
      assert.equal(info.headers['x-elastic-product'], 'Elasticsearch');
      assert.equal(info.headers['content-type'], `application/vnd.elasticsearch+json;compatible-with=${it.major}`);
      assert.equal(await it.client.ping(), true);
    });

    test('an X-Opaque-Id comes back', async () => {
      const { headers } = await it.client.info({}, { meta: true, opaqueId: 'shop-7' });
      assert.equal(headers['x-opaque-id'], 'shop-7');
    });

    test('a body that is compressed is understood, and an answer may be', async () => {
      const client = it.client.child({ compression: true });
      const index = name('gzip');
      await client.index({ index, id: '1', document: { text: 'sea '.repeat(2000) }, refresh: true });
      const found = await client.search({ index, query: { match: { text: 'sea' } } }, { meta: true });
      assert.equal(found.body.hits.hits[0]._source.text.length, 8000);
      assert.equal(found.headers['content-encoding'], 'gzip');
    });
  });

  describe('documents', () => {
    const index = name('documents');

    test('are written, read, told whether they exist, and deleted', async () => {
      const written = await it.client.index({ index, id: '1', document: { title: 'Emma' }, refresh: true });
      assert.equal(written.result, 'created');
      assert.equal(written._version, 1);
      assert.equal(written.forced_refresh, true);
      assert.equal(written._shards.failed, 0);
      const read = await it.client.get({ index, id: '1' });
      assert.deepEqual(read._source, { title: 'Emma' });
      assert.equal(read.found, true);
      assert.equal(await it.client.exists({ index, id: '1' }), true);
      assert.equal(await it.client.exists({ index, id: '2' }), false);
      assert.equal(await it.client.existsSource({ index, id: '1' }), true);
      assert.deepEqual(await it.client.getSource({ index, id: '1' }), { title: 'Emma' });
      assert.equal((await it.client.delete({ index, id: '1' })).result, 'deleted');
      await assert.rejects(it.client.delete({ index, id: '1' }), (error) => {
        assert.equal(error.statusCode, 404);
        assert.equal(error.meta.body.result, 'not_found');
        return true;
      });
    });

    test('a missing one is 404, a missing index too', async () => {
      await assert.rejects(it.client.get({ index, id: 'none' }), (error) => {
        assert.equal(error.statusCode, 404);
        assert.deepEqual(error.meta.body, { _index: index, _id: 'none', found: false });
        return true;
      });
      const missing = await it.client.get({ index, id: 'none' }, { ignore: [404] });
      assert.equal(missing.found, false);
      await assert.rejects(it.client.get({ index: 'nowhere', id: '1' }),
        refused(404, 'index_not_found_exception', /^no such index \[nowhere\]$/));
    });

    test('create refuses what exists', async () => {
      const first = await it.client.create({ index, id: 'c', document: { n: 1 } });
      assert.equal(first.result, 'created');
      await assert.rejects(it.client.create({ index, id: 'c', document: { n: 2 } }),
        refused(409, 'version_conflict_engine_exception', /^\[c\]: version conflict, document already exists \(current version \[1\]\)$/));
      await assert.rejects(it.client.index({ index, id: 'c', op_type: 'create', document: {} }), { statusCode: 409 });
    });

    test('update: doc, noop, upsert, doc_as_upsert, and what is missing', async () => {
      const { client } = it;
      await client.index({ index, id: 'u', document: { a: 1, deep: { x: 1 } } });
      assert.equal((await client.update({ index, id: 'u', doc: { deep: { y: 2 } } })).result, 'updated');
      assert.deepEqual(await client.getSource({ index, id: 'u' }), { a: 1, deep: { x: 1, y: 2 } });
      const same = await client.update({ index, id: 'u', doc: { a: 1 } });
      assert.equal(same.result, 'noop');
      assert.equal(same._shards.total, 0);
      assert.equal((await client.update({ index, id: 'u', doc: { a: 1 }, detect_noop: false })).result, 'updated');
      assert.equal((await client.update({ index, id: 'u2', doc: { a: 1 }, upsert: { a: 0 } })).result, 'created');
      assert.deepEqual(await client.getSource({ index, id: 'u2' }), { a: 0 });
      assert.equal((await client.update({ index, id: 'u3', doc: { a: 5 }, doc_as_upsert: true })).result, 'created');
      assert.equal((await client.update({ index, id: 'u3', doc: { a: 6 }, doc_as_upsert: true })).result, 'updated');
      const shown = await client.update({ index, id: 'u3', doc: { a: 7 }, _source: true });
      assert.deepEqual(shown.get._source, { a: 7 });
      await assert.rejects(client.update({ index, id: 'none', doc: { a: 1 } }),
        refused(404, 'document_missing_exception', /^\[none\]: document missing$/));
    });

    test('if_seq_no and if_primary_term guard every kind of write', async () => {
      const { client } = it;
      const first = await client.index({ index, id: 'g', document: { n: 1 } });
      const at = { if_seq_no: first._seq_no, if_primary_term: first._primary_term };
      const second = await client.index({ index, id: 'g', document: { n: 2 }, ...at });
      assert.ok(second._seq_no > first._seq_no);
      const stale = refused(409, 'version_conflict_engine_exception', /^\[g\]: version conflict, required seqNo \[\d+\], primary term \[\d+\]\. current document has seqNo \[\d+\] and primary term \[\d+\]$/);
      await assert.rejects(client.index({ index, id: 'g', document: { n: 3 }, ...at }), stale);
      await assert.rejects(client.update({ index, id: 'g', doc: { n: 3 }, ...at }), stale);
      await assert.rejects(client.delete({ index, id: 'g', ...at }), stale);
      const { _seq_no, _primary_term } = await client.get({ index, id: 'g' });
      assert.equal((await client.delete({ index, id: 'g', if_seq_no: _seq_no, if_primary_term: _primary_term })).result, 'deleted');
    });

    test('external versions', async () => {
      const write = (version) => it.client.index({ index, id: 'v', version, version_type: 'external', document: { version } });
      assert.equal((await write(10))._version, 10);
      await assert.rejects(write(10), refused(409, 'version_conflict_engine_exception', /current version \[10\] is higher or equal to the one provided \[10\]/));
      assert.equal((await write(11))._version, 11);
    });

    test('mget, in one index and over several', async () => {
      const other = name('documents-other');
      await it.client.index({ index: other, id: 'o', document: { here: true } });
      const plain = await it.client.mget({ index, ids: ['c', 'none'] });
      assert.deepEqual(plain.docs.map((doc) => doc.found), [true, false]);
      const both = await it.client.mget({
        docs: [{ _index: index, _id: 'c', _source: false }, { _index: other, _id: 'o' }, { _index: 'nowhere', _id: '1' }],
      });
      assert.deepEqual(both.docs[1]._source, { here: true });
      assert.equal(both.docs[0]._source, undefined);
      assert.equal(both.docs[2].error.type, 'index_not_found_exception');
      const filtered = await it.client.mget({ index: other, ids: ['o'], _source_excludes: ['here'] });
      assert.deepEqual(filtered.docs[0]._source, {});
    });
  });

  describe('bulk', () => {
    const index = name('bulk');

    test('says for each action how it went', async () => {
      const answer = await it.client.bulk({
        refresh: true,
        operations: [
          { index: { _index: index, _id: '1' } }, { n: 1 },
          { create: { _index: index, _id: '2' } }, { n: 2 },
          { create: { _index: index, _id: '1' } }, { n: 9 },
          { update: { _index: index, _id: '1' } }, { doc: { n: 10 } },
          { update: { _index: index, _id: '3' } }, { doc: { n: 3 }, doc_as_upsert: true },
          { update: { _index: index, _id: '4' } }, { doc: { n: 4 } },
          { delete: { _index: index, _id: '2' } },
          { delete: { _index: index, _id: 'none' } },
          { index: { _index: index, _id: '5' } }, { n: 'not a number' },
        ],
      });
      assert.equal(answer.errors, true);
      assert.deepEqual(answer.items.map((item) => Object.entries(item).map(([action, { status, result, error }]) =>
        [action, status, result ?? error.type].join(' '))[0]), [
        'index 201 created', 'create 201 created', 'create 409 version_conflict_engine_exception',
        'update 200 updated', 'update 201 created', 'update 404 document_missing_exception',
        'delete 200 deleted', 'delete 404 not_found', 'index 400 document_parsing_exception',
      ]);
      const wrong = answer.items[8].index;
      assert.match(wrong.error.reason, /failed to parse field \[n\] of type \[long\] in document with id '5'/);
      assert.equal(wrong.error.caused_by.type, 'illegal_argument_exception');
      assert.equal((await it.client.count({ index })).count, 2);
    });

    test('the helper loads many, and hands back what was refused', async () => {
      const documents = Array.from({ length: 1200 }, (_, n) => ({ n: n === 700 ? 'seven' : n, text: n % 3 ? 'fizz' : 'buzz' }));
      const dropped = [];
      const into = name('helper');
      const result = await it.client.helpers.bulk({
        datasource: documents,
        flushBytes: 20000,
        retries: 0,
        refreshOnCompletion: into,
        onDocument: (document) => ({ index: { _index: into, _id: String(documents.indexOf(document)) } }),
        onDrop: (drop) => dropped.push(drop),
      });
      assert.equal(result.total, 1200);
      assert.equal(result.successful, 1199);
      assert.equal(result.failed, 1);
      assert.equal(dropped[0].status, 400);
      assert.equal(dropped[0].document.n, 'seven');
      assert.equal((await it.client.count({ index: into })).count, 1199);
    });

    test('the helper updates and deletes', async () => {
      const into = name('helper');
      const result = await it.client.helpers.bulk({
        datasource: [{ id: '1', gone: false }, { id: '2', gone: true }],
        refreshOnCompletion: true,
        onDocument: ({ id, gone }) => (gone
          ? { delete: { _index: into, _id: id } }
          : [{ update: { _index: into, _id: id } }, { doc_as_upsert: true }]),
      });
      assert.equal(result.successful, 2);
      assert.equal((await it.client.count({ index: into })).count, 1198);
    });

    test('with filter_path only the errors come back', async () => {
      const answer = await it.client.bulk({
        index, filter_path: 'errors,items.*.error.type',
        operations: [{ create: { _id: '1' } }, { n: 1 }],
      });
      assert.deepEqual(answer, { errors: true, items: [{ create: { error: { type: 'version_conflict_engine_exception' } } }] });
    });
  });

  describe('forms of an answer', () => {
    const index = name('forms');
    before(() => it.client.index({ index, id: '1', document: { a: 1, b: { c: 2 } }, refresh: true }));

    test('filter_path picks and leaves out', async () => {
      assert.deepEqual(await it.client.search({ index, filter_path: 'hits.hits._source.b' }),
        { hits: { hits: [{ _source: { b: { c: 2 } } }] } });
      const without = await it.client.get({ index, id: '1', filter_path: ['-_source', '-_seq_no'] });
      assert.deepEqual(without, { _index: index, _id: '1', _version: 1, _primary_term: 1, found: true });
    });

    test('yaml instead of JSON', async () => {
      const { body, headers } = await it.client.transport.request(
        { method: 'GET', path: `/${index}/_doc/1`, querystring: { format: 'yaml' } }, { meta: true });
      assert.match(headers['content-type'], /yaml/);
      assert.match(String(body), /^---\n_index: "forms-\d"\n_id: "1"\n/);
    });

    test('human adds readable figures', async () => {
      const plain = await it.client.indices.stats({ index });
      assert.equal(plain._all.total.store.size, undefined);
      const human = await it.client.indices.stats({ index, human: true });
      assert.match(human._all.total.store.size, /^[\d.]+(b|kb)$/);
      assert.equal(typeof human._all.total.store.size_in_bytes, 'number');
    });

    test('error_trace is taken', async () => {
      await assert.rejects(it.client.search({ index: 'nowhere', error_trace: true }),
        refused(404, 'index_not_found_exception', /no such index/));
    });
  });
});
