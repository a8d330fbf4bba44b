// A server of its own for a test file: a free port, a data directory of its own, stopped by its pid
// whatever happens, its log shown when a test failed.
//
//   const server = await startServer();
//   const { status, body } = await server.put('/books/_doc/1', { title: 'Emma' });
//   await server.stop();
//
// parent: the directory in which it makes its own. wrap: words in front of the program, of a command that becomes it
// (exec). AUK_BINARY names the program. Node 22 or later, nothing else.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LOG_LIMIT = 64 * 1024;

export class Server {
  constructor({ memory = '256mb', args = [], env = {}, wrap = [], parent = process.env.AUK_TEST_DIR ?? tmpdir() } = {}) {
    this.options = { memory, args, env, wrap };
    this.directory = mkdtempSync(join(parent, 'auk-test-'));
    this.log = '';
    this.child = null;
    this.atExit = (code) => {
      if (this.child) process.kill(this.child.pid, 'SIGKILL');
      rmSync(this.directory, { recursive: true, force: true });
      if (code !== 0) console.error(`--- the server's log\n${this.log}---`);
    };
    process.on('exit', this.atExit);
  }

  // Resolves when the line that says ready is there; rejects with the log when it does not come.
  async start({ timeoutMs = 30000 } = {}) {
    const binary = process.env.AUK_BINARY;
    if (!binary) throw new Error('AUK_BINARY is not set: the path of the auk program');
    const { memory, args, env, wrap } = this.options;
    const [program, ...before] = [...wrap, binary];
    const child = spawn(
      program,
      [...before, 'serve', '--data', join(this.directory, 'data'), '--http', '127.0.0.1:0', '--memory', memory, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
    );
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        if (this.child === child) this.child = null;
        resolve({ code, signal });
      });
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.log = (this.log + text).slice(-LOG_LIMIT);
    });
    this.url = await new Promise((resolve, reject) => {
      let output = '';
      const timer = setTimeout(() => fail('the server did not become ready'), timeoutMs);
      const fail = (why) => {
        clearTimeout(timer);
        reject(new Error(`${why}\n${output}${this.log}`));
      };
      child.on('error', (error) => fail(error.message));
      child.on('exit', (code, signal) => fail(`the server ended early: ${code ?? signal}`));
      child.stdout.setEncoding('utf8').on('data', (text) => {
        output += text;
        const found = output.match(/http:\/\/127\.0\.0\.1:\d+/);
        if (!found || !output.includes('\n')) return;
        clearTimeout(timer);
        resolve(found[0]);
      });
    });
    return this;
  }

  // Ends the program and leaves the data; answers how it ended.
  async halt(signal = 'SIGTERM') {
    if (!this.child) return null;
    process.kill(this.child.pid, signal);
    return this.ended;
  }

  async restart(signal = 'SIGTERM') {
    await this.halt(signal);
    return this.start();
  }

  async stop() {
    const end = await this.halt();
    process.off('exit', this.atExit);
    process.once('exit', (code) => {
      if (code !== 0) console.error(`--- the server's log\n${this.log}---`);
    });
    rmSync(this.directory, { recursive: true, force: true });
    if (end && end.code !== 0) throw new Error(`the server ended with ${end.code ?? end.signal}\n${this.log}`);
    return end;
  }

  // body: an object (JSON), or a text that is sent as it is. Answers status, headers, text, body.
  async request(method, path, body, headers = {}) {
    const sent = { ...headers };
    let payload;
    if (body !== undefined) {
      payload = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
      sent['content-type'] ??= 'application/json';
    }
    if (body !== undefined && method === 'GET') method = 'POST'; // fetch sends no body with GET
    const response = await fetch(this.url + path, { method, headers: sent, body: payload });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: /json/.test(type) && text ? JSON.parse(text) : text,
    };
  }

  get(path, body, headers) {
    return this.request('GET', path, body, headers);
  }
  head(path) {
    return this.request('HEAD', path);
  }
  put(path, body, headers) {
    return this.request('PUT', path, body, headers);
  }
  post(path, body, headers) {
    return this.request('POST', path, body, headers);
  }
  delete(path, body, headers) {
    return this.request('DELETE', path, body, headers);
  }

  // Actions and documents as lines: server.bulk('/_bulk?refresh', [{ index: {} }, { a: 1 }])
  bulk(path, lines) {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)) + '\n').join('');
    return this.post(path, text, { 'content-type': 'application/x-ndjson' });
  }
}

export function startServer(options) {
  return new Server(options).start();
}
