// The kill loop: a server under load from many clients is killed at random moments and at every named place around
// its durable steps (include/base/auk/fault_point.h), started again and held to all that it acknowledged.
// AUK_SOAK_ROUNDS: ten kills each of these instead of the usual number. AUK_TEST_FAULTS=few: a quarter of it, for
// builds that are slow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listPlaces, random, reach, Rounds } from './rounds.mjs';

const SOAK = Number(process.env.AUK_SOAK_ROUNDS ?? 0);
const FEW = !SOAK && process.env.AUK_TEST_FAULTS === 'few';
const RANDOM_KILLS = SOAK ? SOAK * 10 : FEW ? 5 : 20;
const PLACES_TIMES = SOAK ? Math.ceil(SOAK / 5) : 1;
const PASSAGE_MOST = SOAK ? 60 : 3;
const LIFE_MS = [20, 350];
const OWNERS = /^publish\./; // passed by who owns an index, and no client does

async function finish(rounds, t) {
  t.diagnostic(rounds.summary());
  assert.equal(await rounds.end(), '');
}

test('killed at random moments', async (t) => {
  const rounds = new Rounds({ changesDurability: true });
  try {
    for (let n = 0; n < RANDOM_KILLS; n++) {
      if (n % 5 === 4) await rounds.killStarting(random(15));
      await rounds.startAndLoad();
      await rounds.killAfter(LIFE_MS[0] + random(LIFE_MS[1] - LIFE_MS[0]), n % 5 === 2);
      if (!(await rounds.check())) break;
      await rounds.server.halt('SIGKILL');
    }
  } finally {
    await finish(rounds, t);
  }
  assert.ok(rounds.hits > 0, 'no kill hit a call on its way');
});

test('killed at every named place', async (t) => {
  const rounds = new Rounds();
  const places = (await listPlaces()).filter((place) => !OWNERS.test(place) && (!FEW || random(4) === 0)), missed = [];
  try {
    for (let n = 0; n < places.length * PLACES_TIMES; n++) {
      const place = places[n % places.length];
      if (!(await reach(rounds, place, PASSAGE_MOST))) missed.push(place);
      if (!(await rounds.check())) break;
      await rounds.server.halt('SIGKILL');
    }
  } finally {
    await finish(rounds, t);
  }
  assert.deepEqual(missed, [], 'places that the load never passes');
  assert.ok(rounds.hits > 0 || FEW, 'no kill hit a call on its way');
});
