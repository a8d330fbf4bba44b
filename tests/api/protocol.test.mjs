// HTTP as it comes: what other clients, shippers and dashboards send, byte for byte, over plain sockets
// and fetch.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  await server.put('/books', { settings: { number_of_shards: 2 } });
  await server.bulk('/books/_bulk?refresh=true', [
    { index: { _id: '1' } }, { title: 'Emma', year: 1815 },
    { index: { _id: '2' } }, { title: 'Persuasion', year: 1817 },
  ]);
});
after(() => server?.stop());

// Sends bytes on one connection, in the pieces given, and answers with everything that came back until
// `count` answers are there or the server has closed. inTurn: each further piece waits for an answer.
function talk(pieces, { count = 1, timeoutMs = 20000, pauseMs = 0, inTurn = false } = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let bytes = Buffer.alloc(0);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer in time, only: ${bytes}`));
    }, timeoutMs);
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answersOf(bytes));
    };
    socket.on('error', (error) => (bytes.length ? done() : reject(error)));
    socket.on('close', done);
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      if (answersOf(bytes).filter((answer) => answer.complete && answer.status !== 100).length >= count) done();
    });
    (async () => {
      for (const piece of [pieces].flat()) {
        socket.write(piece);
        while (inTurn && bytes.length === 0 && !socket.destroyed) await new Promise((next) => setTimeout(next, 5));
        if (pauseMs) await new Promise((next) => setTimeout(next, pauseMs));
      }
    })();
  });
}

// Splits what came over a connection into answers (with a Content-Length, or without a body).
function answersOf(bytes) {
  const answers = [];
  while (bytes.length) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return [...answers, { complete: false }];
    const [line, ...fields] = bytes.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]));
    const size = Number(headers['content-length'] ?? 0);
    const body = bytes.subarray(end + 4, end + 4 + size);
    answers.push({ status: Number(line.split(' ')[1]), headers, body, complete: body.length === size });
    bytes = bytes.subarray(end + 4 + size);
  }
  return answers;
}

const post = (path, body, headers = {}) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
  Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('') + `\r\n${body}`;

describe('what every answer carries', () => {
  test('the product header, also on text, on creations, on HEAD, on nothing found', async () => {
    for (const [method, path, body] of [
      ['GET', '/'], ['HEAD', '/'], ['HEAD', '/books'], ['HEAD', '/books/_doc/1'], ['PUT', '/made'], ['POST', '/made/_doc', {}],
      ['GET', '/_cat/indices'], ['GET', '/_cat'], ['GET', '/_cluster/health'], ['GET', '/books/_search'], ['GET', '/_count'],
      ['POST', '/books/_refresh'], ['GET', '/metrics'], ['GET', '/_health/live'], ['GET', '/_health/ready'], ['DELETE', '/made'], ['OPTIONS', '/books'],
      ['GET', '/nowhere/_doc/1'], ['GET', '/_nope'],
    ]) {
      const { headers, status } = await server.request(method, path, body);
      assert.ok(status < 500, path);
      assert.equal(headers.get('x-elastic-product'), 'Elasticsearch', `${method} ${path}`);
    }
  });

  test('the media type that was asked for', async () => {
    const type = async (headers, path = '/') => (await fetch(server.url + path, { headers })).headers.get('content-type');
    for (const major of [7, 8, 9]) {
      const vendor = `application/vnd.elasticsearch+json;compatible-with=${major}`;
      assert.equal(await type({ accept: `application/vnd.elasticsearch+json; compatible-with=${major}` }), vendor);
      assert.equal(await type({ accept: `application/vnd.elasticsearch+json;compatible-with=${major}` }), vendor);
      assert.equal(await type({ accept: `application/vnd.elasticsearch+json; compatible-with=${major},text/plain` }), vendor);
      assert.equal(await type({ accept: `application/vnd.elasticsearch+json; compatible-with=${major}`, 'content-type': `application/vnd.elasticsearch+json; compatible-with=${major}` }), vendor);
      const bulk = await server.post('/_bulk', '{"index":{"_index":"media"}}\n{}\n', {
        'content-type': `application/vnd.elasticsearch+x-ndjson; compatible-with=${major}`, accept: `application/vnd.elasticsearch+json; compatible-with=${major}`,
      });
      assert.equal(bulk.status, 200);
      assert.equal(bulk.headers.get('content-type'), vendor);
      const java = await server.post('/_bulk', '{"index":{"_index":"media"}}\n{}\n', { 'content-type': `application/vnd.elasticsearch+json; compatible-with=${major}` });
      assert.equal(java.status, 200);
    }
    assert.equal(await type({}), 'application/json');
    assert.equal(await type({ accept: '*/*' }), 'application/json');
    assert.equal(await type({ accept: 'application/json' }), 'application/json');
    assert.equal(await type({ accept: 'application/yaml' }), 'application/yaml');
    assert.match(await type({ accept: 'application/vnd.elasticsearch+json; compatible-with=8,text/plain' }, '/_cat/indices'), /^text\/plain/);
    assert.match(await type({}, '/_cat/indices'), /^text\/plain/);
    assert.equal(await type({ accept: 'application/json' }, '/_cat/indices'), 'application/json');
  });

  test('X-Opaque-Id and traceparent are echoed or taken', async () => {
    const { headers, status } = await server.get('/', undefined, { 'x-opaque-id': 'abc', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    assert.equal(status, 200);
    assert.equal(headers.get('x-opaque-id'), 'abc');
  });

  test('pretty, human, format and filter_path hold everywhere', async () => {
    for (const path of ['/', '/books', '/books/_search', '/books/_count', '/_cluster/health', '/_cat/indices?format=json', '/books/_doc/1', '/_nodes', '/_stats', '/nowhere']) {
      const join = path.includes('?') ? '&' : '?';
      const pretty = await server.get(`${path}${join}pretty`);
      assert.match(pretty.text, /^[[{]\n {2}/, path);
      assert.ok(pretty.text.endsWith('\n'), path);
      assert.deepEqual(Object.keys(JSON.parse(pretty.text)), Object.keys((await server.get(path)).body));
      if (!path.includes('format')) {
        const yaml = await server.get(`${path}${join}format=yaml`);
        assert.match(yaml.text, /^---\n/, path);
        assert.match(yaml.headers.get('content-type'), /yaml/);
      }
      assert.ok((await server.get(`${path}${join}human&error_trace`)).status < 500, path);
      assert.deepEqual((await server.get(`${path}${join}filter_path=nothing.at.all`)).body,
        path.startsWith('/_cat') ? [] : path === '/nowhere' ? (await server.get(path)).body : {}, path);
    }
  });

  test('HEAD is GET without a body', async () => {
    for (const path of ['/', '/books', '/books/_doc/1', '/books/_source/1', '/_alias/none', '/books/_doc/9', '/nowhere', '/_health/ready']) {
      const [head] = await talk(`HEAD ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      const get = await server.get(path);
      assert.equal(head.status, get.status, path);
    }
    const answers = await talk('HEAD /books HTTP/1.1\r\nHost: x\r\n\r\nGET /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', { count: 99 });
    assert.equal(answers.length >= 1, true);
  });
});

describe('what is wrong is named, with the nearest valid name', () => {
  const rows = [
    ['GET', '/books/_serch', undefined, 400, /no handler found for uri \[\/books\/_serch\]/, /_search/],
    ['GET', '/_cat/indicse', undefined, 400, /\/_cat\/indicse/, /indices/],
    ['GET', '/_cluster/helth', undefined, 400, /\/_cluster\/helth/, /health/],
    ['POST', '/books', {}, 405, /Incorrect HTTP method for uri \[\/books\] and method \[POST\], allowed: \[/, null],
    ['DELETE', '/books/_search', undefined, 405, /Incorrect HTTP method/, null],
    ['GET', '/books/_search?sizee=1', undefined, 400, /unrecognized parameter: \[sizee\] -> did you mean .*\[size\]/, null],
    ['GET', '/_cluster/health?levle=shards', undefined, 400, /\[levle\] -> did you mean .*\[level\]/, null],
    ['GET', '/_search?zzzz=1&yyyy=2', undefined, 400, /unrecognized parameters: \[zzzz\], \[yyyy\]/, null],
    ['PUT', '/new1', { setings: {} }, 400, /setings/, /settings/],
    ['PUT', '/new1', { settings: { number_of_shard: 1 } }, 400, /unknown setting \[index\.number_of_shard\].*number_of_shards/, null],
    ['PUT', '/new1', { settings: { number_of_shards: 'two' } }, 400, /Failed to parse value \[two\] for setting \[index\.number_of_shards\]/, null],
    ['POST', '/books/_search', { qery: {} }, 400, /qery/, /query/],
    ['POST', '/books/_search', { query: { bool: { shuold: [] } } }, 400, /shuold/, /should/],
    ['POST', '/books/_search', { query: { match: { title: { query: 'x', opertor: 'and' } } } }, 400, /opertor/, /operator/],
    ['POST', '/books/_search', { query: { range: { year: { gtee: 1 } } } }, 400, /gtee/, /gte/],
    ['POST', '/books/_search', { query: { match: { a: 'x', b: 'y' } } }, 400, /\[match\] query doesn't support multiple fields, found \[a\] and \[b\]/, null],
    ['POST', '/books/_search', { aggs: { a: { trems: { field: 'year' } } } }, 400, /Unknown aggregation type \[trems\]/, /terms/],
    ['POST', '/books/_search', { size: -1 }, 400, /\[size\] parameter cannot be negative/, null],
    ['POST', '/books/_search', { sort: [{ year: { ordr: 'asc' } }] }, 400, /ordr/, /order/],
    ['POST', '/books/_count', { qery: {} }, 400, /qery/, /query/],
    ['POST', '/books/_update/1', { docs: {} }, 400, /docs/, /doc/],
    ['POST', '/_aliases', { actions: [{ ad: { index: 'books', alias: 'b' } }] }, 400, /ad/, /add/],
    ['POST', '/_analyze', { txt: 'a' }, 400, /txt/, /text/],
    ['POST', '/books/_mget', { idss: [] }, 400, /idss/, /ids/],
    ['POST', '/books/_search', '{"query":{"match_all":{}}', 400, /end-of-input|end of input/i, null],
    ['POST', '/books/_search', '{"size":1,"size":2}', 400, /[Dd]uplicate/, null],
    ['PUT', '/books/_doc/1', '[1]', 400, /./, null],
    ['PUT', '/-bad', undefined, 400, /Invalid index name \[-bad\], must not start with/, null],
  ];
  for (const [method, path, body, status, reason, nearest] of rows)
    test(`${method} ${path} ${body === undefined ? '' : JSON.stringify(body)}`, async () => {
      const answer = await server.request(method, path, body);
      assert.equal(answer.status, status, answer.text);
      const { error } = answer.body;
      assert.equal(answer.body.status ?? status, status);
      const said = typeof error === 'string' ? error : `${error.reason} ${error.caused_by?.reason ?? ''}`;
      assert.match(said, reason);
      if (nearest) assert.match(typeof error === 'string' ? answer.text : `${error.hint} ${said}`, nearest);
      if (typeof error === 'object') assert.ok(error.type && error.root_cause[0].type && error.root_cause[0].reason);
    });
});

describe('bytes on the connection', () => {
  test('gzip in and out', async () => {
    const body = gzipSync(JSON.stringify({ query: { match: { title: 'emma' } } }));
    const answer = await server.post('/books/_search', body, { 'content-encoding': 'gzip' });
    assert.equal(answer.body.hits.total.value, 1);
    const [raw] = await talk('GET /_nodes/stats HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip, deflate\r\n\r\n');
    assert.equal(raw.headers['content-encoding'], 'gzip');
    assert.equal(JSON.parse(gunzipSync(raw.body)).cluster_name, 'auk');
    const broken = await server.post('/books/_search', 'not gzip', { 'content-encoding': 'gzip' });
    assert.equal(broken.status, 400);
    assert.equal((await server.post('/books/_search', '{}', { 'content-encoding': 'br' })).status, 415);
  });

  test('a chunked body, in pieces', async () => {
    const [answer] = await talk([
      'POST /books/_search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      '7\r\n{"query', '\r\n1', '\r\n"\r\n14\r\n:{"term":{"year":181', '\r\n4\r\n5}}}\r\n0\r\n', '\r\n',
    ], { pauseMs: 20 });
    assert.equal(answer.status, 200, String(answer.body));
    assert.equal(JSON.parse(answer.body).hits.total.value, 1);
  });

  test('Expect: 100-continue is answered before the body', async () => {
    const body = '{"title":"Sanditon"}';
    const answers = await talk([
      `PUT /expect/_doc/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`, body,
    ], { inTurn: true });
    assert.deepEqual(answers.map((answer) => answer.status), [100, 201]);
    const [refused] = await talk('PUT /expect/_doc/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999999999999\r\nExpect: 100-continue\r\n\r\n');
    assert.equal(refused.status, 413);
  });

  test('pipelined requests are answered in their order', async () => {
    const requests = Array.from({ length: 20 }, (_, n) =>
      (n % 3 ? `GET /books/_doc/${1 + (n % 2)} HTTP/1.1\r\nHost: x\r\n\r\n` : post('/books/_search', `{"size":0,"min_score":${n}}`, { 'X-Opaque-Id': n })));
    const answers = await talk(requests.join(''), { count: 20 });
    assert.equal(answers.length, 20);
    answers.forEach((answer, n) => {
      assert.equal(answer.status, 200);
      const body = JSON.parse(answer.body);
      if (n % 3) assert.equal(body._id, String(1 + (n % 2)));
      else assert.equal(answer.headers['x-opaque-id'], String(n));
    });
  });

  test('HTTP/1.0, Connection: close, and keep-alive', async () => {
    const [old] = await talk('GET / HTTP/1.0\r\n\r\n');
    assert.equal(old.status, 200);
    const [closing] = await talk('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', { count: 99 });
    assert.equal(closing.headers.connection, 'close');
  });

  test('doubtful framing is refused and the connection closed', async () => {
    for (const request of [
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na',
      'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/2.0\r\nHost: x\r\n\r\n',
      'nonsense\r\n\r\n',
    ]) {
      const answers = await talk(request, { count: 99 });
      assert.equal(answers.length, 1, request);
      assert.ok([400, 501, 505].includes(answers[0].status), `${answers[0].status} ${request}`);
    }
    assert.equal((await server.get('/')).status, 200);
  });

  test('a long request line and many headers have limits with a status of their own', async () => {
    const long = await talk(`GET /books/_search?routing=${'a'.repeat(4000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.equal(long[0].status, 200);
    const tooLong = await talk(`GET /?${'a'.repeat(200000)} HTTP/1.1\r\nHost: x\r\n\r\n`, { count: 99 });
    assert.ok([400, 414, 431].includes(tooLong[0].status));
  });

  test('encoded paths are decoded once', async () => {
    assert.equal((await server.put('/books/_doc/a%2Fb%2520c', { n: 1 })).body._id, 'a/b%20c');
    assert.equal((await server.get('/%62ooks/_doc/1')).status, 200);
    assert.equal((await server.get('/books/_doc/%zz')).status, 400);
    assert.equal((await server.delete('/books/_doc/a%2Fb%2520c?refresh=true')).body.result, 'deleted');
  });
});

describe('other programs', () => {
  test('bulk answers are compact, took, errors, items in this order', async () => {
    const { text } = await server.bulk('/_bulk', [{ index: { _index: 'order', _id: '1' } }, { n: 1 }]);
    assert.match(text, /^\{"took":\d+,"errors":false,"items":\[\{"index":\{"_index":"order","_id":"1","_version":1,"result":"created",/);
    const failed = await server.bulk('/_bulk', [{ create: { _index: 'order', _id: '1' } }, { n: 1 }]);
    assert.match(failed.text, /^\{"took":\d+,"errors":true,"items":\[\{"create":\{"_index":"order","_id":"1","status":409,"error":\{"type":"version_conflict_engine_exception",/);
  });

  test('searchkit: _msearch as application/json', async () => {
    const body = '{"index":"books"}\n{"query":{"bool":{"must":[{"multi_match":{"query":"emma","fields":["title^2"]}}]}},"size":10,"aggs":{"year":{"terms":{"field":"year","size":10}}},"from":0}\n';
    const { status, body: answer } = await server.post('/_msearch', body, { accept: 'application/json', authorization: 'ApiKey abc' });
    assert.equal(status, 200);
    assert.equal(answer.responses[0].status, 200);
    assert.equal(answer.responses[0].hits.total.value, 1);
    assert.deepEqual(answer.responses[0].aggregations.year.buckets, [{ key: 1815, doc_count: 1 }]);
    const empty = await server.post('/_msearch', '{"index":"none*"}\n{"aggs":{"year":{"terms":{"field":"year"}}}}\n');
    assert.deepEqual(empty.body.responses[0].hits.hits, []);
  });

  test('Fluent Bit: gzip, create, _type:_doc, with a slash behind _bulk', async () => {
    const lines = '{"create":{"_index":"logs-1","_type":"_doc"}}\n{"@timestamp":"2024-05-06T07:08:09.123Z","log":"hello"}\n'.repeat(3);
    const headers = { 'content-type': 'application/x-ndjson', 'user-agent': 'Fluent-Bit', 'content-encoding': 'gzip' };
    for (const path of ['/_bulk', '/_bulk/', '/_bulk/?pipeline=_none']) {
      const { status, text } = await server.post(path, gzipSync(lines), headers);
      assert.equal(status, 200, text);
      assert.match(text, /"errors":false,"items":\[/);
    }
    assert.equal((await server.post('/logs-1/_refresh')).status, 200);
    assert.equal((await server.get('/logs-1/_count')).body.count, 9);
  });

  test('Vector: asks the version and health first, sends timeout with a bulk', async () => {
    assert.match((await server.get('/')).body.version.number, /^8\./);
    assert.equal((await server.get('/_cluster/health')).status, 200);
    const { text } = await server.post('/_bulk?timeout=60s', '{"create":{"_index":"logs-2"}}\n{"message":"hi"}\n', { 'content-type': 'application/x-ndjson' });
    assert.match(text, /"errors":false/);
    assert.doesNotMatch(text, /"errors":true/);
  });

  test('Logstash: HEAD, root, license, then JSON-typed gzip bulks with its own headers', async () => {
    assert.equal((await server.head('/')).status, 200);
    const root = await server.get('/', undefined, { 'x-elastic-product-origin': 'logstash-output-elasticsearch' });
    assert.equal(root.headers.get('x-elastic-product'), 'Elasticsearch');
    assert.equal(root.body.version.build_flavor, 'default');
    const { license } = (await server.get('/_license')).body;
    assert.equal(license.status, 'active');
    assert.equal(license.type, 'basic');
    const bulk = '{"index":{"_id":null,"_index":"logstash-1","routing":null}}\n{"message":"hi","@version":"1"}\n{"create":{"_index":"logstash-1"}}\n{"message":"ho"}\n';
    const { status, body } = await server.post('/_bulk?filter_path=errors,items.*.error,items.*.status', gzipSync(bulk), {
      'content-encoding': 'gzip', 'x-elastic-event-count': '2', 'x-elastic-uncompressed-request-length': String(bulk.length),
    });
    assert.equal(status, 200);
    assert.deepEqual(body, { errors: false, items: [{ index: { status: 201 } }, { create: { status: 201 } }] });
  });

  test('elasticvue: its table of indices, nodes, shards, statistics, CRLF in bulks', async () => {
    const json = { accept: 'application/json', 'content-type': 'application/json' };
    const indices = await server.get('/_cat/indices/?h=index,health,status,uuid,pri,rep,docs.count,store.size,sc,cd&bytes=b', undefined, json);
    assert.equal(indices.status, 200);
    const row = indices.body.find((one) => one.index === 'books');
    assert.deepEqual(Object.keys(row), ['index', 'health', 'status', 'uuid', 'pri', 'rep', 'docs.count', 'store.size', 'sc', 'cd']);
    assert.equal(row.pri, '2');
    assert.equal(row['docs.count'], '2');
    assert.match(row.cd, /^\d{13}$/);
    for (const path of ['/_cat/nodes?h=ip,id,name,heap.percent,heap.current,heap.max,ram.percent,ram.current,ram.max,node.role,master,cpu,load_1m,load_5m,load_15m,disk.used_percent,disk.used,disk.total,version&full_id=true',
      '/_cat/shards/?h=index,shard,prirep,state,docs,store,ip,node', '/_cluster/health', '/_cluster/stats', '/_nodes', '/_nodes/stats', '/books/_stats', '/_alias', '/_settings', '/books/_settings', '/books/_mapping'])
      assert.equal((await server.get(path, undefined, json)).status, 200, path);
    assert.equal((await server.post('/_search', { size: 0 })).status, 200);
    const bulk = await server.post('/_bulk', '{"index":{"_index":"vue","_id":"1"}}\r\n{"n":1}\r\n{"delete":{"_index":"vue","_id":"1"}}\r\n', { 'content-type': 'application/x-ndjson' });
    assert.deepEqual(bulk.body.items.map((item) => Object.values(item)[0].status), [201, 200]);
  });

  test('opensearch and old clients: plain types, sniffing', async () => {
    for (const path of ['/_nodes/http', '/_nodes/_all/http']) {
      const { nodes } = (await server.get(path)).body;
      assert.match(Object.values(nodes)[0].http.publish_address, /^127\.0\.0\.1:\d+$/);
    }
    assert.equal((await server.get('/_xpack')).status, 200);
  });
});

describe('names of indices', () => {
  before(async () => {
    for (const name of ['log-a', 'log-b', 'log-c']) await server.put(`/${name}/_doc/1?refresh=true`, { name });
    await server.post('/_aliases', { actions: [{ add: { index: 'log-*', alias: 'log' } }] });
  });
  const count = async (name, query = '') => {
    const { status, body } = await server.get(`/${name}/_count${query}`);
    return status === 200 ? body.count : status;
  };

  test('lists, patterns, exclusions, aliases, all', async () => {
    assert.equal(await count('log-a,log-b'), 2);
    assert.equal(await count('log-*'), 3);
    assert.equal(await count('log-*,-log-b'), 2);
    assert.equal(await count('log'), 3);
    assert.equal(await count('l*g'), 3);
    assert.equal(await count('log,log-a'), 3);
    assert.equal(await count('%2A,-log-*,-books', '?ignore_unavailable') >= 0, true);
    assert.equal(await count('_all'), await count('*'));
    assert.equal(await count('log-a,nowhere'), 404);
    assert.equal(await count('log-a,nowhere', '?ignore_unavailable=true'), 1);
    assert.equal(await count('nothing*'), 0);
    assert.equal(await count('nothing*', '?allow_no_indices=false'), 404);
  });

  test('slashes at the end change nothing', async () => {
    for (const path of ['/log-a/', '/log-a/_search/', '/log-a/_mapping/', '/_cat/indices/', '/_cluster/health/', '/log-a/_doc/1/'])
      assert.equal((await server.get(path)).status, 200, path);
  });

  test('one write goes to one index', async () => {
    const several = await server.put('/log/_doc/2', {});
    assert.equal(several.status, 400);
    assert.match(several.body.error.reason, /no write index is defined for alias \[log\]/);
    assert.equal((await server.put('/log-a,log-b/_doc/2', {})).status, 400);
    assert.equal((await server.put('/log-*/_doc/2', {})).status, 400);
  });

  test('several are deleted by their names, not by patterns or aliases', async () => {
    assert.equal((await server.delete('/log')).status, 400);
    const pattern = await server.delete('/log-*'); // as Elasticsearch 8 does by default
    assert.equal(pattern.status, 400);
    assert.match(pattern.body.error.reason, /Wildcard expressions or all indices are not allowed/);
    assert.equal((await server.delete('/log-a,log-nowhere')).status, 404);
    assert.equal(await count('log-*'), 3);
    assert.equal((await server.delete('/log-a,log-b')).status, 200);
    assert.equal((await server.delete('/log-c')).status, 200);
    assert.equal(await count('log-*'), 0);
    assert.equal((await server.delete('/log-a')).status, 404);
  });
});
