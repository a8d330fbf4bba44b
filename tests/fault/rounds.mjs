// Lives of a server under load, each ended by force, each followed by a check of all that was acknowledged.
import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from '../support/server.mjs';
import { Ledger } from './ledger.mjs';
import { Workload } from './workload.mjs';

const REACH_MS = 20000; // a place that nobody passed by then is not reached
const STOPPING_MS = 60;
export const random = (limit) => Math.floor(Math.random() * limit);

process.setMaxListeners(0); // each server that we had shows its log should the test fail

export class Rounds {
  // env: of every life of the server; parent: the directory for its data
  constructor({ env = {}, parent, ...workload } = {}) {
    this.own = mkdtempSync(join(tmpdir(), 'auk-fault-'));
    this.logPath = join(this.own, 'log.ndjson');
    this.log = openSync(this.logPath, 'w');
    this.env = env;
    this.parent = parent;
    this.options = workload;
    this.kills = 0;
    this.hits = 0; // kills with a writer's call on its way
    this.acknowledged = 0;
    this.violations = [];
    this.fresh();
  }

  // A server without data, and nothing known of it.
  fresh() {
    this.server = new Server({ memory: '128mb', parent: this.parent, env: this.env });
    this.ledger = new Ledger(this.log);
    this.ledger.violations = this.violations;
    this.workload = new Workload(this.server, this.ledger, this.options);
  }

  async another() {
    this.acknowledged += this.ledger.acknowledged;
    await this.server.stop();
    this.fresh();
  }

  arm(place) {
    this.server.options.env = { ...this.env, ...(place && { AUK_KILL_AT: place }) };
  }

  // Starts without more ado and checks all. False: something is wrong, and nothing can be said of what follows.
  async check() {
    this.arm(null);
    try {
      await this.server.start();
      await this.workload.check();
    } catch (error) {
      this.ledger.fault('lost', `the server does not start any more, or not answer: ${error.message}`);
      if (!this.env.AUK_FAULT_SKIP) cpSync(this.server.directory, join(this.own, 'server'), { recursive: true });
    }
    return this.violations.length === 0;
  }

  async startAndLoad() {
    await this.server.start();
    await this.workload.prepare();
    this.workload.begin();
  }

  // The server has ended. Anything but a kill is a crash.
  async buried({ ended, hits }) {
    const { code, signal } = await ended;
    await this.workload.ended();
    if (signal !== 'SIGKILL' && !(this.workload.leaving && code === 0)) this.ledger.fault('crash', `the server ended by ${signal ?? code}\n${this.server.log}`);
    this.kills++;
    this.hits += (hits ?? this.ledger.pending.size) > 0 ? 1 : 0;
  }

  // Kills a running server whose workload has begun, after so many ms; `stopping`: which was told to end just before.
  async killAfter(ms, stopping = false) {
    const { ended } = this.server;
    await Promise.race([sleep(ms), ended]);
    if (stopping && this.server.child) {
      this.workload.leaving = true;
      process.kill(this.server.child.pid, 'SIGTERM');
      await Promise.race([sleep(random(STOPPING_MS)), ended]);
    }
    const hits = this.ledger.pending.size;
    if (this.server.child) process.kill(this.server.child.pid, 'SIGKILL');
    await this.buried({ ended, hits });
  }

  // Kills a server that has not said ready yet, if it can.
  async killStarting(ms) {
    this.arm(null);
    const ready = this.server.start().then(() => true, () => false);
    await Promise.race([ready, sleep(ms)]);
    await this.server.halt('SIGKILL');
    await ready;
    this.kills++;
  }

  // Lives until it passes the place, at its start or under load. False: it did not.
  async killAt(place, passage) {
    this.arm(`${place}:${passage}`);
    try {
      await this.startAndLoad();
    } catch (error) {
      if (!(await Promise.race([this.server.ended.then(() => true), sleep(2000, false, { ref: false })]))) throw error;
      this.kills++;
      return (await this.server.ended).signal === 'SIGKILL';
    }
    const { ended } = this.server;
    const reached = await Promise.race([ended.then(() => true), sleep(passage > 1 ? REACH_MS / 4 : REACH_MS, false, { ref: false })]);
    if (!reached) {
      await this.killAfter(0);
      return false;
    }
    await this.buried({ ended });
    return true;
  }

  summary() {
    return `${this.kills} kills, ${this.hits} of them with calls on their way; ${this.acknowledged + this.ledger.acknowledged} operations acknowledged`;
  }

  // The violations, as a text; '' when there is none. Removes what it has when so.
  async end() {
    const found = this.violations.slice(0, 5).map(({ kind, text }) => `${kind}: ${text}`).join('\n');
    closeSync(this.log);
    if (this.server.child) await this.server.halt('SIGKILL');
    await this.server.stop();
    if (!found || this.env.AUK_FAULT_SKIP) rmSync(this.own, { recursive: true, force: true });
    else console.log(`${this.violations.length} violations; what was sent and answered, and the data of one that does not start: ${this.own}\n${this.server.log}`);
    return found;
  }
}

// The places that this build has, in their table's order.
export async function listPlaces() {
  const directory = mkdtempSync(join(tmpdir(), 'auk-fault-')), list = join(directory, 'list');
  const server = new Server({ memory: '128mb', env: { AUK_FAULT_POINTS_LIST: list } });
  try {
    await server.start();
    return readFileSync(list, 'utf8').trim().split('\n');
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

// Passed once a life, at its start or soon after.
const ONCE = /^(format|node|log\.carry|orphans|recover|term|ids|task\.numbers)\./;

const TRIES = 3;

// Kills at the place's n-th passage, n up to `most`. Some places are only passed after others: in an empty directory,
// where a kill left a file that nobody names, or at a start over documents, which the life before may not have come
// to write. False: neither the load nor the next starts pass it.
export async function reach(rounds, place, most) {
  let passage = ONCE.test(place) ? 1 : 1 + random(most);
  for (let tried = 0; tried < TRIES; tried++) {
    if (/^(format|node)\./.test(place)) await rounds.another();
    if (/^orphans\./.test(place)) await rounds.killAt('ingest.after', 1);
    if (await rounds.killAt(place, passage)) return true;
    if (!(await rounds.check())) return false;
    await rounds.server.halt('SIGKILL');
    passage = 1;
  }
  return false;
}
