// Rebuilds under fire, held to an oracle. Writers, each with ids of its own, index, update, delete, send bulks,
// external versions and optimistic concurrency through the alias and know what every document must be. Meanwhile
// rebuilds with other mappings and shards begin, are cancelled, rolled back, promoted again, and the server is
// killed and started. After every switch the alias must hold exactly the oracle's documents with their versions;
// at every moment a search must see all documents that nobody changes.
// AUK_SOAK_SEED, AUK_SOAK_ROUNDS choose other and longer runs.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../support/server.mjs';

const SEED = Number(process.env.AUK_SOAK_SEED ?? 11);
const ROUNDS = Number(process.env.AUK_SOAK_ROUNDS ?? 20);
const WRITERS = 4;
const OWN_IDS = 1500; // of a writer; about five in six of them exist
const CONSTANT = 50, ODD = 10;

let state = SEED;
function random(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * limit);
}
const oneOf = (list) => list[random(list.length)];

let server;
after(() => server?.stop());

// id → { source, version }; source null: deleted; version null: not known (a delete was cut off)
const oracle = new Map();
const landed = { copy: 0, catch_up: 0, fence: 0 };
const seen = { kills: 0, cancels: 0, rollbacks: 0, switches: 0, conflicts: 0, writes: 0, searches: 0 };

// ---- writers ----

let paused = false, finished = false, restarting = null;
let failure = null;

function makeSource(id) {
  const source = { id, n: random(1000), title: `w${random(50)} w${random(50)}` };
  if (random(3)) source.tag = String(random(9));
  if (random(20) === 0) source.long = 'x'.repeat(random(4000));
  return source;
}

// A request whose answer the kill may take: null then.
async function attempt(method, path, body, headers) {
  try {
    return await server.request(method, path, body, headers);
  } catch {
    return null;
  }
}

const nextVersion = (known) => (known ? (known.version === null ? null : known.version + 1) : 1);

// After a kill: what of an id's operation is there? It must be the state before or the one after.
async function settle(id, before, next) {
  const { status, body } = await server.get(`/p/_doc/${id}`);
  const is = (want) =>
    want?.source ? status === 200 && JSON.stringify(body._source) === JSON.stringify(want.source) && (want.version === null || body._version === want.version) : status === 404;
  if (is(next) && is(before)) {
    oracle.set(id, { source: next.source, version: body._version ?? null });
  } else if (is(next)) {
    oracle.set(id, { ...next, version: body._version ?? next.version });
  } else {
    assert.ok(is(before), `${id} is neither as before nor as after: ${JSON.stringify([before, next, body])}`);
  }
}

async function settleAll(changes) {
  while (restarting) await restarting;
  for (const [id, next] of changes) await settle(id, oracle.get(id), next);
}

function checkWritten(item, next, what) {
  assert.ok(item.status === 200 || item.status === 201, `${what}: ${JSON.stringify(item)}`);
  if (next.version !== null) assert.equal(item._version, next.version, `${what}: ${JSON.stringify(item)}`);
  else next.version = item._version;
}

function planItem(id) {
  const known = oracle.get(id), there = known?.source;
  const action = oneOf(there ? ['index', 'index', 'update', 'delete'] : ['index', 'create', 'index', 'delete']);
  const version = nextVersion(known);
  if (action === 'delete') return { action, next: { source: null, version } };
  if (action === 'update') {
    const doc = { n: 1000 + random(1000), u: random(1e9) };
    return { action, body: { doc }, next: { source: { ...there, ...doc }, version } };
  }
  const source = makeSource(id);
  return { action, body: source, next: { source, version } };
}

async function writeBulk(ids) {
  const lines = [], changes = [];
  for (const id of ids) {
    const { action, body, next } = planItem(id);
    lines.push(JSON.stringify({ [action]: { _id: id } }));
    if (body) lines.push(JSON.stringify(body));
    changes.push([id, next, action]);
  }
  const answer = await attempt('POST', '/p/_bulk', lines.join('\n') + '\n', { 'content-type': 'application/x-ndjson' });
  if (!answer) return settleAll(changes);
  assert.equal(answer.status, 200, answer.text);
  answer.body.items.forEach((item, at) => {
    const [id, next, action] = changes[at];
    const result = item[action];
    if (action === 'delete' && result.status === 404) result.status = 200;
    checkWritten(result, next, `bulk ${action} ${id}`);
    oracle.set(id, next);
  });
  seen.writes += changes.length;
}

async function writeOne(id, method, path, body, next) {
  const answer = await attempt(method, path, body);
  if (!answer) return settleAll([[id, next]]);
  if (method === 'DELETE' && answer.status === 404) answer.status = 200;
  checkWritten({ ...answer.body, status: answer.status }, next, `${method} ${path}`);
  oracle.set(id, next);
  seen.writes++;
}

async function writePlain(id) {
  const { action, body, next } = planItem(id);
  if (action === 'delete') return writeOne(id, 'DELETE', `/p/_doc/${id}`, undefined, next);
  if (action === 'update') return writeOne(id, 'POST', `/p/_update/${id}`, body, next);
  return writeOne(id, 'PUT', action === 'create' ? `/p/_create/${id}` : `/p/_doc/${id}`, body, next);
}

// A version from outside: a higher one is taken, also over a delete; one that is not higher never is.
async function writeExternal(id) {
  const known = oracle.get(id);
  if (known?.version === null) return writePlain(id);
  const version = (known?.version ?? 0) + 1 + random(5), source = makeSource(id);
  if (known && random(3) === 0) {
    const answer = await attempt('PUT', `/p/_doc/${id}?version_type=external&version=${known.version}`, source);
    if (answer) assert.equal(answer.status, 409, `a version that is not higher: ${id} ${answer.text}`);
    seen.conflicts += answer ? 1 : 0;
    return answer ? undefined : settleAll([[id, known]]);
  }
  return writeOne(id, 'PUT', `/p/_doc/${id}?version_type=external&version=${version}`, source, { source, version });
}

// Read, then write what was read: only a switch in between may say no. A token that is old always fails.
async function writeOptimistic(id) {
  const known = oracle.get(id);
  const read = known?.source ? await attempt('GET', `/p/_doc/${id}`) : null;
  if (!read) return known?.source ? settleAll([[id, known]]) : writePlain(id);
  assert.equal(read.status, 200, `${id} ${read.text} ${JSON.stringify(known)}`);
  const token = `if_seq_no=${read.body._seq_no}&if_primary_term=${read.body._primary_term}`;
  if (random(3) === 0) await writePlain(id);
  const now = oracle.get(id), stale = now !== known;
  const source = makeSource(id), next = { source, version: nextVersion(now) };
  const answer = await attempt('PUT', `/p/_doc/${id}?${token}`, source);
  if (!answer) return settleAll([[id, stale ? now : next]]);
  if (answer.status !== 409) {
    assert.ok(!stale, `a stale token was taken: ${id} ${token} ${answer.text}`);
    checkWritten({ ...answer.body, status: answer.status }, next, `optimistic ${id}`);
    oracle.set(id, next);
    return undefined;
  }
  seen.conflicts++;
  if (stale) return undefined;
  const again = await attempt('GET', `/p/_doc/${id}`);
  if (again) assert.notEqual(again.body._index, read.body._index, `a fresh token was refused: ${id} ${answer.text}`);
  return undefined;
}

async function writer(number) {
  const own = () => `w${number}-${random(OWN_IDS)}`;
  while (!finished) {
    while (restarting) await restarting;
    if (paused) {
      idle.add(number);
      await sleep(5);
      continue;
    }
    idle.delete(number);
    const kind = random(10);
    if (kind < 4) await writeBulk(new Set(Array.from({ length: 1 + random(40) }, own)));
    else if (kind < 7) await writePlain(own());
    else if (kind < 8) await writeExternal(own());
    else await writeOptimistic(own());
  }
}

const idle = new Set();
async function quiesce() {
  paused = true;
  while (idle.size < WRITERS && !failure) await sleep(2);
  if (failure) throw failure;
}
function resume() {
  idle.clear();
  paused = false;
}

// ---- searches never miss what nobody touches ----

async function searcher() {
  while (!finished) {
    while (restarting) await restarting;
    const answer = await attempt('POST', '/p/_search', { query: { term: { constant: true } }, size: 0 });
    if (answer) {
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.body.hits.total.value, CONSTANT, answer.text);
      seen.searches++;
    }
    await sleep(1);
  }
}

// ---- the alias against the oracle ----

async function compare(what) {
  await quiesce();
  await server.post('/p/_refresh');
  const found = new Map();
  for (let from = 0; ; from += 2500) {
    const { body } = await server.post('/p/_search', {
      size: 2500, from, sort: [{ id: 'asc' }], version: true, query: { prefix: { id: 'w' } }, track_total_hits: true,
    });
    for (const hit of body.hits.hits) found.set(hit._id, hit);
    if (body.hits.hits.length < 2500) break;
  }
  let live = 0;
  for (const [id, { source, version }] of oracle) {
    const hit = found.get(id);
    if (!source) {
      assert.ok(!hit, `${what}: ${id} was deleted and is there: ${JSON.stringify(hit)}`);
      continue;
    }
    live++;
    assert.ok(hit, `${what}: ${id} is lost, it should be ${JSON.stringify({ source, version })}`);
    assert.deepEqual(hit._source, source, `${what}: ${id}`);
    if (version !== null) assert.equal(hit._version, version, `${what}: version of ${id}`);
  }
  assert.equal(found.size, live, `${what}: documents that nobody wrote`);
  assert.ok(live >= 4000, `${live} documents`);
  const { body } = await server.get('/p/_count');
  assert.ok(body.count >= 5000 - 1000 && body.count === live + CONSTANT + ODD, `${what}: count ${body.count}`);
  resume();
}

// ---- rebuilds ----

const FIELDS = {
  id: [{ type: 'keyword' }],
  n: [{ type: 'long' }, { type: 'keyword' }, { type: 'integer' }, { type: 'double' }],
  title: [{ type: 'text' }, { type: 'keyword' }, { type: 'text', fields: { raw: { type: 'keyword' } } }],
  tag: [{ type: 'keyword' }, { type: 'long' }, { type: 'text' }],
  constant: [{ type: 'boolean' }],
  odd: [{ type: 'keyword' }],
  u: [{ type: 'long' }],
  long: [{ type: 'keyword', ignore_above: 20 }, { type: 'text' }],
};

function makeBody() {
  const properties = Object.fromEntries(Object.entries(FIELDS).map(([name, list]) => [name, oneOf(list)]));
  const body = { mappings: { properties }, settings: { number_of_shards: 1 + random(3) } };
  if (random(2)) body.max_docs_per_second = 8000 + random(20000);
  // lets all through, but is asked of each document and each operation
  if (random(4) === 0) body.query = { bool: { should: ['id', 'constant', 'odd'].map((field) => ({ exists: { field } })) } };
  return body;
}

async function kill() {
  seen.kills++;
  let release;
  restarting = new Promise((resolve) => (release = resolve));
  await server.restart('SIGKILL');
  restarting = null;
  release();
}

async function ask(path, body) {
  const answer = await server.post(path, body);
  assert.equal(answer.status, 200, `${path} ${answer.text}`);
  return answer.body;
}

async function finish(task, { killAfter = 0, cancelAfter = 0, promote = false } = {}) {
  const from = Date.now();
  for (;;) {
    if (failure) throw failure;
    if (killAfter && Date.now() - from > killAfter) {
      killAfter = 0;
      await kill();
    }
    const { status, body, text } = await server.get(`/_tasks/${task}`);
    assert.equal(status, 200, text);
    if (body.completed) return body;
    if (cancelAfter && Date.now() - from > cancelAfter) {
      cancelAfter = 0;
      await server.post(`/_tasks/${task}/_cancel`);
    }
    if (promote && body.task.status.phase === 'ready') {
      const { status: told } = await server.post('/p/_promote');
      assert.ok(told === 200 || told === 409, `promote answers ${told}`);
      promote = told !== 200;
    }
    await sleep(10);
  }
}

// Mapped as a number, ten documents that nobody changes are refused: the rebuild waits, and is cancelled.
async function roundRefused() {
  const body = makeBody();
  body.mappings.properties.odd = { type: 'long' };
  const { task } = await ask('/p/_rebuild?wait_for_completion=false', body);
  for (let ready = false; !ready; await sleep(10)) {
    const now = (await server.get(`/_tasks/${task}`)).body;
    assert.equal(now.completed, false, JSON.stringify(now));
    ready = now.task.status.phase === 'ready';
  }
  const { body: refused } = await server.get(`/_tasks/${task}/rejected`);
  assert.equal(refused.total, ODD);
  assert.deepEqual(refused.documents.map(({ id }) => id).sort(), Array.from({ length: ODD }, (_, i) => `odd${i}`));
  assert.equal(refused.documents[0].cause.type, 'document_parsing_exception');
  await server.post(`/_tasks/${task}/_cancel`);
  assert.equal((await finish(task)).error.type, 'task_cancelled_exception');
  seen.cancels++;
}

async function roundOf(number) {
  if (number % 7 === 3) return roundRefused();
  const body = makeBody(), cancels = random(5) === 0, manual = random(4) === 0;
  if (manual) body.promote = 'manual';
  const { task } = await ask('/p/_rebuild?wait_for_completion=false', body);
  const end = await finish(task, {
    killAfter: random(3) === 0 ? 1 + random(600) : 0,
    cancelAfter: cancels ? 1 + random(300) : 0,
    promote: manual,
  });
  if (end.error) {
    assert.equal(end.error.type, 'task_cancelled_exception', JSON.stringify(end));
    assert.ok(cancels);
    seen.cancels++;
    return compare(`round ${number}, cancelled`);
  }
  for (const phase of Object.keys(landed)) landed[phase] += end.response.operations[phase];
  seen.switches++;
  await compare(`round ${number}`);
  if (random(2)) return undefined;
  await sleep(random(200));
  if (random(3) === 0) await kill();
  await ask('/p/_rollback');
  seen.rollbacks++;
  await compare(`round ${number}, rolled back`);
  if (random(2)) return undefined;
  await ask('/p/_promote');
  return compare(`round ${number}, promoted again`);
}

async function load() {
  const body = { mappings: { properties: Object.fromEntries(Object.entries(FIELDS).map(([name, list]) => [name, list[0]])) } };
  assert.equal((await server.put('/p', body)).status, 200);
  const lines = [];
  const add = (id, source) => lines.push({ index: { _id: id } }, source);
  for (let i = 0; i < CONSTANT; i++) add(`c${i}`, { constant: true, n: i });
  for (let i = 0; i < ODD; i++) add(`odd${i}`, { odd: 'text' });
  for (let w = 0; w < WRITERS; w++)
    for (let i = 0; i < OWN_IDS; i++) {
      const id = `w${w}-${i}`, source = makeSource(id);
      add(id, source);
      oracle.set(id, { source, version: 1 });
    }
  assert.equal((await server.bulk('/p/_bulk?refresh=true', lines)).body.errors, false);
}

test(`${ROUNDS} rounds of rebuilds lose nothing and invent nothing (seed ${SEED})`, async () => {
  server = await startServer({ memory: '256mb' });
  await load();
  const guard = (work) => work.catch((error) => (failure ??= error));
  const work = [...Array(WRITERS).keys()].map((number) => guard(writer(number)));
  work.push(guard(searcher()));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await sleep(50);
      await roundOf(round);
    }
    await compare('at the end');
  } catch (error) {
    failure ??= error;
  }
  finished = true;
  await Promise.all(work);
  if (failure) throw failure;
  console.log(`# ${JSON.stringify({ ...seen, landed })}`);
  for (const phase of Object.keys(landed)) assert.ok(landed[phase] > 0, `no operation landed during ${phase}`);
});
