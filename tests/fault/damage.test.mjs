// Bytes of a data directory are flipped, zeroed, cut, swapped, or a whole file is gone. Then: a server
// refuses with the file's name, or answers as before, or answers an error that names the file; never
// anything else. `auk check` finds it. After `auk check --repair` the directory is clean, and what is
// there is what was there less what the repair said is lost.
//
// AUK_TEST_SEED chooses the damages, AUK_SOAK_ROUNDS makes more of them; a failure prints its seed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { auk, check, copy, documents, random, scratch, serveAt } from '../support/directory.mjs';
import { Server } from '../support/server.mjs';

const soak = Number(process.env.AUK_SOAK_ROUNDS ?? 0);
const seed = Number(process.env.AUK_TEST_SEED ?? 1);
const budgetMs = soak ? Infinity : Number(process.env.AUK_TEST_MS ?? 9000);
const folder = scratch('damage');
const at = (name) => join(folder, name, 'data');
const words = 'the quick brown fox jumps over a lazy dog and salt mines by river stone houses'.split(' ');

// Three bulks with updates and deletes, two flushes: segments with deletions, a journal above them.
async function fill(server) {
  const next = random(7);
  const pick = (list) => list[Math.floor(next() * list.length)];
  await server.put('/books', {
    settings: { number_of_shards: 2 },
    mappings: { properties: { title: { type: 'text' }, n: { type: 'integer' }, tag: { type: 'keyword' } } },
  });
  for (let round = 0; round < 3; round++) {
    const lines = [];
    for (let i = 0; i < 250; i++) {
      const n = round * 180 + i;
      lines.push({ index: { _id: `b${n}` } }, { title: Array.from({ length: 9 }, () => pick(words)).join(' '), n, tag: [`t${n % 7}`, `u${n % 3}`] });
    }
    for (let i = 0; i < 15; i++) lines.push({ delete: { _id: `b${Math.floor(next() * 180)}` } });
    assert.equal((await server.bulk('/books/_bulk', lines)).status, 200);
    if (round < 2) await server.post('/_flush');
  }
  await server.post('/books/_refresh');
}

const bases = {}; // name: { directory, documents, answers }

// What a client sees besides the documents.
async function answers(server) {
  const out = [];
  for (const query of [{ match: { title: 'fox river' } }, { match_phrase: { title: 'quick brown' } }, { term: { tag: 't3' } }, { range: { n: { gte: 100, lt: 300 } } }]) {
    const { status, body, text } = await server.post('/books/_search', { query, size: 20, track_total_hits: true });
    if (status !== 200) throw Object.assign(new Error(text), { status });
    out.push(JSON.stringify([body.hits.total, body.hits.hits.map((hit) => [hit._id, hit._score])]));
  }
  const { status, body, text } = await server.post('/books/_search', { size: 0, aggs: { t: { terms: { field: 'tag' } }, m: { avg: { field: 'n' } } } });
  if (status !== 200) throw Object.assign(new Error(text), { status });
  out.push(JSON.stringify(body.aggregations));
  return out;
}

async function make(name, signal) {
  const server = new Server();
  await server.start();
  await fill(server);
  await server.halt(signal);
  copy(join(server.directory, 'data'), at(name));
  await server.stop();
  copy(at(name), at('work'));
  const { server: reader } = await serveAt(at('work'));
  bases[name] = { directory: at(name), documents: await documents(reader, 'books'), answers: await answers(reader) };
  await reader.halt('SIGKILL');
}

before(async () => {
  await make('killed', 'SIGKILL');
  await make('ended', 'SIGTERM');
});

const kinds = ['flip', 'flip', 'zero', 'cut', 'swap', 'gone'];

// One damage; null when it changed nothing.
function damage(directory, file, kind, next) {
  const path = join(directory, file);
  const bytes = readFileSync(path);
  const before = Buffer.from(bytes);
  const where = Math.floor(next() * bytes.length);
  let after = bytes;
  if (kind === 'flip') bytes[where] ^= 1 << Math.floor(next() * 8);
  if (kind === 'zero') bytes.fill(0, where, Math.min(bytes.length, where + 1 + Math.floor(next() * 512)));
  if (kind === 'cut') after = bytes.subarray(0, where);
  if (kind === 'swap') {
    const other = Math.floor(next() * bytes.length);
    [bytes[where], bytes[other]] = [bytes[other], bytes[where]];
  }
  if (kind === 'gone') rmSync(path);
  else if (after.equals(before)) return null;
  else writeFileSync(path, after);
  return { file, kind, where, size: before.length };
}

// Files whose content nobody needs.
const isIdle = (file) => /^(OPTIONS-|IDENTITY|LOG|LOCK|auk\.lock)/.test(file);
const isLog = (file) => /\.log$/.test(file);

const differs = (a, b) => [...a].filter(([id, value]) => b.get(id) !== value).map(([id]) => id);

// What a server makes of it: 'refused', 'right', 'error', or else a failed assertion. A log that is cut
// at its end by a crash is no damage: what was acknowledged last is then as if it had not been.
async function judgeServer(directory, base, done, mayEndEarly) {
  const { server, why } = await serveAt(directory);
  if (!server) {
    assert.match(why, /ended early: 1\b/, 'the server refuses in order');
    assert.ok(why.includes(done.file) || done.kind === 'gone' || /MANIFEST|\.log/.test(done.file), `the file is named: ${why}`);
    assert.match(why, /auk check/);
    return 'refused';
  }
  try {
    const found = await documents(server, 'books');
    const said = await answers(server);
    if (mayEndEarly && found.size !== base.documents.size) return 'shorter';
    if (mayEndEarly && differs(found, base.documents).length > 0) return 'shorter';
    assert.deepEqual(differs(base.documents, found), [], 'all documents are there');
    assert.equal(found.size, base.documents.size, 'no document came back');
    if (!mayEndEarly) assert.deepEqual(said, base.answers, 'searches answer as before');
    return 'right';
  } catch (error) {
    if (error.status === undefined) throw error;
    assert.equal(error.status, 500, error.message);
    assert.ok(error.message.includes(done.file), `the file is named: ${error.message}`);
    return 'error';
  } finally {
    await server.halt('SIGKILL');
  }
}

async function judgeRepair(directory, base, found, done) {
  const repaired = await check(directory, '--repair');
  if (/^MANIFEST/.test(done.file) && repaired.code === 2) {
    assert.match(repaired.stderr, /MANIFEST/);
    return { lost: 0, named: 0, unnamed: 0 };
  }
  assert.equal(repaired.code, 0, `clean after the repair: ${repaired.stdout}${repaired.stderr}`);
  const again = await check(directory);
  assert.equal(again.code, 0, again.stdout);
  const { server, why } = await serveAt(directory);
  assert.ok(server, `the server starts after the repair: ${why}`);
  const left = await documents(server, 'books').catch((error) => (error.status === 404 ? new Map() : Promise.reject(error)));
  await server.halt('SIGKILL');
  const lost = repaired.findings.filter((finding) => finding.kind === 'lost');
  const named = new Set(lost.map(({ message }) => message.match(/^document \[(.*)\]$/)?.[1]).filter(Boolean));
  const unnamed = lost.filter(({ message }) => !message.startsWith('document ['));
  const missing = differs(base.documents, left);
  const back = [...left.keys()].filter((id) => !base.documents.has(id));
  if (unnamed.length === 0) {
    assert.deepEqual(missing.sort(), [...named].sort(), 'what is missing is what was said to be lost');
    assert.deepEqual(back, [], 'no deleted document came back');
  } else {
    for (const id of named) assert.ok(missing.includes(id), `${id} is lost as was said`);
  }
  return { lost: missing.length, named: named.size, unnamed: unnamed.length };
}

test('a data directory that nothing was done to is clean', async () => {
  for (const base of Object.values(bases)) {
    const result = await check(base.directory);
    assert.equal(result.code, 0, result.stdout);
    assert.equal(result.damages, 0);
    assert.equal(result.indices, 1);
  }
});

test('damaged bytes give an error that names the file, or the right answer; a repair says what is lost', async (t) => {
  const next = random(seed);
  const until = Date.now() + budgetMs;
  const tally = {};
  let repairs = 0;
  const failures = [];
  for (let round = 0; round < (soak ? 10 * soak : 400) && Date.now() < until; round++) {
    const name = next() < 0.5 ? 'killed' : 'ended';
    const base = bases[name];
    copy(base.directory, at('work'));
    const files = readdirSync(base.directory).filter((file) => statSync(join(base.directory, file)).isFile() && statSync(join(base.directory, file)).size > 0);
    const tables = files.filter((file) => file.endsWith('.sst'));
    const others = files.filter((file) => !file.endsWith('.sst'));
    const among = next() < 0.5 ? tables : others;
    const file = among[Math.floor(next() * among.length)];
    const done = damage(at('work'), file, kinds[Math.floor(next() * kinds.length)], next);
    if (!done) continue;
    const label = `seed ${seed}, round ${round}: ${JSON.stringify({ name, ...done })}`;
    try {
      copy(at('work'), at('checked'));
      const found = await check(at('checked'));
      assert.ok(found.code === 0 || found.code === 1, `${found.code} ${found.stderr}`);
      const mayEndEarly = name === 'killed' && isLog(file) && found.code === 0;
      const said = await judgeServer(at('work'), base, done, mayEndEarly);
      if (said === 'error' || said === 'refused') assert.equal(found.code, 1, `auk check finds it: ${found.stdout}`);
      if (found.code === 1 && !isIdle(file)) {
        const result = await judgeRepair(at('checked'), base, found, done);
        repairs++;
        tally.lostDocuments = (tally.lostDocuments ?? 0) + result.lost;
      }
      const key = `${file.replace(/\d+/g, '')} ${said}`;
      tally[key] = (tally[key] ?? 0) + 1;
    } catch (error) {
      failures.push(`${label}\n${error.message.slice(0, 4000)}`);
      if (failures.length === 5) break;
    }
  }
  assert.equal(failures.length, 0, failures.join('\n\n'));
  t.diagnostic(`${repairs} repairs; ${JSON.stringify(tally)}`);
});

test('what is no data directory, or in use, is refused', async () => {
  const missing = await auk(['check', join(folder, 'nothing')]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /nothing/);
  const none = await auk(['check', folder]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /is not a data directory/);
  copy(bases.ended.directory, at('held'));
  const { server } = await serveAt(at('held'));
  try {
    const held = await auk(['check', '--repair', at('held')]);
    assert.equal(held.code, 2);
    assert.match(held.stderr, /in use by process \d+/);
  } finally {
    await server.halt('SIGKILL');
  }
});
