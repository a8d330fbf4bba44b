// Framing: what could be read in two ways is refused and the connection closed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { chunked, doubtful, hidden, post, query } from '../support/doubtful.mjs';
import { connectRaw, exchange } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer();
  await server.put('/edge/_doc/1?refresh=true', { n: 1 });
});
after(() => server?.stop());

const document = '{"a":1}';
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
