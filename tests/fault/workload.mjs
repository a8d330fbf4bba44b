// Clients that do everything at once until the server is gone, and what they know of it afterwards.
//
//   const workload = new Workload(server, ledger);
//   await workload.prepare();                    the indices, once the server is ready
//   workload.begin(); ... kill ...; await workload.ended();
//   await workload.check();                      after the restart
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAdmin, hasAlias, requestOf } from './admin.mjs';
import { FIELDS, INDICES, newest, partOf, sourceOf } from './ledger.mjs';
import { Turn } from './turn.mjs';

const ALL = INDICES.join(',');
const WRITERS = 5;
const DOCUMENTS = 40; // of a writer
const MOST = 16; // operations of a bulk
const LARGE = 150; // of one in a while
const EXTRA_FIELDS = 60;
const LATE_MS = 60000; // for an answer
const KINDS = ['index', 'index', 'index', 'create', 'update', 'upsert', 'upsert', 'delete'];

const random = (limit) => Math.floor(Math.random() * limit);
const oneOf = (list) => list[random(list.length)];
const indexOf = (document) => INDICES[document % INDICES.length];
const idOf = (writer, document) => `w${writer}-${document}`;

function bulkLines({ kind, index, id, value }) {
  if (kind === 'delete') return [{ delete: { _index: index, _id: id } }];
  if (kind === 'update') return [{ update: { _index: index, _id: id } }, { doc: partOf(value) }];
  if (kind === 'upsert') return [{ update: { _index: index, _id: id } }, { doc: partOf(value), doc_as_upsert: true }];
  return [{ [kind]: { _index: index, _id: id } }, sourceOf(value)];
}

function singleRequest({ kind, index, id, value }) {
  switch (kind) {
    case 'delete': return ['DELETE', `/${index}/_doc/${id}`];
    case 'update': return ['POST', `/${index}/_update/${id}`, { doc: partOf(value) }];
    case 'upsert': return ['POST', `/${index}/_update/${id}`, { doc: partOf(value), doc_as_upsert: true }];
    case 'create': return ['PUT', `/${index}/_create/${id}`, sourceOf(value)];
    default: return ['PUT', `/${index}/_doc/${id}`, sourceOf(value)];
  }
}

// Does the answer say that something is durable? Async writes, refreshes and flushes of nothing do not.
function promises(method, path, { status, body }) {
  if (path.startsWith('/_bulk')) return status === 200 && body.items.map((item) => Object.values(item)[0]).some((item) => item.status < 300 && item._index !== INDICES[2]);
  return status < 300 && method !== 'GET' && !path.startsWith(`/${INDICES[2]}/`) && !/_(refresh|flush|forcemerge)/.test(path);
}

export class Workload {
  // changesDurability: indices are async now and then; only where a killed process is all that is feared
  constructor(server, ledger, { changesDurability = false } = {}) {
    this.server = server;
    this.ledger = ledger;
    this.changesDurability = changesDurability;
    this.maintains = true; // flushes and merges, too
    this.severed = false; // from its disk, while it still runs
    this.leaving = false; // told to end
    this.value = 0;
    this.steps = 0; // acknowledged ones of the script
    this.stepping = false;
    this.extra = new Set(); // fields of acknowledged mappings
    this.extraPending = null;
    this.tasks = []; // the last ones that were said to be completed, or will be after a restart
    this.lastTask = 0;
    this.turn = new Turn(this);
  }

  async prepare() {
    await this.turn.prepare(this.server);
    for (const [n, index] of INDICES.entries()) {
      const durability = n === 2 ? 'async' : 'request';
      const { status, text } = await this.server.put(`/${index}`, {
        settings: { number_of_shards: n === 0 ? 1 : 3, refresh_interval: '50ms', translog: { durability } },
        mappings: { properties: { v: { type: 'long' }, u: { type: 'long' }, text: { type: 'text' } } },
      });
      if (status !== 200 && !/resource_already_exists/.test(text)) this.ledger.fault('answer', text);
    }
  }

  begin() {
    this.stopped = this.severed = this.leaving = false;
    const actors = [() => this.administer(), () => this.extend(), () => this.watch(), () => this.turn.write(), () => this.turn.speak()];
    if (this.maintains) actors.push(() => this.maintain(), () => this.runTask(), () => this.turn.rebuild(), () => this.turn.revise(), () => this.turn.sweep(), () => this.turn.copy());
    for (let n = 0; n < WRITERS; n++) actors.push(() => this.write(n));
    this.actors = actors.map(async (act) => {
      try {
        while (!this.stopped) await act();
      } catch (error) {
        if (!error.gone) throw error;
      }
    });
  }

  // The server is dead, or is about to be.
  async ended() {
    this.stopped = true;
    await Promise.all(this.actors);
  }

  // Throws { gone } when the server does not answer any more; { unsent } too when it cannot have seen the call.
  //
  // Without its disk a server must promise nothing. For a call that began before, no answer counts: an fsync that
  // runs while the kernel shuts the file system down may be told that all is well.
  async call(method, path, body, headers) {
    const { severed } = this;
    let late;
    const tooLate = new Promise((_, reject) => {
      late = setTimeout(() => reject(new Error(`${method} ${path}: no answer in ${LATE_MS} ms`)), LATE_MS);
    });
    try {
      const answer = await Promise.race([this.server.request(method, path, body, headers), tooLate]);
      if (severed && promises(method, path, answer)) this.ledger.fault('answer', `without a disk, ${method} ${path} was answered ${answer.text}`);
      if (this.leaving && answer.status === 503) throw Object.assign(new Error(), { cause: { code: 'ECONNREFUSED' } });
      if (this.severed) throw Object.assign(new Error(), { cause: 'severed' });
      if (answer.status >= 500) this.ledger.fault('answer', `${method} ${path}: ${answer.status} ${answer.text}`);
      return answer;
    } catch (error) {
      error.gone = error.cause !== undefined; // the network's
      error.unsent = error.cause?.code === 'ECONNREFUSED';
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  // ---- who writes ----

  async write(writer) {
    const single = random(4) === 0, length = single ? 1 : random(40) === 0 ? LARGE : 1 + random(MOST);
    const operations = Array.from({ length }, () => {
      const document = random(DOCUMENTS);
      return { kind: oneOf(KINDS), index: indexOf(document), id: idOf(writer, document), value: ++this.value };
    });
    const refresh = oneOf(['', '', '', '', '', '', '?refresh=true', '?refresh=wait_for']);
    this.ledger.intend(writer, operations);
    try {
      const answers = single ? await this.sendOne(operations[0], refresh) : await this.sendBulk(operations, refresh);
      if (answers) this.ledger.settle(writer, answers);
      else this.ledger.retract(writer);
    } catch (error) {
      if (error.unsent) this.ledger.retract(writer);
      throw error;
    }
  }

  async sendOne(operation, refresh) {
    const [method, path, body] = singleRequest(operation);
    const { status, body: answer } = await this.call(method, path + refresh, body);
    return [{ status, body: answer }];
  }

  async sendBulk(operations, refresh) {
    const lines = operations.flatMap(bulkLines).map((line) => JSON.stringify(line) + '\n');
    const { status, body } = await this.call('POST', `/_bulk${refresh}`, lines.join(''), { 'content-type': 'application/x-ndjson' });
    if (status !== 200) return null; // refused as a whole
    return body.items.map((item) => Object.values(item)[0]).map((item) => ({ status: item.status, body: item }));
  }

  // ---- who changes what exists ----

  async administer() {
    const request = requestOf(this.steps);
    if (request) {
      this.stepping = true;
      try {
        const { status, text } = await this.call(...request);
        if (status >= 300) this.ledger.fault('answer', `${request.join(' ')}: ${text}`);
      } catch (error) {
        if (error.unsent) this.stepping = false;
        throw error;
      }
    }
    this.steps++;
    this.stepping = false;
    await sleep(random(4));
  }

  async extend() {
    const field = `extra_${random(EXTRA_FIELDS)}`;
    this.extraPending = field;
    const { status, text } = await this.call('PUT', `/${INDICES[1]}/_mapping`, { properties: { [field]: { type: 'keyword' } } });
    if (status !== 200) this.ledger.fault('answer', text);
    this.extra.add(field);
    this.extraPending = null;
    await sleep(random(20));
  }

  async maintain() {
    const index = oneOf([...INDICES, ALL]);
    const paths = ['_refresh', '_flush', '_flush', '_forcemerge?max_num_segments=1', '_forcemerge?only_expunge_deletes=true', '_forcemerge'];
    await this.call('POST', `/${index}/${oneOf(paths)}`);
    if (this.changesDurability && random(4) === 0) await this.call('PUT', `/${INDICES[1]}/_settings`, { index: { translog: { durability: oneOf(['async', 'request']) } } });
    await sleep(random(10));
  }

  // Work behind the client's back, until the answer is kept for it. What goes by a query is kept as it begins.
  async runTask() {
    const copies = random(2) === 0;
    const { body } = copies
      ? await this.call('POST', '/_reindex?wait_for_completion=false', { source: { index: INDICES[1] }, dest: { index: 'copied' }, conflicts: 'proceed' })
      : await this.call('POST', `/${oneOf(INDICES)}/_forcemerge?wait_for_completion=false`);
    if (copies && body.task) this.tasks = [...this.tasks.slice(-2), body.task];
    const number = Number(body.task?.split(':')[1]);
    if (!(number > this.lastTask)) this.ledger.fault('order', `task ${body.task} came after ${this.lastTask}`);
    this.lastTask = number;
    const { body: state } = await this.call('GET', `/_tasks/${body.task}?wait_for_completion=true`);
    if (state.completed) this.tasks = [...this.tasks.slice(-2), body.task];
    await sleep(random(30));
  }

  // The alias has one index at every moment, and is never seen between two.
  async watch() {
    const must = hasAlias(this.steps);
    const { status, body, text } = await this.call('GET', '/_alias/now');
    const count = status === 200 ? Object.keys(body).length : 0;
    if (count > 1 || (must && count === 0)) this.ledger.fault('answer', `the alias led to ${count} indices: ${text}`);
    await sleep(5);
  }

  // ---- after a restart ----

  async check() {
    await this.prepare();
    await this.adoptDocuments();
    await this.checkViews();
    this.steps = await checkAdmin(this.server, this.ledger, this.steps, this.stepping);
    this.stepping = false;
    await this.checkExtra();
    await this.checkTasks();
    await this.turn.check(this.server, this.ledger);
    this.ledger.restarted();
  }

  async adoptDocuments() {
    const docs = [];
    for (let writer = 0; writer < WRITERS; writer++) for (let n = 0; n < DOCUMENTS; n++) docs.push({ _index: indexOf(n), _id: idOf(writer, n) });
    const { body, text } = await this.server.post('/_mget', { docs });
    if (!body.docs) return this.ledger.fault('answer', text);
    for (const found of body.docs)
      this.ledger.adopt(`${found._index}/${found._id}`, found.found
        ? { source: found._source, seqNo: found._seq_no, version: found._version, term: found._primary_term }
        : { source: null, seqNo: -1, version: 0, term: 0 });
  }

  disagree(what, found, expected) {
    if (found !== expected) this.ledger.fault('disagree', `${what}: ${found}, but by their ids there are ${expected}`);
  }

  // What _search, _count and aggregations see is what was found by id.
  async checkViews() {
    const known = new Map([...this.ledger.documents].filter(([, { source }]) => source));
    const sources = [...known.values()].map(({ source }) => source);
    const field = `dynamic_${5 * random(FIELDS / 5)}`;
    await this.server.post(`/${ALL}/_refresh`);
    const { body, text } = await this.server.post(`/${ALL}/_search`, {
      size: 1000, version: true, seq_no_primary_term: true, track_total_hits: true,
      aggs: { v: { sum: { field: 'v' } }, u: { stats: { field: 'u' } } },
    });
    if (!body.hits) return this.ledger.fault('answer', text);
    for (const hit of body.hits.hits) {
      const document = known.get(`${hit._index}/${hit._id}`);
      const same = document && JSON.stringify(document.source) === JSON.stringify(hit._source) && document.seqNo === hit._seq_no && document.version === hit._version;
      if (!same) this.ledger.fault(document ? 'disagree' : 'never sent', `_search found ${JSON.stringify(hit)}, by its id it is ${JSON.stringify(document)}`);
    }
    const sum = (of) => sources.reduce((all, source) => all + (source[of] ?? 0), 0);
    this.disagree('hits', body.hits.hits.length, sources.length);
    this.disagree('total', body.hits.total.value, sources.length);
    this.disagree('sum of v', body.aggregations.v.value, sum('v'));
    this.disagree('sum of u', body.aggregations.u.sum, sum('u'));
    const count = async (query) => (await this.server.post(`/${ALL}/_count`, { query })).body.count;
    this.disagree('_count', await count({ match_all: {} }), sources.length);
    this.disagree('word', await count({ match: { text: 'common' } }), sources.filter((source) => source.text).length);
    this.disagree(field, await count({ exists: { field } }), sources.filter((source) => source[field]).length);
    const one = sources.length && oneOf(sources);
    if (one) this.disagree(`the document of ${newest(one)}`, await count({ term: { [one.v === newest(one) ? 'v' : 'u']: newest(one) } }), 1);
  }

  async checkExtra() {
    const { body } = await this.server.get(`/${INDICES[1]}/_mapping`);
    const fields = new Set(Object.keys(body[INDICES[1]].mappings.properties).filter((field) => field.startsWith('extra_')));
    for (const field of this.extra) if (!fields.has(field)) this.ledger.fault('lost', `the acknowledged field ${field}`);
    for (const field of fields) if (!this.extra.has(field) && field !== this.extraPending) this.ledger.fault('never sent', `the field ${field}`);
    this.extra = fields;
    this.extraPending = null;
  }

  async checkTasks() {
    for (const task of this.tasks) {
      const { body, text } = await this.server.get(`/_tasks/${task}`);
      if (!body.completed) this.ledger.fault('lost', `the answer of task ${task}: ${text}`);
    }
  }
}
