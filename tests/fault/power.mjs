// Rounds whose data lies on a disk without power. Whatever an answer promised was on it before.
import { setTimeout as sleep } from 'node:timers/promises';
import { Disk } from './disk.mjs';
import { random, reach, Rounds } from './rounds.mjs';

const AFTER_CUT_MS = 20;

export class PowerRounds extends Rounds {
  constructor(disk, options) {
    super({ ...options, parent: disk.directory });
    this.disk = disk;
    this.cuts = 0;
    disk.sync();
  }

  async another() {
    await super.another();
    this.disk.sync(); // the directory that the server is to make its own in
  }

  cut() {
    this.ledger.cutAt = Date.now();
    this.ledger.write({ cut: this.cuts });
    this.disk.cut();
    this.cuts++;
  }

  restore() {
    this.disk.unmount();
    this.disk.mount();
  }

  // While it works. Either the process stops first, so that everything that it answered was answered with power; or it
  // goes on, must promise nothing more, and may end itself, by a last word or by an assertion of RocksDB's.
  async cutUnderLoad(ms) {
    this.arm(null);
    await this.startAndLoad();
    await sleep(ms);
    const { ended, child } = this.server, goesOn = random(2) === 0;
    if (this.ledger.pending.size > 0) this.hits++;
    if (!child) this.ledger.fault('crash', `the server ended by itself\n${this.server.log}`);
    else if (!goesOn) process.kill(child.pid, 'SIGSTOP');
    this.cut();
    this.workload.severed = goesOn;
    await sleep(random(AFTER_CUT_MS));
    await this.server.halt('SIGKILL');
    await ended;
    await this.workload.ended();
    this.restore();
    return this.check();
  }

  // Exactly at a named place: the process stops there, and so does the disk.
  async cutAt(place, most) {
    const reached = await reach(this, place, most);
    this.cut();
    this.restore();
    return (await this.check()) && reached;
  }

  // Killed between append and sync, started again, then cut: what the second life showed and built upon must stay.
  // No flush comes between, which would write again what the log holds.
  async cutAfterKill(ms) {
    await this.killAt('log.sync.before', 10 + random(100));
    if (!(await this.check())) return false;
    await this.server.halt('SIGKILL');
    this.workload.maintains = false;
    const good = await this.cutUnderLoad(ms);
    this.workload.maintains = true;
    return good;
  }

  async stopChecked() {
    await this.server.halt('SIGKILL');
  }

  summary() {
    return `${this.cuts} power cuts, ${super.summary()}`;
  }
}

// Runs `body` with rounds on a disk of their own, or skips the test where there can be none.
export async function withDisk(t, env, body) {
  let disk;
  try {
    disk = Disk.create();
  } catch (error) {
    if (!error.why) throw error;
    t.skip(`skipped: ${error.why}`);
    return;
  }
  try {
    const rounds = new PowerRounds(disk, { env });
    let found = '';
    try {
      await body(rounds);
    } finally {
      t.diagnostic(rounds.summary());
      found = await rounds.end();
    }
    return found;
  } finally {
    disk.destroy();
  }
}
