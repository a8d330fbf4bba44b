import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

test('the root answer has what clients of all majors check', async () => {
  const { status, headers, body } = await server.get('/');
  assert.equal(status, 200);
  assert.equal(headers.get('x-elastic-product'), 'Elasticsearch');
  assert.equal(body.version.number, '8.19.0');
  assert.equal(body.version.build_flavor, 'default');
  assert.equal(body.tagline, 'You Know, for Search');
  assert.match(body.cluster_uuid, /^.{22}$/);
  assert.ok(body.auk.version);
  assert.ok(['portable', 'avx2'].includes(body.auk.kernels));
  for (const name of ['build_type', 'build_hash', 'build_date', 'lucene_version',
    'minimum_wire_compatibility_version', 'minimum_index_compatibility_version'])
    assert.equal(typeof body.version[name], 'string', name);
  assert.equal((await server.head('/')).status, 200);
  assert.equal((await server.get('/_license')).body.license.status, 'active');
});

test('a document is created, replaced, read and deleted', async () => {
  const created = await server.put('/life/_doc/1', { title: 'Emma' });
  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), '/life/_doc/1');
  assert.deepEqual(created.body, {
    _index: 'life', _id: '1', _version: 1, result: 'created',
    _shards: { total: 1, successful: 1, failed: 0 }, _seq_no: 0, _primary_term: 1,
  });
  const updated = await server.put('/life/_doc/1?refresh=true', { title: 'Persuasion' });
  assert.equal(updated.status, 200);
  assert.equal(updated.body.result, 'updated');
  assert.equal(updated.body._version, 2);
  assert.equal(updated.body.forced_refresh, true);
  const read = await server.get('/life/_doc/1');
  assert.deepEqual(read.body, {
    _index: 'life', _id: '1', _version: 2, _seq_no: 1, _primary_term: 1, found: true,
    _source: { title: 'Persuasion' },
  });
  const gone = await server.delete('/life/_doc/1');
  assert.equal(gone.status, 200);
  assert.equal(gone.body.result, 'deleted');
  assert.equal(gone.body._version, 3);
  const again = await server.delete('/life/_doc/1');
  assert.equal(again.status, 404);
  assert.equal(again.body.result, 'not_found');
  const missing = await server.get('/life/_doc/1');
  assert.equal(missing.status, 404);
  assert.deepEqual(missing.body, { _index: 'life', _id: '1', found: false });
});

test('a generated id is in the answer and in the location', async () => {
  const { status, headers, body } = await server.post('/life/_doc', { title: 'Mansfield Park' });
  assert.equal(status, 201);
  assert.match(body._id, /^[A-Za-z0-9_-]{20}$/);
  assert.equal(headers.get('location'), `/life/_doc/${body._id}`);
  assert.equal((await server.get(`/life/_source/${body._id}`)).body.title, 'Mansfield Park');
});

test('ids with slashes, spaces and other scripts come back as they went', async () => {
  for (const id of ['a/b', 'a b', 'ünïcödé', '漢字', '100%', 'a+b', '"quoted"']) {
    const created = await server.put(`/ids/_doc/${encodeURIComponent(id)}`, { id });
    assert.equal(created.status, 201, id);
    assert.equal(created.body._id, id);
    const read = await server.get(`/ids/_doc/${encodeURIComponent(id)}`);
    assert.equal(read.body._source.id, id);
  }
});

test('create refuses an id that exists', async () => {
  assert.equal((await server.put('/create/_create/1', { n: 1 })).status, 201);
  for (const path of ['/create/_create/1', '/create/_doc/1?op_type=create']) {
    const { status, body } = await server.put(path, { n: 2 });
    assert.equal(status, 409);
    assert.equal(body.error.type, 'version_conflict_engine_exception');
    assert.match(body.error.reason, /^\[1\]: version conflict, document already exists/);
  }
});

test('if_seq_no guards a write', async () => {
  const { body } = await server.put('/guard/_doc/1', { n: 1 });
  const at = `if_seq_no=${body._seq_no}&if_primary_term=${body._primary_term}`;
  assert.equal((await server.put(`/guard/_doc/1?${at}`, { n: 2 })).status, 200);
  const stale = await server.put(`/guard/_doc/1?${at}`, { n: 3 });
  assert.equal(stale.status, 409);
  assert.match(stale.body.error.reason, /required seqNo \[0\], primary term \[1\]/);
  assert.equal((await server.delete(`/guard/_doc/1?${at}`)).status, 409);
});

test('external versions only go up', async () => {
  const write = (version, type = 'external') =>
    server.put(`/external/_doc/1?version=${version}&version_type=${type}`, { version });
  assert.equal((await write(5)).body._version, 5);
  assert.equal((await write(5)).status, 409);
  assert.equal((await write(4)).status, 409);
  assert.equal((await write(5, 'external_gte')).status, 200);
  assert.equal((await write(9)).body._version, 9);
  const internal = await server.put('/external/_doc/1?version=10', {});
  assert.equal(internal.status, 400);
  assert.equal(internal.body.error.type, 'action_request_validation_exception');
});

test('an update merges, tells a noop, and can create', async () => {
  await server.put('/update/_doc/1', { a: 1, deep: { x: 1, y: 2 } });
  const changed = await server.post('/update/_update/1?_source=true', { doc: { deep: { y: 3 }, b: [1] } });
  assert.equal(changed.body.result, 'updated');
  assert.deepEqual(changed.body.get._source, { a: 1, deep: { x: 1, y: 3 }, b: [1] });
  const same = await server.post('/update/_update/1', { doc: { a: 1 } });
  assert.equal(same.body.result, 'noop');
  assert.equal(same.body._version, changed.body._version);
  const forced = await server.post('/update/_update/1', { doc: { a: 1 }, detect_noop: false });
  assert.equal(forced.body.result, 'updated');
  const missing = await server.post('/update/_update/2', { doc: { a: 1 } });
  assert.equal(missing.status, 404);
  assert.equal(missing.body.error.type, 'document_missing_exception');
  const upserted = await server.post('/update/_update/2', { doc: { a: 1 }, upsert: { a: 0 } });
  assert.equal(upserted.status, 201);
  assert.deepEqual((await server.get('/update/_source/2')).body, { a: 0 });
  const asUpsert = await server.post('/update/_update/3', { doc: { a: 7 }, doc_as_upsert: true });
  assert.equal(asUpsert.body.result, 'created');
  const unknown = await server.post('/update/_update/3', { dok: {} });
  assert.equal(unknown.status, 400);
});

test('the source can be filtered, and be absent', async () => {
  await server.put('/filter/_doc/1', { a: 1, b: { c: 2, d: 3 } });
  const read = async (query) => (await server.get(`/filter/_doc/1?${query}`)).body._source;
  assert.deepEqual(await read('_source=a'), { a: 1 });
  assert.deepEqual(await read('_source_includes=b.*&_source_excludes=b.d'), { b: { c: 2 } });
  assert.equal(await read('_source=false'), undefined);
  assert.deepEqual((await server.get('/filter/_source/1?_source_excludes=b')).body, { a: 1 });
  assert.equal((await server.head('/filter/_source/1')).status, 200);
  assert.equal((await server.head('/filter/_doc/9')).status, 404);
  const missing = await server.get('/filter/_source/9');
  assert.equal(missing.status, 404);
  assert.equal(missing.body.error.type, 'resource_not_found_exception');
  assert.equal((await server.get('/filter/_doc/1?stored_fields=a')).status, 400);
});

test('_mget tells each document, also those that fail', async () => {
  await server.put('/many/_doc/1', { n: 1 });
  const { body } = await server.post('/many/_mget', { ids: ['1', '2'] });
  assert.deepEqual(body.docs.map((doc) => doc.found), [true, false]);
  const mixed = await server.post('/_mget', {
    docs: [{ _index: 'many', _id: '1', _source: false }, { _index: 'nowhere', _id: '1' }],
  });
  assert.equal(mixed.status, 200);
  assert.equal(mixed.body.docs[0].found, true);
  assert.equal(mixed.body.docs[0]._source, undefined);
  assert.equal(mixed.body.docs[1].error.type, 'index_not_found_exception');
  const empty = await server.post('/many/_mget', { ids: [] });
  assert.equal(empty.status, 400);
  assert.match(empty.body.error.reason, /no documents to get/);
});

test('routing is kept and told', async () => {
  await server.put('/routed', { settings: { number_of_shards: 3 } });
  const { headers } = await server.put('/routed/_doc/1?routing=r', { n: 1 });
  assert.equal(headers.get('location'), '/routed/_doc/1?routing=r');
  assert.equal((await server.get('/routed/_doc/1?routing=r')).body._routing, 'r');
});

test('what is wrong is named, with the nearest valid name', async () => {
  const parameter = await server.put('/wrong/_doc/1?refrsh=true', {});
  assert.equal(parameter.status, 400);
  assert.match(parameter.body.error.reason, /unrecognized parameter: \[refrsh\] -> did you mean \[refresh\]/);
  assert.match((await server.put('/wrong/_doc/1?refresh=maybe', {})).body.error.reason,
    /Unknown value for refresh: \[maybe\]/);
  assert.match((await server.put('/wrong/_doc/1?pipeline=p', {})).body.error.reason,
    /pipeline with id \[p\] does not exist/);
  assert.equal((await server.put('/wrong/_doc/1?wait_for_active_shards=2', {})).status, 400);
  const broken = await server.put('/wrong/_doc/1', '{"n":');
  assert.equal(broken.status, 400);
  assert.equal(broken.body.error.root_cause[0].type, broken.body.error.type);
  assert.equal((await server.put('/wrong/_doc/1')).status, 400);
  const type = await server.put('/wrong/_doc/1', '{}', { 'content-type': 'text/plain' });
  assert.equal(type.status, 406);
  assert.equal((await server.get('/nowhere/_doc/1')).body.error.type, 'index_not_found_exception');
  const alias = await server.put('/wrong/_doc/1?require_alias=true', {});
  assert.equal(alias.status, 404);
});

test('OPTIONS names the methods of a path', async () => {
  const { status, headers } = await server.request('OPTIONS', '/life/_doc/1');
  assert.equal(status, 200);
  assert.equal(headers.get('allow'), 'GET, HEAD, POST, PUT, DELETE');
});

test('writes that wait for a refresh hold up nobody else', async () => {
  await server.put('/patient', { settings: { refresh_interval: '2s' } });
  await server.put('/patient/_doc/0?refresh=wait_for', {}); // the next refresh is two seconds away
  let shown = 0;
  const waiting = Array.from({ length: 8 }, (_, i) =>
    server.put(`/patient/_doc/w${i}?refresh=wait_for`, {}).then((answer) => {
      shown++;
      return answer;
    }));
  assert.equal((await server.put('/patient/_doc/1', {})).status, 201);
  assert.equal(shown, 0);
  for (const { status, body } of await Promise.all(waiting)) {
    assert.equal(status, 201);
    assert.equal(body.forced_refresh, undefined);
  }
  assert.ok((await server.get('/patient/_count')).body.count >= 9);
});

test('without a timer refresh=wait_for refreshes at once, and draining waits for none', async () => {
  await server.put('/manual', { settings: { refresh_interval: '-1' } });
  await server.put('/manual/_doc/1?refresh=wait_for', {});
  assert.equal((await server.get('/manual/_count')).body.count, 1);
  await server.put('/slow', { settings: { refresh_interval: '1h' } });
  const waiting = server.put('/slow/_doc/1?refresh=wait_for', {});
  await server.put('/slow/_doc/2', {});
  await server.restart();
  assert.equal((await waiting).status, 201);
  assert.equal((await server.get('/slow/_count')).body.count, 2);
});

test('documents survive a restart and a kill', async () => {
  await server.put('/kept/_doc/1', { n: 1 });
  await server.restart();
  await server.put('/kept/_doc/2', { n: 2 });
  await server.restart('SIGKILL');
  const { body } = await server.post('/kept/_mget', { ids: ['1', '2'] });
  assert.deepEqual(body.docs.map((doc) => doc._source), [{ n: 1 }, { n: 2 }]);
});
