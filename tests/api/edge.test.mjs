// Framing: what could be read in two ways is refused and the connection closed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { connectRaw, exchange } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  await server.put('/edge/_doc/1?refresh=true', { n: 1 });
});
after(() => server?.stop());

const document = '{"a":1}';
const post = 'POST /edge/_search HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`;
const query = '{"size":0}';
const hidden = 'GET /_cat/indices HTTP/1.1\r\nHost: a\r\n\r\n';

const doubtful = {
  'two different lengths': `${post}Content-Length: 10\r\nContent-Length: 11\r\n\r\n${query}`,
  'the same length twice': `${post}Content-Length: 10\r\nContent-Length: 10\r\n\r\n${query}`,
  'a list of lengths': `${post}Content-Length: 10, 10\r\n\r\n${query}`,
  'a length with plus': `${post}Content-Length: +10\r\n\r\n${query}`,
  'a negative length': `${post}Content-Length: -10\r\n\r\n${query}`,
  'a hexadecimal length': `${post}Content-Length: 0xa\r\n\r\n${query}`,
  'a length with an underscore': `${post}Content-Length: 1_0\r\n\r\n${query}`,
  'a length with a space inside': `${post}Content-Length: 1 0\r\n\r\n${query}`,
  'a length with a point': `${post}Content-Length: 10.0\r\n\r\n${query}`,
  'an empty length': `${post}Content-Length:\r\n\r\n`,
  'a length past 64 bits': `${post}Content-Length: 18446744073709551626\r\n\r\n${query}`,
  'a length of letters': `${post}Content-Length: ten\r\n\r\n${query}`,
  'length and chunks': `${post}Content-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\na\r\n${query}\r\n0\r\n\r\n`,
  'chunks and length': `${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  'chunked twice': `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunked, chunked': `${post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  'chunked, identity': `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'identity': `${post}Transfer-Encoding: identity\r\nContent-Length: 10\r\n\r\n${query}`,
  'xchunked': `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'chunked in quotes': `${post}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`,
  'chunked with a parameter': `${post}Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n`,
  'chunked with a vertical tab': `${post}Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n`,
  'an empty transfer coding': `${post}Transfer-Encoding:\r\n\r\n0\r\n\r\n`,
  'chunked on HTTP/1.0': 'POST /edge/_search HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'chunk size with 0x': `${chunked}0xa\r\n${query}\r\n0\r\n\r\n`,
  'chunk size with plus': `${chunked}+a\r\n${query}\r\n0\r\n\r\n`,
  'chunk size with minus': `${chunked}-a\r\n${query}\r\n0\r\n\r\n`,
  'chunk size with a leading space': `${chunked} a\r\n${query}\r\n0\r\n\r\n`,
  'chunk size with an underscore': `${chunked}0_a\r\n${query}\r\n0\r\n\r\n`,
  'chunk size past 64 bits': `${chunked}1000000000000000a\r\n${query}\r\n0\r\n\r\n`,
  'an empty chunk size': `${chunked}\r\n${query}\r\n0\r\n\r\n`,
  'chunk size that is no number': `${chunked}g\r\n${query}\r\n0\r\n\r\n`,
  'chunk that is longer than its size': `${chunked}9\r\n${query}\r\n0\r\n\r\n`,
  'chunk that is shorter than its size': `${chunked}b\r\n${query}\r\n0\r\n\r\n`,
  'bare LF after a chunk size': `${chunked}a\n${query}\r\n0\r\n\r\n`,
  'bare LF after a chunk': `${chunked}a\r\n${query}\n0\r\n\r\n`,
  'bare LF after the last chunk': `${chunked}a\r\n${query}\r\n0\n\r\n`,
  'bare LF at the end': `${chunked}a\r\n${query}\r\n0\r\n\n`,
  'bare CR after a chunk size': `${chunked}a\r${query}\r\n0\r\n\r\n`,
  'no CRLF after a chunk': `${chunked}a\r\n${query}0\r\n\r\n`,
  'chunk extension with a bare LF': `${chunked}a;x\n${query}\r\n0\r\n\r\n`,
  'chunk extension with a NUL': `${chunked}a;x=\0\r\n${query}\r\n0\r\n\r\n`,
  'chunk extension without a name': `${chunked}a;=1\r\n${query}\r\n0\r\n\r\n`,
  'chunk extension with LF in quotes': `${chunked}a;x="\n"\r\n${query}\r\n0\r\n\r\n`,
  'trailer without a colon': `${chunked}a\r\n${query}\r\n0\r\nX\r\n\r\n`,
  'trailer with a space before its colon': `${chunked}a\r\n${query}\r\n0\r\nX : 1\r\n\r\n`,
  'folded trailer': `${chunked}a\r\n${query}\r\n0\r\nX: 1\r\n 2\r\n\r\n`,
  'bare LF in a trailer': `${chunked}a\r\n${query}\r\n0\r\nX: 1\nY: 2\r\n\r\n`,
  'NUL in a trailer': `${chunked}a\r\n${query}\r\n0\r\nX: \0\r\n\r\n`,
  'bare LF in the head': 'GET / HTTP/1.1\nHost: a\n\n',
  'bare LF after one header': 'GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n',
  'bare CR in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n',
  'CR CR LF': 'GET / HTTP/1.1\r\nHost: a\r\r\n\r\n',
  'LF CR at the end': 'GET / HTTP/1.1\r\nHost: a\r\n\n\r\n',
  'an empty line before the request': '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'NUL in a header value': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n',
  'NUL in a header name': 'GET / HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n',
  'NUL in Transfer-Encoding': `${post}Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n`,
  'control byte in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\x01b\r\n\r\n',
  'DEL in a header': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n',
  'a folded header': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n',
  'a header folded by a tab': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n',
  'a fold before the first header': 'GET / HTTP/1.1\r\n Host: a\r\n\r\n',
  'an empty header name': 'GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n',
  'a header without a colon': 'GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n',
  'space before a colon': 'GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n',
  'tab before a colon': `${post}Content-Length\t: 10\r\n\r\n${query}`,
  'space in a header name': 'GET / HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n',
  'high byte in a header name': 'GET / HTTP/1.1\r\nHost: a\r\nX\xe9: 1\r\n\r\n',
  'brackets in a header name': 'GET / HTTP/1.1\r\nHost: a\r\n(X): 1\r\n\r\n',
  'no Host': 'GET / HTTP/1.1\r\n\r\n',
  'two Hosts': 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
  'a Host list': 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
  'a Host with a path': 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'a Host with user and at': 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n',
  'another host in the target': 'GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n',
  'version 1.99': 'GET / HTTP/1.99\r\nHost: a\r\n\r\n',
  'version 1.2': 'GET / HTTP/1.2\r\nHost: a\r\n\r\n',
  'version 2.0': 'GET / HTTP/2.0\r\nHost: a\r\n\r\n',
  'version 0.9': 'GET /\r\n\r\n',
  'version in lower case': 'GET / http/1.1\r\nHost: a\r\n\r\n',
  'version with a plus': 'GET / HTTP/1.+1\r\nHost: a\r\n\r\n',
  'version with a space behind': 'GET / HTTP/1.1 \r\nHost: a\r\n\r\n',
  'version with a leading zero': 'GET / HTTP/01.1\r\nHost: a\r\n\r\n',
  'the start of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'two spaces in the request line': 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n',
  'a tab in the request line': 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n',
  'a space in the target': 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n',
  'a space before the method': ' GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'a control byte in the target': 'GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a NUL in the target': 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n',
  'a fragment in the target': 'GET /#a HTTP/1.1\r\nHost: a\r\n\r\n',
  'a target without a slash': 'GET edge HTTP/1.1\r\nHost: a\r\n\r\n',
  'a backslash target': 'GET \\edge HTTP/1.1\r\nHost: a\r\n\r\n',
  'an empty target': 'GET  HTTP/1.1\r\nHost: a\r\n\r\n',
  'a method with a colon': 'GET: / HTTP/1.1\r\nHost: a\r\n\r\n',
  'TLS on a plain port': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  'a broken percent escape': 'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n',
  'a percent escape cut off': 'GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n',
  'UTF-8 in the path that is not': 'GET /%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n',
  'overlong UTF-8 in the path': 'GET /%c0%af HTTP/1.1\r\nHost: a\r\n\r\n',
  'a surrogate in the path': 'GET /%ed%a0%80 HTTP/1.1\r\nHost: a\r\n\r\n',
  'raw bytes that are not UTF-8': 'GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n',
  'UTF-8 in a parameter that is not': 'GET /_cat/indices?h=%ff HTTP/1.1\r\nHost: a\r\n\r\n',
  'a gzip body that is none': `${post}Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n${query}`,
  'two content codings': `${post}Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n${query}`,
};

for (const [name, bytes] of Object.entries(doubtful))
  test(`refused and closed: ${name}`, async () => {
    // what follows the doubtful request must never be taken for a request
    const answers = await exchange(server, bytes + hidden);
    assert.equal(answers.length, 1);
    assert.equal(answers[0].status, 400, answers[0].text);
    assert.equal(answers[0].headers.connection, 'close');
    assert.equal(answers[0].body.status, 400);
    assert.ok(answers[0].body.error.reason && answers[0].body.error.root_cause.length);
  });

test('a doubt in a later request of a connection closes it after the earlier answers', async () => {
  const good = 'GET /edge/_count HTTP/1.1\r\nHost: a\r\n\r\n';
  for (const bad of [doubtful['bare LF in the head'], doubtful['length and chunks'], doubtful['chunk size with 0x']]) {
    const answers = await exchange(server, good + good + bad + hidden);
    assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 400]);
  }
});

test('a body that looks like a request stays a body', async () => {
  const client = await connectRaw(server);
  client.send(`POST /edge/_doc HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`);
  client.send('GET /edge/_count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.equal((await client.answer()).status, 400);
  assert.equal((await client.answer()).body.count, 1);
  assert.equal(await client.ended(), 0);
});

test('a GET and a HEAD with a body take the body off the wire', async () => {
  const client = await connectRaw(server);
  const head = 'Host: a\r\nContent-Type: application/json\r\n';
  client.send(`GET /edge/_search HTTP/1.1\r\n${head}Content-Length: 10\r\n\r\n${query}`);
  client.send(`HEAD /edge HTTP/1.1\r\n${head}Content-Length: ${hidden.length}\r\n\r\n${hidden}`);
  client.send(`GET /edge/_search HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\na\r\n${query}\r\n0\r\n\r\n`);
  assert.deepEqual((await client.answer()).body.hits.hits, []);
  const headed = await client.answer({ method: 'HEAD' });
  assert.ok(headed.status === 200 || headed.status === 400);
  assert.deepEqual((await client.answer()).body.hits.hits, []);
  client.destroy();
});

const legal = {
  'one chunk': `a\r\n${query}\r\n0\r\n\r\n`,
  'many chunks': [...query].map((byte) => `1\r\n${byte}\r\n`).join('') + '0\r\n\r\n',
  'leading zeros': `000a\r\n${query}\r\n000\r\n\r\n`,
  'upper case size': `A\r\n${query}\r\n0\r\n\r\n`,
  'extension': `a;name\r\n${query}\r\n0\r\n\r\n`,
  'extension with a value': `a;name=value\r\n${query}\r\n0;last=yes\r\n\r\n`,
  'extension in quotes': `a;name="a \\" ; value"\r\n${query}\r\n0\r\n\r\n`,
  'several extensions with space': `a ; one = 1 ; two="2"\r\n${query}\r\n0\r\n\r\n`,
  'trailers': `a\r\n${query}\r\n0\r\nX-Sum: 1\r\nY:2\r\n\r\n`,
};

for (const [name, body] of Object.entries(legal))
  test(`legal chunks are taken: ${name}`, async () => {
    const client = await connectRaw(server);
    for (const pace of [(body.length >> 1) + 1, 1]) {
      client.send(chunked);
      for (let i = 0; i < body.length; i += pace) client.send(body.slice(i, i + pace));
      const answer = await client.answer();
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.hits.total.value, 1);
    }
    client.destroy();
  });

test('trailers do not change the request', async () => {
  const client = await connectRaw(server);
  client.send(`${chunked}a\r\n${query}\r\n0\r\nContent-Length: 4\r\nConnection: close\r\nHost: b\r\n\r\n`);
  client.send('GET /edge/_count HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await client.answer()).status, 200);
  assert.equal((await client.answer()).body.count, 1);
  client.destroy();
});

test('an absolute target, HTTP/1.0 and unusual case are taken', async () => {
  const client = await connectRaw(server);
  client.send('GET http://a:1/edge/_count HTTP/1.1\r\nhOST: A:1\r\n\r\n');
  assert.equal((await client.answer()).body.count, 1);
  client.send('GET /edge/_count HTTP/1.0\r\nCONNECTION: Keep-Alive\r\n\r\n');
  assert.equal((await client.answer()).headers.connection, 'keep-alive');
  client.send('GET /edge/_count HTTP/1.0\r\n\r\n');
  assert.equal((await client.answer()).headers.connection, 'close');
  assert.equal(await client.ended(), 0);
});

test('an unknown method is refused with what is allowed, and closed', async () => {
  const [answer] = await exchange(server, `TRACE / HTTP/1.1\r\nHost: a\r\n\r\n${hidden}`);
  assert.equal(answer.status, 405);
  assert.match(answer.headers.allow, /GET, HEAD/);
});

test('an unknown expectation and an unknown coding are refused by name', async () => {
  assert.equal((await exchange(server, `${post}Expect: 200-ok\r\nContent-Length: 10\r\n\r\n${query}`))[0].status, 417);
  assert.equal((await exchange(server, `${post}Content-Encoding: br\r\nContent-Length: 10\r\n\r\n${query}`))[0].status, 415);
});

test('100 pipelined requests are answered in order', async () => {
  const client = await connectRaw(server);
  let bytes = '';
  for (let i = 0; i < 100; i++) {
    const body = `{"size":0,"from":${i % 7}}`;
    bytes += i % 3
      ? `GET /edge/_doc/${i} HTTP/1.1\r\nHost: a\r\nX-Opaque-Id: ${i}\r\n\r\n`
      : `${post}X-Opaque-Id: ${i}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  }
  client.send(bytes);
  for (let i = 0; i < 100; i++) {
    const answer = await client.answer();
    assert.equal(answer.headers['x-opaque-id'], String(i));
    assert.equal(answer.status, i % 3 && i !== 1 ? 404 : 200);
  }
  client.destroy();
});

test('a pipelined request behind Connection: close is not run', async () => {
  const answers = await exchange(server,
    'GET /edge/_count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nDELETE /edge HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal(answers.length, 1);
  assert.equal((await server.get('/edge/_count')).body.count, 1);
});

test('a client that hangs up in the middle of anything does no harm', async () => {
  const whole = `${chunked}a\r\n${query}\r\n0\r\n\r\n`;
  for (let i = 1; i < whole.length; i += 7) {
    const client = await connectRaw(server);
    client.send(whole.slice(0, i));
    if (i % 2) client.socket.resetAndDestroy();
    else client.socket.end();
  }
  assert.equal((await server.get('/edge/_count')).body.count, 1);
});

test('an answer echoes nothing that could end a header', async () => {
  const client = await connectRaw(server);
  client.send('GET /edge/_doc/%0d%0aX-Bad:%201 HTTP/1.1\r\nHost: a\r\nX-Opaque-Id: ok\r\n\r\n');
  const answer = await client.answer();
  assert.equal(answer.status, 404);
  assert.equal(answer.headers['x-bad'], undefined);
  assert.equal(answer.body._id, '\r\nX-Bad: 1');
  client.send(`PUT /edge/_doc/%0d%0aX-Bad:%201 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${document.length}\r\n\r\n${document}`);
  const put = await client.answer();
  assert.equal(put.status, 201);
  assert.equal(put.headers['x-bad'], undefined);
  client.destroy();
});

test('a gzip body may come in chunks and in members', async () => {
  const packed = Buffer.concat([gzipSync('{"si'), gzipSync('ze":0}')]);
  const client = await connectRaw(server);
  client.send(`${post}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`);
  for (const byte of packed) client.send(Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]));
  client.send('0\r\n\r\n');
  assert.equal((await client.answer()).status, 200);
  client.send(`${post}Content-Encoding: gzip\r\nContent-Length: ${packed.length - 3}\r\n\r\n`);
  client.send(packed.subarray(0, packed.length - 3));
  assert.equal((await client.answer()).status, 400);
  await client.ended();
});
