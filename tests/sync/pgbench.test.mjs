// pgbench beside it: at the end the indices hold what its tables hold, and the lag was bounded.
// AUK_SOAK_ROUNDS: so many times a minute.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';
import { verify } from './verify.mjs';

const SECONDS = Number(process.env.AUK_SOAK_ROUNDS ?? 0) * 60 || (process.env.AUK_TEST_FAULTS === 'few' ? 3 : 8);

test('pgbench writes, and the indices follow', { skip: Postgres.missing() }, async (t) => {
  const postgres = await startPostgres();
  const server = await startServer();
  try {
    await postgres.run('pgbench', ['-i', '-s', '1', '-q']);
    const { status, text } = await server.put('/_sync/bank', { connection: postgres.url(), documents: [
      { index: 'accounts', table: 'pgbench_accounts', id: '{aid}' },
      { index: 'branches', table: 'pgbench_branches', id: '{bid}', children: [
        { table: 'pgbench_tellers', as: 'tellers', shape: 'array', on: { bid: 'bid' }, order: 'tid' }] },
    ] });
    assert.ok(status < 300, text);
    const said = await postgres.run('pgbench', ['-c', '4', '-j', '1', '-T', String(SECONDS), '-n']);
    const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
    const started = Date.now();
    const counted = await server.get(`/accounts/_count?wait_for_lsn=${lsn}&wait_for_lsn_timeout=120s`);
    assert.equal(counted.status, 200, counted.text);
    t.diagnostic(`${/tps = [\d.]+/.exec(said)}; seen ${Date.now() - started} ms after the last one`);
    assert.equal(counted.body.count, 100000);

    const sum = async (index, field) => {
      const { body } = await server.post(`/${index}/_search`, { size: 0, aggs: { all: { sum: { field } } } });
      return body.aggregations.all.value;
    };
    assert.equal(await sum('accounts', 'abalance'), Number(await postgres.value('SELECT sum(abalance) FROM pgbench_accounts')));
    assert.equal(await sum('branches', 'bbalance'), Number(await postgres.value('SELECT sum(bbalance) FROM pgbench_branches')));
    assert.equal(await sum('branches', 'tellers.tbalance'), Number(await postgres.value('SELECT sum(tbalance) FROM pgbench_tellers')));
    assert.equal(await verify(server, 'bank'), 100011);
  } finally {
    await server.stop();
    await postgres.stop();
  }
});
