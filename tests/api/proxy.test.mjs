// Behind nginx: whatever a client sends, nginx and the server agree on where a request begins and ends.
// nginx gives each request that it forwards an id and logs which id came back with the answer, so an
// answer to somebody else's request shows itself, also when the client sees nothing of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chunked, doubtful, post, query } from '../support/doubtful.mjs';
import { connectRaw } from '../support/raw.mjs';
import { startServer } from '../support/server.mjs';

const nginx = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx', '/usr/local/nginx/sbin/nginx'].find(existsSync);
const skip = nginx ? false : 'skipped: nginx is not installed';

let server, proxy, child, directory;
const log = () => readFileSync(join(directory, 'access.log'), 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse);

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// One worker and one connection to the server, shared by all clients: the best ground for smugglers.
const configuration = (port) => `
daemon off;
${process.getuid() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${directory}/pid;
error_log ${directory}/error.log;
events { worker_connections 2048; }
http {
  log_format ids escape=json '{"id":"$request_id","back":"$upstream_http_x_opaque_id","upstream":"$upstream_status","status":"$status","line":"$request"}';
  access_log ${directory}/access.log ids;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  upstream auk { server ${new URL(server.url).host}; keepalive 1; }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 100m;
    ignore_invalid_headers off;
    underscores_in_headers on;
    merge_slashes off;
    location / {
      proxy_pass http://auk;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_set_header Connection "";
      proxy_set_header X-Opaque-Id $request_id;
      proxy_read_timeout 5s;
    }
  }
}
`;

async function startNginx() {
  const port = await freePort();
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'nginx.conf'), configuration(port));
  writeFileSync(join(directory, 'access.log'), '');
  child = spawn(nginx, ['-p', directory, '-c', join(directory, 'nginx.conf')], { stdio: ['ignore', 'inherit', 'inherit'] });
  proxy = { url: `http://127.0.0.1:${port}` };
  for (let i = 0; i < 100; i++) {
    try {
      return (await connectRaw(proxy)).destroy();
    } catch {
      await sleep(50);
    }
  }
  throw new Error('nginx does not listen');
}

before(async () => {
  if (skip) return;
  directory = mkdtempSync(join(tmpdir(), 'auk-nginx-'));
  server = await startServer();
  await server.put('/edge/_doc/1?refresh=true', { n: 1 });
  await startNginx();
});
after(async () => {
  if (child) {
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  await server?.stop();
  if (directory) rmSync(directory, { recursive: true, force: true });
});

// All that comes back within a while, or until the end.
async function tell(bytes, patience = 10000) {
  const client = await connectRaw(proxy);
  client.send(bytes);
  await Promise.race([client.ended({ timeoutMs: 10000 }).catch(() => {}), sleep(patience)]);
  const answers = [];
  for (let answer; (answer = client.takeAnswer()); ) answers.push(answer);
  client.destroy();
  return answers;
}

const count = (n) => `GET /edge/_count?filter_path=count HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Number: ${n}\r\n\r\n`;

function agreed() {
  const told = log().filter(({ upstream, back }) => /^\d+$/.test(upstream) && back !== '');
  for (const { id, back, line } of told) assert.equal(back, id, `"${line}" got the answer of another request`);
  assert.ok(told.length > 0);
}

test('a doubtful request is refused by nginx or by us, and the next client gets its own answer', { skip }, async () => {
  let n = 0;
  let refused = 0;
  for (const [name, bytes] of Object.entries(doubtful)) {
    const trap = `PUT /trap${++n} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const before = log().length;
    const answers = await tell(bytes + trap, 120);
    refused += answers.some((answer) => answer.status >= 400);
    const victim = await connectRaw(proxy);
    for (let i = 0; i < 2; i++) victim.send(count(`${n}.${i}`).replace(i ? '' : 'Connection: close\r\n', ''));
    for (let i = 0; i < 2; i++) assert.deepEqual((await victim.answer()).body, { count: 1 }, `after ${name}`);
    victim.destroy();
    // an index was made by whom nginx took for a request of its own, and by nobody else
    const made = (await server.head(`/trap${n}`)).status === 200;
    await sleep(made ? 50 : 0);
    const seen = log().slice(before).some(({ line }) => line.startsWith(`PUT /trap${n} `));
    assert.ok(!made || seen, `${name}: a request was smuggled past nginx`);
  }
  console.log(`# ${n} doubtful requests through nginx: ${refused} refused, the others made whole by nginx`);
  assert.ok(refused > n / 3);
  agreed();
});

test('a body that nginx streams is taken for a body', { skip }, async () => {
  const inner = `PUT /inner HTTP/1.1\r\nHost: a\r\n\r\n`;
  const bodies = [`${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`, `a;x="\\"${'y'.repeat(50)}"\r\n${query}\r\n0\r\nX-Trailer: ${'z'.repeat(50)}\r\n\r\n`, [...inner].map((byte) => `1\r\n${byte}\r\n`).join('') + '0\r\n\r\n'];
  for (const body of bodies) {
    const answers = await tell(`${chunked}${body}${count('chunks')}`);
    assert.ok(answers.length >= 1 && [200, 400].includes(answers[0].status), answers[0]?.text);
    assert.equal((await server.head('/inner')).status, 404);
  }
  const answers = await tell(`${post}Content-Length: ${inner.length}\r\n\r\n${inner}${count('length')}`);
  assert.deepEqual(answers.map((answer) => answer.status), [400, 200]);
  assert.equal((await server.head('/inner')).status, 404);
  agreed();
});

test('a refusal before the body has come does not spoil the connection for others', { skip }, async () => {
  const huge = `POST /edge/_bulk HTTP/1.1\r\nHost: a\r\nContent-Type: text/wrong\r\nContent-Length: 50000000\r\n\r\n`;
  for (let i = 0; i < 5; i++) {
    const attacker = await connectRaw(proxy);
    attacker.send(huge + 'x'.repeat(100000));
    await sleep(20);
    attacker.destroy();
    assert.equal((await tell(count(i)))[0].body.count, 1);
  }
  agreed();
});

test('300 clients through one connection get their own answers', { skip }, async () => {
  const got = await Promise.all(Array.from({ length: 300 }, async (_, i) => {
    const client = await connectRaw(proxy);
    const body = `{"size":0,"from":${i}}`;
    client.send(`${post}X-Ours: ${i}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    client.send(`GET /edge/_doc/${i} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const first = await client.answer();
    const second = await client.answer();
    client.destroy();
    return first.status === 200 && second.body._id === String(i);
  }));
  assert.ok(got.every(Boolean), `${got.filter((fine) => !fine).length} wrong answers`);
  agreed();
});
