// The model test of following Postgres: a random writer of five tables and a reader beside it, while either side is
// killed, connections are dropped, the server is started anew, slots are lost or moved on, and all is read anew. Every
// answer of the reader has to equal the view at one commit, and at the end of each round the newest. AUK_SOAK_ROUNDS: so
// many rounds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { Server } from '../support/server.mjs';
import { SmallDisk } from '../support/small_disk.mjs';
import { compare, CONFIG, random, Shop } from './shop.mjs';
import { verify } from './verify.mjs';

const FEW = process.env.AUK_TEST_FAULTS === 'few';
const ROUNDS = Number(process.env.AUK_SOAK_ROUNDS ?? 0) || (FEW ? 3 : 12);
const ROUND_MS = 1500;
const CATCH_UP_MS = 60000;
const DISK_MB = 320;
const FULL_MS = 3000;

const missing = Postgres.missing();
let postgres, server, shop, disk;
let noDisk = '';
const seen = { looks: 0, states: new Set(), kills: 0, drops: 0, restarts: 0, resyncs: 0, full: 0, waited: 0, behind: 0 };

before(async () => {
  if (missing) return;
  postgres = await startPostgres({ settings: { logical_decoding_work_mem: '64kB', wal_sender_timeout: '5s' } });
  shop = new Shop(postgres);
  await shop.create();
  try {
    disk = SmallDisk.create(DISK_MB);
  } catch (error) {
    if (!error.why) throw error;
    noDisk = error.why;
  }
  server = new Server({ memory: '256mb', args: ['--disk-free-min', '0'], ...(disk && { parent: disk.path }) });
  await server.start();
});
after(async () => {
  disk?.makeRoom();
  await server?.stop();
  await postgres?.stop();
  disk?.destroy();
});

// Everything of both indices in one answer, or undefined while there is none.
async function look() {
  const answer = await server.post('/products,marks/_search', { size: 10000, track_total_hits: true }).catch(() => undefined);
  if (answer?.status !== 200) return undefined;
  const { hits } = answer.body.hits;
  const mark = hits.find(({ _index }) => _index.startsWith('marks'));
  const found = new Map(hits.filter((hit) => hit !== mark).map(({ _id, _source }) => [_id, _source]));
  return { n: mark?._source.n, found, lsn: answer.headers.get('x-auk-applied-lsn') };
}

async function lookOnce() {
  const seenNow = await look();
  if (seenNow?.n === undefined) return;
  const expected = shop.states.get(seenNow.n);
  if (!expected) return assert.fail(`${shop.explain(seenNow.n)}; applied was ${seen.lsn}, then ${seenNow.lsn}`);
  compare(seenNow.found, expected, `as of transaction ${seenNow.n} of ${shop.n}`);
  shop.forgetBefore(seenNow.n);
  seen.lsn = seenNow.lsn;
  seen.behind = Math.max(seen.behind, shop.n - seenNow.n);
  seen.looks++;
  seen.states.add(seenNow.n);
}

async function status() {
  const { body, text } = await server.get('/_sync/shop').catch((error) => ({ text: error.message }));
  return body ? JSON.stringify(body, null, 1).slice(0, 3000) : text;
}

async function caughtUp(what) {
  const until = Date.now() + CATCH_UP_MS;
  for (let n; ; await sleep(30)) {
    const now = await look();
    n = now?.n;
    if (n === shop.n) return compare(now.found, shop.states.get(n), what);
    if (Date.now() > until) assert.fail(`${what}: at transaction ${n} of ${shop.n}\n${await status()}`);
  }
}

// ---- what happens to them ----

async function write(until) {
  let client;
  while (Date.now() < until()) {
    try {
      client ??= await postgres.connect();
      await shop.transact(client);
    } catch (error) {
      if (error.code && /^(22|23|42)/.test(error.code)) throw error; // ours
      client = undefined;
      await settled();
    }
  }
}

// A commit whose answer was lost has happened, or has not; one that was answered may be gone with a killed server.
async function settled() {
  for (;;) {
    try {
      const n = Number(await postgres.value('SELECT n FROM mark'));
      shop.n = n;
      return;
    } catch {
      await sleep(50);
    }
  }
}

async function makeNoise(until) {
  while (Date.now() < until()) {
    await postgres.query("INSERT INTO noise (body) SELECT repeat(md5(g::text), 10) FROM generate_series(1, 200) g").catch(() => {});
    await sleep(20);
  }
}

const HARM = {
  async nothing() {},
  async kill() {
    seen.kills++;
    await server.halt('SIGKILL');
    await sleep(random(300));
    await server.start();
  },
  async drop() {
    seen.drops++;
    await postgres.query('SELECT pg_terminate_backend(pid) FROM pg_stat_replication').catch(() => {});
  },
  async dropAll() {
    seen.drops++;
    await postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'auk%'").catch(() => {});
  },
  async restart() {
    seen.restarts++;
    await postgres.restart('SIGINT');
  },
  async killPostgres() {
    seen.restarts++;
    await postgres.kill();
    await postgres.start();
  },
};
// What a hand has to mend, with the word that Auk gives for it.
async function mendedBy(harm, state) {
  await reached('streaming');
  const writing = shop.n;
  await server.halt('SIGKILL');
  await harm();
  await server.start();
  await reached(state);
  const { status, text } = await server.post('/_sync/shop/_resync');
  assert.ok(status < 300, text);
  await reached('streaming');
  seen.resyncs++;
  assert.ok(shop.n >= writing);
}

async function reached(state) {
  const until = Date.now() + CATCH_UP_MS;
  for (;;) {
    const { body } = await server.get('/_sync/shop');
    if (body?.state === state) return;
    if (Date.now() > until) assert.fail(`never ${state}: ${await status()}`);
    await sleep(20);
  }
}

const slotIsFree = async () => {
  while ((await postgres.value("SELECT active FROM pg_replication_slots WHERE slot_name = 'auk_shop'")) === true) await sleep(20);
};
HARM.dropSlot = () => mendedBy(async () => {
  await slotIsFree();
  await postgres.query("SELECT pg_drop_replication_slot('auk_shop')");
}, 'lost');
HARM.advanceSlot = () => mendedBy(async () => {
  await slotIsFree();
  await postgres.query("INSERT INTO noise (body) VALUES ('on')");
  await postgres.query('UPDATE mark SET n = n');
  await postgres.query("SELECT pg_replication_slot_advance('auk_shop', pg_current_wal_lsn())");
}, 'gap');

async function readAnew() {
  await reached('streaming');
  const { status, text } = await server.post('/_sync/shop/_resync');
  assert.ok(status < 300, text);
  seen.resyncs++;
}

// Nothing more can be stored, for a while, perhaps amid a reading anew; what was, is seen, and it goes on by itself when
// there is room.
HARM.fullDisk = async () => {
  if (!disk) return;
  seen.full++;
  await reached('streaming');
  if (random(2)) {
    await readAnew();
    await sleep(random(300));
  }
  disk.leave(random(3) ? random(200000) : 0);
  let state;
  for (const end = Date.now() + FULL_MS; state !== 'waiting' && Date.now() < end; await sleep(20)) {
    const { status } = await server.get('/products/_count');
    assert.equal(status, 200, 'searches go on');
    state = (await server.get('/_sync/shop')).body.state;
  }
  seen.waited += state === 'waiting';
  await sleep(random(500));
  disk.makeRoom();
  await reached('streaming');
};

// Everything is read anew while it follows; what was begun is met by a kill, or comes to its end.
HARM.resync = async () => {
  await readAnew();
  if (random(2)) {
    await sleep(random(600));
    await HARM.kill();
  }
  await reached('streaming');
};

// AUK_TEST_HARMS: these alone, by their names.
const HARMS = process.env.AUK_TEST_HARMS?.split(',') ??
  ['nothing', 'kill', 'dropSlot', 'fullDisk', 'drop', 'resync', 'advanceSlot', 'dropAll', 'kill', 'restart', 'killPostgres', 'dropSlot'];

async function round(number) {
  let over = Infinity, failure;
  const until = () => over;
  const unlessFailed = (work) => work.catch((error) => {
    failure ??= error;
    over = 0;
  });
  const reading = async () => {
    while (Date.now() < until()) {
      await lookOnce();
      await sleep(5);
    }
  };
  const working = [reading(), write(until), makeNoise(until)].map(unlessFailed);
  await sleep(random(ROUND_MS));
  const harm = HARMS[number % HARMS.length];
  try {
    await HARM[harm]();
    await sleep(random(ROUND_MS));
  } finally {
    over = 0;
    await Promise.all(working);
  }
  if (failure) {
    failure.message = `round ${number} (${harm}): ${failure.message}`;
    throw failure;
  }
  await settled();
  await caughtUp(`round ${number} (${harm})`);
}

test('the index is the view at every commit that it shows', { skip: missing }, async (t) => {
  const put = await server.put('/_sync/shop', CONFIG(postgres.url()));
  assert.ok(put.status < 300, put.text);
  // The first rounds meet the snapshot.
  try {
    for (let number = 0; number < ROUNDS; number++) await round(number);
  } catch (error) {
    error.message += `\n${await status()}`;
    throw error;
  }
  t.diagnostic(`${ROUNDS} rounds, ${shop.transactions} transactions, ${seen.looks} looks at ${seen.states.size} states, at most ${seen.behind} transactions behind; ${seen.kills} kills, ${seen.drops} dropped connections, ${seen.restarts} starts of Postgres, ${seen.resyncs} readings anew, ${noDisk ? `skipped a full disk: ${noDisk}` : `${seen.full} full disks (${seen.waited} were met)`}`);
  assert.ok(seen.looks > 0 && seen.states.size > 1, 'nobody looked');
  assert.ok((await verify(server, 'shop')) > 0);
});
