// The proofs can fail: a server that leaves out a durable step (AUK_FAULT_SKIP, test builds only) is caught by the
// very rounds that hold the real one to its word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDisk } from './power.mjs';
import { random, Rounds } from './rounds.mjs';

const MOST_ROUNDS = 40; // loss is a matter of luck, but not for so long

test('without the journal, the kill loop finds loss', async () => {
  const rounds = new Rounds({ env: { AUK_FAULT_SKIP: 'journal.append' } });
  try {
    for (let n = 0; n < MOST_ROUNDS; n++) {
      await rounds.startAndLoad();
      await rounds.killAfter(100 + random(200));
      if (!(await rounds.check())) break;
      await rounds.server.halt('SIGKILL');
    }
  } finally {
    assert.match(await rounds.end(), /^lost: docs-/m);
  }
});

async function losesPower(t, step, cut) {
  const found = await withDisk(t, { AUK_FAULT_SKIP: step }, async (rounds) => {
    for (let n = 0; n < MOST_ROUNDS && (await cut(rounds)); n++) await rounds.stopChecked();
  });
  if (found !== undefined) assert.match(found, /^lost: /m);
}

test("without the journal's fsync, power cuts find loss", (t) => losesPower(t, 'journal.sync', (rounds) => rounds.cutUnderLoad(100 + random(200))));

test('without the fsync of the log that a killed server left, cuts after kills find loss', (t) =>
  losesPower(t, 'log.carry', (rounds) => rounds.cutAfterKill(50 + random(100))));
