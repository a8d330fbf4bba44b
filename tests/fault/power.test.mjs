// Power cuts: the server's disk loses all that was not fsynced, under load, at named places, and soon after a kill;
// every acknowledged operation must be there afterwards. AUK_SOAK_ROUNDS: five cuts each of these.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDisk } from './power.mjs';
import { listPlaces, random } from './rounds.mjs';

const SOAK = Number(process.env.AUK_SOAK_ROUNDS ?? 0);
const CUTS = SOAK ? SOAK * 5 : 10;

test('power cuts', async (t) => {
  const found = await withDisk(t, {}, async (rounds) => {
    const places = await listPlaces(), missed = [];
    for (let n = 0, good = true; n < CUTS && good; n++) {
      const place = places[SOAK ? Math.floor(n / 3) % places.length : random(places.length)];
      if (n % 3 === 1) good = (await rounds.cutAt(place, 5)) || missed.push(place);
      else if (n % 3 === 2) good = await rounds.cutAfterKill(random(150));
      else good = await rounds.cutUnderLoad(SOAK && random(40) === 0 ? 8000 : 30 + random(400));
      await rounds.stopChecked();
    }
    assert.deepEqual(missed, [], 'places that the load never passes');
    assert.ok(rounds.hits > 0 || rounds.violations.length > 0, 'no cut met a call on its way');
  });
  assert.equal(found ?? '', '');
});
