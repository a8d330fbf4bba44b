// An index that is rebuilt time and again behind its name while somebody writes to it, writes all of it anew by query and
// deletes by query; an index that is cloned and shrunk; and a set of synonyms.
import { setTimeout as sleep } from 'node:timers/promises';

const NAME = 'turn';
const DOCUMENTS = 30;
const FROZEN = 40;
const SWEPT = ['gone0', 'gone1', 'gone2', 'gone3', 'gone4'];
const TYPES = ['long', 'keyword', 'integer'];
const random = (limit) => Math.floor(Math.random() * limit);

export class Turn {
  constructor(workload) {
    this.workload = workload;
    this.values = new Map(); // of documents: acknowledged
    this.pending = null; // [id, value]
    this.swept = new Map(); // id → is it there? unknown when absent
    this.copied = null; // is there a copy of the frozen index? null: not known
    this.words = 0; // the acknowledged set of synonyms
    this.wordsPending = 0;
  }

  async prepare(server) {
    const { status, text } = await server.put(`/${NAME}`, { mappings: { properties: { n: { type: 'long' } } } });
    if (status !== 200 && !/already exists/.test(text)) this.workload.ledger.fault('answer', text);
    await this.freeze(server);
  }

  // Documents that take no more writes.
  async freeze(server) {
    const { status, body } = await server.get('/frozen/_settings');
    if (status === 200 && body.frozen.settings.index.blocks?.write === 'true') return;
    await server.put('/frozen', { settings: { number_of_shards: 2 } });
    const lines = Array.from({ length: FROZEN }, (_, n) => `{"index":{"_id":"f${n}"}}\n{"n":${n}}\n`);
    await server.request('POST', '/frozen/_bulk', lines.join(''), { 'content-type': 'application/x-ndjson' });
    await server.put('/frozen/_block/write');
  }

  // A copy is whole, or not there.
  async copy() {
    this.copied = null;
    await this.workload.call('DELETE', '/copy');
    const { status, text } = await this.workload.call('POST', `/frozen/${random(2) ? '_clone' : '_shrink'}/copy`);
    if (status >= 300) this.workload.ledger.fault('answer', text);
    this.copied = true;
    await sleep(random(100));
  }

  async checkCopy(server, ledger) {
    const { status, body, text } = await server.get('/copy/_count');
    if (this.copied && status !== 200) ledger.fault('lost', `the copy that was acknowledged: ${text}`);
    if (status === 200 && body.count !== FROZEN) ledger.fault('disagree', `the copy has ${body.count} documents`);
    if (status !== 200 && status !== 404) ledger.fault('answer', text);
  }

  async write() {
    const id = `t${random(DOCUMENTS)}`, value = ++this.workload.value;
    this.pending = [id, value];
    const { status, text } = await this.workload.call('PUT', `/${NAME}/_doc/${id}`, { n: value });
    if (status >= 300) this.workload.ledger.fault('answer', text);
    this.values.set(id, value);
    this.pending = null;
    await sleep(random(10));
  }

  // One that the last life began may still be on its way: this one is refused then.
  async rebuild() {
    const { status, body, text } = await this.workload.call('POST', `/${NAME}/_rebuild`, { mappings: { properties: { n: { type: TYPES[random(TYPES.length)] } } } });
    if (status >= 300 && (status !== 409 || body.error.type !== 'resource_already_exists_exception')) this.workload.ledger.fault('answer', `a rebuild was answered ${text}`);
    await sleep(random(200));
  }

  // Changes no value, whatever comes between.
  async revise() {
    const { status, body, text } = await this.workload.call('POST', `/${NAME}/_update_by_query?conflicts=proceed&slices=${1 + random(2)}&scroll_size=${1 + random(10)}`);
    if (body.error?.type === 'index_not_found_exception') return; // two generations on
    if (status >= 300 || body.failures.length) this.workload.ledger.fault('answer', `an update by query was answered ${text}`);
    await sleep(random(100));
  }

  // A switch makes conflicts of what is deleted, which are counted.
  async sweep() {
    this.swept.clear();
    const lines = SWEPT.flatMap((id) => [JSON.stringify({ index: { _id: id } }), JSON.stringify({ n: 1 })]);
    const { text, body } = await this.workload.call('POST', `/${NAME}/_bulk?refresh=true`, `${lines.join('\n')}\n`, { 'content-type': 'application/x-ndjson' });
    if (body.errors !== false) this.workload.ledger.fault('answer', text);
    for (const id of SWEPT) this.swept.set(id, true);
    await sleep(random(20));
    this.swept.clear();
    const deleted = await this.workload.call('POST', `/${NAME}/_delete_by_query?conflicts=proceed`, { query: { ids: { values: SWEPT } } });
    if (deleted.body.error?.type === 'index_not_found_exception') return;
    if (deleted.status >= 300) this.workload.ledger.fault('answer', deleted.text);
    if (deleted.body.deleted === SWEPT.length) for (const id of SWEPT) this.swept.set(id, false);
    await sleep(random(50));
  }

  checkSwept(found, ledger) {
    for (const id of SWEPT) {
      if (this.swept.has(id) && this.swept.get(id) !== found.has(id)) ledger.fault(found.has(id) ? 'never sent' : 'lost', `${NAME}/${id}, which a query deletes`);
      found.delete(id);
    }
    this.swept.clear();
  }

  async speak() {
    this.wordsPending = ++this.workload.value;
    const { status, text } = await this.workload.call('PUT', '/_synonyms/words', { synonyms_set: [{ id: 'one', synonyms: `word, word${this.wordsPending}` }] });
    if (status >= 300) this.workload.ledger.fault('answer', text);
    this.words = this.wordsPending;
    await sleep(random(40));
  }

  async check(server, ledger) {
    await this.checkCopy(server, ledger);
    await server.post(`/${NAME}/_refresh`);
    const { body, text } = await server.post(`/${NAME}/_search`, { size: 100 });
    if (!body.hits) return ledger.fault('answer', text);
    const found = new Map(body.hits.hits.map(({ _id, _source }) => [_id, _source.n]));
    this.checkSwept(found, ledger);
    for (const id of new Set([...found.keys(), ...this.values.keys()])) {
      const mayBe = this.pending?.[0] === id && this.pending[1] === found.get(id);
      if (found.get(id) !== this.values.get(id) && !mayBe) ledger.fault('lost', `${NAME}/${id}: acknowledged ${this.values.get(id)}, found ${found.get(id)}`);
    }
    this.values = found;
    this.pending = null;
    const { body: set } = await server.get('/_synonyms/words');
    const words = Number(set.synonyms_set?.[0].synonyms.split('word').at(-1) ?? 0);
    if (words !== this.words && words !== this.wordsPending) ledger.fault('lost', `synonyms: acknowledged ${this.words}, found ${JSON.stringify(set)}`);
    this.words = this.wordsPending = words;
  }
}
