// PostgreSQL's full text: a tsvector column under a GIN index, ranked by ts_rank, in a cluster of the race's
// own. Times are taken in the server, so that the way to it costs nothing; its backend is pinned.
import { createReadStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { readQuery } from './syntax.mjs';
import { core, here, run } from './tools.mjs';

const BATCH = 1000;

function expression(text) {
  const { must, should, not } = readQuery(text);
  const leaf = (words) => `(${words.map((word) => `'${word}'`).join(' <-> ')})`;
  const any = should.map(leaf).join(' | ');
  const all = must.length ? must.map(leaf).join(' & ') : `(${any})`;
  return {
    match: [all, ...not.map((words) => `!${leaf(words)}`)].join(' & '),
    rank: [...must, ...should].map(leaf).join(' | '),
  };
}

// Runs a statement some times and answers its last row's number and the times.
const TIMED = `CREATE FUNCTION timed(statement text, rounds int, OUT count bigint, OUT times float8[]) AS $$
DECLARE begin_at timestamptz;
BEGIN
  EXECUTE statement INTO count;
  FOR i IN 1..rounds LOOP
    begin_at := clock_timestamp();
    EXECUTE statement INTO count;
    times := times || extract(epoch FROM clock_timestamp() - begin_at)::float8 * 1e6;
  END LOOP;
END $$ LANGUAGE plpgsql`;

export async function openPostgres(work) {
  const { Postgres, startPostgres } = await import(path.join(here, '../../support/postgres.mjs'));
  if (Postgres.missing()) throw new Error(Postgres.missing());
  mkdirSync(work, { recursive: true });
  const server = await startPostgres({
    parent: work,
    settings: {
      shared_buffers: '1GB', work_mem: '256MB', maintenance_work_mem: '1GB', wal_level: 'minimal', max_wal_senders: 0,
      synchronous_commit: 'off', autovacuum: 'off', jit: 'off', max_parallel_workers_per_gather: 0,
      max_parallel_maintenance_workers: 0, random_page_cost: 1.1, effective_cache_size: '4GB',
    },
  });
  const client = await server.connect();
  const one = async (sql, values) => Object.values((await client.query(sql, values)).rows[0])[0];
  return {
    version: await one('SHOW server_version'),
    async fill(corpus) {
      await client.query('CREATE UNLOGGED TABLE documents (id serial, title text, body text, words tsvector)');
      const insert = "INSERT INTO documents (title, body, words) SELECT t, b, to_tsvector('simple', b) FROM unnest($1::text[], $2::text[]) AS _ (t, b)";
      const begin = Date.now();
      let documents = 0, titles = [], bodies = [];
      const send = async () => {
        await client.query(insert, [titles, bodies]);
        titles = [];
        bodies = [];
      };
      for await (const line of createInterface({ input: createReadStream(corpus) })) {
        const { title, body } = JSON.parse(line);
        titles.push(title);
        bodies.push(body);
        if (++documents % BATCH === 0) await send();
      }
      await send();
      await client.query('CREATE INDEX ON documents USING gin (words)');
      const total_s = (Date.now() - begin) / 1000;
      await client.query('VACUUM ANALYZE documents');
      await client.query(TIMED);
      return { documents, total_s, bytes: Number(await one("SELECT pg_total_relation_size('documents')")) };
    },
    async query(queries, mode, rounds) {
      run('taskset', ['-c', '-p', core, String(await one('SELECT pg_backend_pid()'))]);
      const rows = [];
      for (const { query, tags } of queries) {
        const { match, rank } = expression(query);
        const quote = (text) => `${client.escapeLiteral(text)}::tsquery`;
        const from = `FROM documents WHERE words @@ ${quote(match)}`;
        const statement = mode === 'COUNT'
          ? `SELECT count(*) ${from}`
          : `SELECT count(*) FROM (SELECT id ${from} ORDER BY ts_rank(words, ${quote(rank)}) DESC LIMIT 10) AS best`;
        const { rows: [{ count, times }] } = await client.query('SELECT * FROM timed($1, $2)', [statement, rounds]);
        const sorted = [...(Array.isArray(times) ? times : times.slice(1, -1).split(','))].map(Number).sort((a, b) => a - b);
        rows.push({ query, tags, count: Number(count), best_us: sorted[0], median_us: sorted[rounds >> 1] });
      }
      return rows;
    },
    close: () => server.stop(),
  };
}
