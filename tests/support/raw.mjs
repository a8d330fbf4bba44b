// A client that sends exactly the bytes it is told to, for requests that no library would write.
//
//   const client = await connectRaw(server);
//   client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
//   const { status, headers, body } = await client.answer();
//   await client.ended();          // resolves when the server has closed its side
import { connect } from 'node:net';

export class Raw {
  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.closed = false;
    this.waiting = new Set();
    const wake = () => {
      for (const look of [...this.waiting]) look();
    };
    socket.on('data', (data) => {
      this.bytes = this.bytes.length ? Buffer.concat([this.bytes, data]) : data;
      wake();
    });
    socket.on('error', () => {});
    for (const event of ['end', 'close'])
      socket.on(event, () => {
        this.closed = true;
        wake();
      });
  }

  send(bytes) {
    if (!this.socket.destroyed) this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  // Until found() answers something else than undefined.
  until(what, found, timeoutMs) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        settle(value);
      };
      const timer = setTimeout(() => end(reject, new Error(`${what} did not come in ${timeoutMs} ms`)), timeoutMs);
      const look = () => {
        const value = found();
        if (value !== undefined) end(resolve, value);
        else if (this.closed) end(reject, new Error(`closed before ${what}`));
      };
      this.waiting.add(look);
      look();
    });
  }

  takeAnswer(method) {
    const end = this.bytes.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [first, ...lines] = this.bytes.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const size = method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0);
    if (this.bytes.length < end + 4 + size) return undefined;
    const text = this.bytes.subarray(end + 4, end + 4 + size).toString('utf8');
    this.bytes = this.bytes.subarray(end + 4 + size);
    const body = /json/.test(headers['content-type'] ?? '') && text ? JSON.parse(text) : text;
    return { status: Number(first.split(' ')[1]), headers, text, body };
  }

  answer({ timeoutMs = 20000, method = 'GET' } = {}) {
    return this.until('an answer', () => this.takeAnswer(method), timeoutMs);
  }

  // Nothing may follow what was read.
  async ended({ timeoutMs = 10000 } = {}) {
    await this.until('the end', () => (this.closed ? true : undefined), timeoutMs);
    return this.bytes.length;
  }

  destroy() {
    this.socket.destroy();
  }
}

export function connectRaw(server, options = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), ...options });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(new Raw(socket));
    });
  });
}

// Sends bytes, and what comes back until the server closes: [{ status, body }, ...].
export async function exchange(server, bytes, { timeoutMs = 10000 } = {}) {
  const client = await connectRaw(server);
  client.send(bytes);
  try {
    await client.ended({ timeoutMs });
  } finally {
    client.destroy();
  }
  const answers = [];
  for (let answer; (answer = client.takeAnswer()); ) answers.push(answer);
  return answers;
}

// What the kernel says the process holds, in bytes: resident memory of no file.
import { readFileSync } from 'node:fs';
export function anonymousBytes(server) {
  const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
  return Number(status.match(/RssAnon:\s+(\d+) kB/)[1]) * 1024;
}
