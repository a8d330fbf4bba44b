// What was sent and what was acknowledged, for documents that have one writer each: the server must hold the
// acknowledged state of every document, or one that the call on its way passes through, and nothing else.
//
//   ledger.intend(writer, operations)      before a call is sent
//   ledger.settle(writer, answers)         after its answer: one { status, body } an operation
//   ledger.retract(writer)                 it was never sent
//   ledger.adopt(key, found)               at a restart: what the server holds is the truth from now on
//
// After a power cut (ledger.cutAt, in ms) async operations of the last five seconds may be missing, from the end.
//
// Each line of the log that it is given is a record of its own, so that a failure can be retraced.
import { writeSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

export const INDICES = ['docs-0', 'docs-1', 'late']; // of one shard, of three, and one with async durability
const ASYNC_MS = 5000; // what the server promises of it
const isAsync = (key) => key.startsWith(INDICES[2]);
export const FIELDS = 40; // dynamic ones

// One value makes a whole document, so that a half one cannot pass for another.
export function sourceOf(value) {
  const source = { v: value, text: `common word${value % 31}`, list: [value, -value], inner: { copy: value } };
  if (value % 5 === 0) source[`dynamic_${value % FIELDS}`] = `d${value}`;
  if (value % 7 === 0) source.pad = 'pad '.repeat(value % 1000);
  return source;
}
export const partOf = (value) => ({ u: value, inner: { mark: value } });

const merge = (old, part) => ({ ...old, ...part, inner: { ...old?.inner, ...part.inner } });
export const newest = (source) => Math.max(source?.v ?? -1, source?.u ?? -1);

// The state after an operation, or undefined when it must be refused. null: no document.
function apply(source, { kind, value }) {
  switch (kind) {
    case 'create': return source ? undefined : sourceOf(value);
    case 'index': return sourceOf(value);
    case 'update': return source ? merge(source, partOf(value)) : undefined;
    case 'upsert': return merge(source, partOf(value));
    default: return null;
  }
}

function expectedStatus(source, { kind }) {
  if (kind === 'create' && source) return 409;
  if (kind === 'update' || kind === 'delete') return source ? 200 : 404;
  return source ? 200 : 201;
}

export class Ledger {
  constructor(log) {
    this.log = log;
    this.documents = new Map(); // "index/id" → { source, seqNo, version, term }
    this.pending = new Map(); // writer → operations
    this.violations = [];
    this.acknowledged = 0;
    this.cutAt = Infinity; // when the power went
    this.highest = -1; // acknowledged sequence number of the index of one shard
    this.floor = -1; // the same, before this life of the server
  }

  write(record) {
    writeSync(this.log, JSON.stringify(record) + '\n');
  }

  fault(kind, text) {
    this.violations.push({ kind, text });
    this.write({ fault: kind, text });
  }

  intend(writer, operations) {
    this.pending.set(writer, operations);
    this.write({ intent: writer, operations });
  }

  retract(writer) {
    this.pending.delete(writer);
    this.write({ retracted: writer });
  }

  settle(writer, answers) {
    const operations = this.pending.get(writer);
    this.pending.delete(writer);
    this.write({ answer: writer, items: answers.map(({ status, body }) => [status, body._seq_no, body._version]) });
    operations.forEach((operation, n) => this.settleOne(operation, answers[n]));
  }

  known(key) {
    return this.documents.get(key) ?? { source: null, seqNo: -1, version: 0, term: 0, passed: [] };
  }

  settleOne(operation, { status, body }) {
    const key = `${operation.index}/${operation.id}`;
    const known = this.known(key);
    if (status === 429) return; // refused for want of memory: nothing happened
    if (status !== expectedStatus(known.source, operation))
      this.fault('answer', `${operation.kind} of ${key} was answered ${status}, where the document was ${known.source ? 'there' : 'absent'}`);
    const source = apply(known.source, operation);
    if (source === undefined || status === 409) return;
    const { _seq_no: seqNo, _version: version, _primary_term: term } = body;
    if (!(seqNo > known.seqNo) || term < known.term)
      this.fault('order', `${key} got number ${seqNo} of term ${term} after ${known.seqNo} of ${known.term}`);
    if (known.source && version !== known.version + 1) this.fault('order', `${key} got version ${version} after ${known.version}`);
    if (operation.index === INDICES[0] && seqNo <= this.floor) this.fault('order', `${key} got number ${seqNo}, which was acknowledged before the restart`);
    if (operation.index === INDICES[0]) this.highest = Math.max(this.highest, seqNo);
    const passed = isAsync(key) ? [...known.passed, { source: known.source, until: Date.now() }] : [];
    this.documents.set(key, { source, seqNo, version, term, passed });
    this.acknowledged++;
  }

  // found: { source, seqNo, version, term } of what the server holds now; source null: nothing.
  adopt(key, found) {
    const known = this.known(key);
    const before = known.passed.filter(({ until }) => until > this.cutAt - ASYNC_MS).map(({ source }) => source);
    const states = [...before, known.source, ...this.onTheWay(key, known.source)];
    const place = states.findIndex((state) => isDeepStrictEqual(state, found.source));
    if (place < 0) {
      const lost = newest(found.source) < newest(known.source);
      this.fault(lost ? 'lost' : 'never sent', `${key}: acknowledged ${JSON.stringify(known.source)}, found ${JSON.stringify(found.source)}`);
    } else if (found.source && known.source) {
      const steps = place - before.length; // from the acknowledged one
      if (!states.includes(null) && found.version !== known.version + steps)
        this.fault('order', `${key} has version ${found.version} after ${known.version} and ${steps} operations`);
      if (steps === 0 ? found.seqNo !== known.seqNo || found.term !== known.term : Math.sign(found.seqNo - known.seqNo) !== Math.sign(steps))
        this.fault('order', `${key} has number ${found.seqNo}, known was ${known.seqNo}`);
    }
    const seqNo = isAsync(key) ? found.seqNo : Math.max(found.seqNo, known.seqNo);
    const term = found.source ? found.term : known.term;
    this.documents.set(key, { source: found.source, seqNo, version: found.version, term, passed: [] });
  }

  // The states that operations without an answer lead through.
  onTheWay(key, source) {
    const states = [];
    for (const operation of [...this.pending.values()].flat().filter(({ index, id }) => `${index}/${id}` === key)) {
      const next = apply(states.length ? states.at(-1) : source, operation);
      if (next !== undefined) states.push(next);
    }
    return states;
  }

  // After the last _adopt of a restart.
  restarted() {
    this.pending.clear();
    this.cutAt = Infinity;
    this.floor = this.highest;
    this.write({ restarted: true });
  }
}
