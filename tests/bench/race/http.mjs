// Auk beside OpenSearch over HTTP: the same bulk bodies, then the same searches at 1, 4 and 16 connections.
// Both serve on loopback, one at a time, on all cores, which the client (bench_load, in C) shares with them.
// No query cache; one shard, merged to one segment before the searches, which go on in one order.
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { reason } from './sides.mjs';
import { fetchJars, here, lastLine, newestJava, root, run } from './tools.mjs';
import { toDsl } from './syntax.mjs';

const BULK_DOCUMENTS = 1000;
const SENDERS = 2;
const CONNECTIONS = [1, 4, 16];
const TURNS = 2;

// ---- the two servers: a process, its first line, how its port is read from it ----

function aukServer(work) {
  const data = path.join(work, 'http-auk');
  return {
    name: 'auk', data, argv: [path.join(root, 'build/release/server/cli/auk'), 'serve', '--data', data, '--http', '127.0.0.1:0'],
    read: (line) => ({ port: /:(\d+) /.exec(line)?.[1], version: '' }), settings: {},
  };
}

function opensearchServer(work) {
  const java = newestJava();
  if (!java) throw new Error('no JDK found under /usr/lib/jvm');
  const jars = fetchJars(path.join(here, 'opensearch/pom.xml'), path.join(work, 'opensearch-lib'));
  const classes = path.join(work, 'opensearch-classes');
  mkdirSync(classes, { recursive: true });
  run(path.join(java.bin, 'javac'), ['-cp', `${jars}/*`, '-d', classes, path.join(here, 'opensearch/RaceNode.java')]);
  const data = path.join(work, 'http-opensearch');
  return {
    name: 'opensearch', data, runtime: java.version,
    argv: [path.join(java.bin, 'java'), '-Xms1g', '-Xmx1g', '--add-modules', 'jdk.incubator.vector',
      '--enable-native-access=ALL-UNNAMED', '-cp', `${classes}:${jars}/*`, 'RaceNode', data],
    read: (line) => {
      const [, version, port] = /^ready (\S+) (\d+)$/.exec(line) ?? [];
      return { port, version };
    },
    settings: { 'index.queries.cache.enabled': false, number_of_replicas: 0 },
  };
}

async function start(server, work) {
  rmSync(server.data, { recursive: true, force: true });
  mkdirSync(server.data, { recursive: true });
  const log = openSync(path.join(work, `http-${server.name}.log`), 'w');
  const child = spawn(server.argv[0], server.argv.slice(1), { stdio: ['pipe', 'pipe', log] });
  const last = () => child.kill('SIGKILL');
  process.once('exit', last);
  for await (const line of createInterface({ input: child.stdout })) {
    const { port, version } = server.read(line);
    if (!port) continue;
    const stop = async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      child.kill('SIGTERM');
      await ended;
      process.off('exit', last);
      rmSync(server.data, { recursive: true, force: true });
    };
    child.stdout.resume();
    return { pid: child.pid, port: Number(port), version, stop };
  }
  throw new Error(`error: ${server.name} ended before it was ready, see ${path.join(work, `http-${server.name}.log`)}`);
}

// ---- requests ----

function client(port) {
  const agent = new http.Agent({ keepAlive: true });
  return (method, target, body, type = 'application/json') => new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': type, 'content-length': Buffer.byteLength(body) } : {};
    const request = http.request({ agent, host: '127.0.0.1', port, method, path: target, headers }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk)).on('error', reject).on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode >= 400) reject(new Error(`error: ${method} ${target}: ${text.slice(0, 300)}`));
        else resolve(text);
      });
    });
    request.on('error', reject).end(body);
  });
}

// Bodies are made once, ahead of both servers and of the clock: the two share their cores with the client,
// whose work would be a larger part of the faster one's time.
async function makeBodies(corpus, file) {
  const out = createWriteStream(file);
  const bodies = [];
  let lines = [], number = 0, start = 0;
  const add = async () => {
    const bytes = Buffer.from(lines.join(''));
    bodies.push({ start, size: bytes.length, documents: lines.length });
    start += bytes.length;
    lines = [];
    if (!out.write(bytes)) await once(out, 'drain');
  };
  for await (const line of createInterface({ input: createReadStream(corpus) })) {
    lines.push(`{"index":{"_id":"${number++}"}}\n${line}\n`);
    if (lines.length === BULK_DOCUMENTS) await add();
  }
  if (lines.length) await add();
  out.end();
  await once(out, 'finish');
  return { file, bodies };
}

// Taken by the senders one after the other, so that both servers meet the same ones.
async function bulk(call, { file, bodies }) {
  const from = await open(file);
  let next = 0, documents = 0;
  const begin = Date.now();
  const sender = async () => {
    while (next < bodies.length) {
      const body = bodies[next++];
      const bytes = Buffer.allocUnsafe(body.size);
      await from.read(bytes, 0, body.size, body.start);
      const answer = await call('POST', '/race/_bulk?filter_path=errors', bytes, 'application/x-ndjson');
      if (!answer.includes('"errors":false')) throw new Error(`error: a bulk was not taken: ${answer.slice(0, 200)}`);
      documents += body.documents;
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  await from.close();
  return documents / ((Date.now() - begin) / 1000);
}

function resident(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024;
  return { all: of('VmRSS'), own: of('RssAnon') };
}

// ---- one server's course ----

async function serve(server, { work, corpus, seconds, searches, replay, bulks }) {
  console.error(`${corpus.name}: http, ${server.name}`);
  const running = await start(server, work);
  try {
    const call = client(running.port);
    const mapping = JSON.parse(readFileSync(path.join(here, 'mapping.json'), 'utf8'));
    Object.assign(mapping.settings, server.settings);
    await call('PUT', '/race', JSON.stringify(mapping));
    const bulkRate = await bulk(call, bulks);
    await call('POST', '/race/_refresh');
    await call('POST', '/race/_flush');
    await call('POST', '/race/_forcemerge?max_num_segments=1');
    await call('POST', '/race/_refresh');
    const counts = [];
    for (const body of searches) counts.push(JSON.parse(await call('POST', '/race/_search', JSON.stringify({ ...body, track_total_hits: true }))).hits.total.value);
    const load = (connections, time) => lastLine(run(path.join(root, 'build/release/tests/bench/bench_load'),
      [String(running.port), String(connections), String(time), '1', 'replay', replay]));
    load(4, 2 * seconds); // warm
    const steps = {};
    for (let turn = 0; turn < TURNS; turn++)
      for (const connections of CONNECTIONS) {
        const got = load(connections, seconds);
        if (got.errors + got.lost + got.refused > 0) throw new Error(`error: ${server.name} failed ${got.errors} searches, refused ${got.refused}, lost ${got.lost} connections`);
        const before = steps[connections];
        if (!before || got.answers_per_second > before.answers_per_second) steps[connections] = got;
      }
    return { name: server.name, version: running.version, runtime: server.runtime, bulkRate, steps, resident: resident(running.pid), counts };
  } finally {
    await running.stop();
  }
}

export async function raceHttp({ work, corpus, seconds }) {
  const searches = readFileSync(corpus.queries, 'utf8').trim().split('\n')
    .map((line, i) => ({ at: (i * 7919) % 100003, body: { query: toDsl(JSON.parse(line).query, 'body'), size: 10 } }))
    .sort((a, b) => a.at - b.at).map(({ body }) => body);
  const replay = path.join(work, 'http-searches.txt');
  writeFileSync(replay, searches.map((body) => `/race/_search ${JSON.stringify(body)}\n`).join(''));
  const bulks = await makeBodies(corpus.file, path.join(work, 'http-bulks.ndjson'));
  const missing = [];
  const sides = [];
  for (const make of [aukServer, opensearchServer])
    try {
      sides.push(await serve(make(work), { work, corpus, seconds, searches, replay, bulks }));
    } catch (error) {
      if (make === aukServer) throw error;
      missing.push(`opensearch: ${reason(error)}`);
    }
  rmSync(bulks.file);
  const [auk, other] = sides;
  const differences = other ? auk.counts.filter((count, i) => count !== other.counts[i]).length : 0;
  for (const side of sides) delete side.counts;
  return { corpus: corpus.name, searches: searches.length, seconds, sides, differences, missing };
}
