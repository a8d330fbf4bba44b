// Many clients at once: nothing acknowledged is lost, nothing is seen twice or by half.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer({ memory: '128mb' });
});
after(() => server?.stop());

// Runs the readers for as long as the work takes, however it ends.
async function meanwhile(count, read, work) {
  let working = true;
  const readers = times(count, async () => {
    while (working) await read();
  });
  try {
    await Promise.race([work(), readers]);
  } finally {
    working = false;
  }
  await readers;
}

const times = (count, run) => Promise.all(Array.from({ length: count }, (_, n) => run(n)));

test('counters under optimistic concurrency count every increment, also after a kill', async () => {
  for (let id = 0; id < 3; id++) await server.put(`/counters/_doc/${id}`, { n: 0 });
  await times(4, async (writer) => {
    for (let step = 0; step < 30; step++) {
      const path = `/counters/_doc/${(writer + step) % 3}`;
      for (let status = 409; status !== 200;) {
        const { body } = await server.get(path);
        ({ status } = await server.put(`${path}?if_seq_no=${body._seq_no}&if_primary_term=${body._primary_term}`, { n: body._source.n + 1 }));
        assert.ok([200, 409].includes(status));
      }
    }
  });
  const sum = async () => {
    const { body } = await server.post('/counters/_mget', { ids: ['0', '1', '2'] });
    return body.docs.reduce((total, doc) => total + doc._source.n, 0);
  };
  assert.equal(await sum(), 120);
  await server.restart('SIGKILL');
  assert.equal(await sum(), 120);
});

test('updates of one document retry until all are in', async () => {
  const answers = await times(60, (n) => server.post('/merged/_update/1?retry_on_conflict=100', { doc: { [`f${n}`]: n }, doc_as_upsert: true }));
  assert.ok(answers.every(({ status }) => status === 200 || status === 201));
  const { body } = await server.get('/merged/_source/1');
  assert.deepEqual(body, Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`f${n}`, n])));
});

test('create lets exactly one of many win', async () => {
  const answers = await times(20, (n) => server.put('/won/_create/1', { n }));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(19).fill(409)]);
});

test('a count only grows while documents are only added, and new fields come from several sides', async () => {
  let last = 0;
  const read = async () => {
    const before = last;
    const { body } = await server.get('/log/_count?ignore_unavailable=true');
    assert.ok(body.count >= before, `${body.count} after ${before}`);
    last = Math.max(last, body.count);
  };
  await meanwhile(2, read, () => times(3, async (writer) => {
    for (let bulk = 0; bulk < 12; bulk++) {
      const refresh = ['', '?refresh=true', '?refresh=wait_for'][bulk % 3];
      const { status, body } = await server.bulk(`/log/_bulk${refresh}`,
        Array.from({ length: 40 }, (_, n) => [{ create: { _id: `${writer}-${bulk}-${n}` } }, { text: 'a b c', [`new${writer}_${bulk % 4}`]: n }]).flat());
      assert.equal(status, 200);
      assert.equal(body.errors, false);
    }
  }));
  await server.post('/log/_refresh');
  assert.equal((await server.get('/log/_count')).body.count, 3 * 12 * 40);
  assert.equal(Object.keys((await server.get('/log/_mapping')).body.log.mappings.properties).length, 1 + 12);
});

test('an alias that moves always leads to exactly one index', async () => {
  await server.put('/step-0/_doc/1?refresh=true', { step: 0 });
  await server.put('/step-0/_alias/current');
  const read = async () => {
    const { status, body } = await server.get('/current/_search');
    assert.equal(status, 200);
    assert.equal(body.hits.total.value, 1);
  };
  await meanwhile(2, read, async () => {
    for (let step = 1; step < 12; step++) {
      await server.put(`/step-${step}/_doc/1?refresh=true`, { step });
      const { status } = await server.post('/_aliases', { actions: [
        { remove: { index: `step-${step - 1}`, alias: 'current' } }, { add: { index: `step-${step}`, alias: 'current' } },
      ] });
      assert.equal(status, 200);
      assert.equal((await server.delete(`/step-${step - 1}`)).status, 200);
    }
  });
});
