// Copies and changes by query while others write. What a reindex reads is one moment; what an update or a delete by query
// writes takes back no write that was acknowledged. AUK_SOAK_ROUNDS: more rounds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

const ROUNDS = Number(process.env.AUK_SOAK_ROUNDS ?? 5);
const WRITERS = 3;
const OWN = 40; // documents of a writer
const random = (limit) => Math.floor(Math.random() * limit);

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

// Each writer walks round its documents, in this order, and writes a number that grows by one each round.
class Writer {
  constructor(index, number) {
    Object.assign(this, { index, number, at: 0, value: 1, acked: new Map() });
  }
  id(n) {
    return `w${this.number}-${String(n).padStart(2, '0')}`;
  }
  async step() {
    const { at, value } = this;
    const { status, body, text } = await server.put(`/${this.index}/_doc/${this.id(at)}`, { writer: this.number, at, value });
    assert.ok(status < 300, text);
    this.acked.set(this.id(at), { value, version: body._version, seqNo: body._seq_no });
    this.at = (at + 1) % OWN;
    if (this.at === 0) this.value++;
  }
  async load() {
    do await this.step();
    while (this.at !== 0);
  }
  // A moment between two writes: the first documents have the newer number.
  isMoment(values) {
    return values.every((value, at) => at === 0 || value === values[at - 1] || (value === values[at - 1] - 1 && values.slice(at).every((other) => other === value)));
  }
}

// Runs work while the writers write; answers what it answers.
async function during(writers, work) {
  let over = false, failure = null;
  const busy = writers.map(async (writer) => {
    while (!over) await writer.step();
  });
  const answer = await work().catch((error) => (failure = error));
  over = true;
  await Promise.all(busy);
  if (failure) throw failure;
  return answer;
}

async function documents(index) {
  await server.post(`/${index}/_refresh`);
  const { body } = await server.post(`/${index}/_search`, { size: 1000, version: true });
  return new Map(body.hits.hits.map((hit) => [hit._id, hit]));
}

async function makeWriters(index, shards) {
  await server.put(`/${index}`, { settings: { number_of_shards: shards, refresh_interval: '20ms' } });
  const writers = Array.from({ length: WRITERS }, (_, number) => new Writer(index, number));
  await Promise.all(writers.map((writer) => writer.load()));
  return writers;
}

test('a reindex under writes is one moment', async () => {
  const writers = await makeWriters('moment', 1);
  for (let round = 0; round < ROUNDS; round++) {
    const copy = `moment-${round}`;
    const before = new Map(writers.flatMap((writer) => [...writer.acked].map(([id, { version }]) => [id, version])));
    await server.post('/moment/_refresh');
    const sorted = round % 2 ? { sort: { value: 'asc' } } : {};
    const { status, body } = await during(writers, () =>
      server.post(`/_reindex?refresh=true&slices=${1 + random(3)}`, { source: { index: 'moment', size: 1 + random(30), ...sorted }, dest: { index: copy, version_type: 'external' } }));
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.created, WRITERS * OWN);
    const found = await documents(copy);
    assert.equal(found.size, WRITERS * OWN);
    for (const writer of writers) {
      const values = Array.from({ length: OWN }, (_, n) => found.get(writer.id(n))._source.value);
      assert.ok(writer.isMoment(values), `no moment: ${values}`);
    }
    for (const [id, { _version }] of found) assert.ok(_version >= before.get(id), `${id} is older than what had been refreshed`);
  }
});

test('an update by query takes back no write', async (t) => {
  const writers = await makeWriters('kept', 3);
  let conflicts = 0, updated = 0;
  for (let round = 0; round < ROUNDS * 2; round++) {
    const { status, body } = await during(writers, () =>
      server.post(`/kept/_update_by_query?conflicts=proceed&slices=${1 + random(3)}&scroll_size=${1 + random(20)}`));
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.updated + body.version_conflicts, body.total);
    conflicts += body.version_conflicts;
    updated += body.updated;
    const found = await documents('kept');
    for (const { acked } of writers)
      for (const [id, { value, version }] of acked) {
        assert.equal(found.get(id)?._source.value, value, `${id} lost a write`);
        assert.ok(found.get(id)._version >= version);
      }
  }
  t.diagnostic(`${updated} updated, ${conflicts} conflicts`);
});

test('a delete by query deletes what it found, not what came after', async () => {
  const writers = await makeWriters('swept', 3);
  let deleted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const written = new Map();
    const marks = new Map(writers.flatMap((writer) => [...writer.acked].map(([id, { seqNo }]) => [id, seqNo])));
    await server.post('/swept/_refresh');
    const least = Math.max(...writers.map(({ value }) => value));
    for (const writer of writers) writer.value = Math.max(writer.value, least + 1); // out of the query's reach
    const { body } = await during(writers, () =>
      server.post(`/swept/_delete_by_query?conflicts=proceed&slices=${1 + random(3)}&scroll_size=${1 + random(20)}`, { query: { range: { value: { lte: least } } } }));
    deleted += body.deleted;
    for (const writer of writers) for (const [id, { value, seqNo }] of writer.acked) if (seqNo !== marks.get(id)) written.set(id, value);
    const found = await documents('swept');
    for (const [id, value] of written) assert.equal(found.get(id)?._source.value, value, `${id} lost a write`);
    for (const id of found.keys()) assert.ok(written.has(id), `${id} was to be deleted`);
    assert.equal(body.failures.length, 0, JSON.stringify(body));
  }
  assert.ok(deleted > 0);
});

test('kill -9 on the way loses no write, and the task says what became of it', async () => {
  const writers = await makeWriters('killed', 2);
  for (let round = 0; round < Math.min(ROUNDS, 3); round++) {
    const verb = round % 2 ? '_delete_by_query' : '_update_by_query';
    const query = round % 2 ? { term: { writer: 99 } } : { match_all: {} };
    const { body } = await server.post(`/killed/${verb}?wait_for_completion=false&conflicts=proceed&scroll_size=5&requests_per_second=2000`, { query });
    for (let n = random(20); n > 0; n--) await Promise.all(writers.map((writer) => writer.step()));
    await server.restart('SIGKILL');
    const found = await documents('killed');
    for (const { acked } of writers) for (const [id, { value }] of acked) assert.equal(found.get(id)?._source.value, value, `${id} lost a write`);
    const { body: task } = await server.get(`/_tasks/${body.task}`);
    assert.equal(task.completed, true);
    assert.ok(task.response || task.error.type === 'task_interrupted_exception', JSON.stringify(task));
  }
});
