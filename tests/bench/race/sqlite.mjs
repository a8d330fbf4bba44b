// SQLite's FTS5, in this process (node:sqlite), pinned with it: a table of title and body, ranked by its bm25.
import { rmSync, createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { readQuery } from './syntax.mjs';
import { core, run, sizeOf } from './tools.mjs';

const BATCH = 5000;

function expression(text, ranked) {
  const { must, should, not } = readQuery(text);
  const leaf = (words) => `"${words.join(' ')}"`;
  const any = should.map(leaf).join(' OR ');
  let all = must.map(leaf).join(' AND ');
  if (!must.length) all = `(${any})`;
  // What is optional counts for the rank alone: each match has the first required word again.
  else if (ranked && should.length) all = `${all} AND (${leaf(must[0])} OR ${any})`;
  return `body : (${[all, ...not.map(leaf)].join(' NOT ')})`;
}

export async function openSqlite(work) {
  const { DatabaseSync } = await import('node:sqlite');
  const file = path.join(work, 'sqlite.db');
  const clean = () => ['', '-wal', '-shm', '-journal'].forEach((end) => rmSync(file + end, { force: true }));
  clean();
  run('taskset', ['-a', '-c', '-p', core, String(process.pid)]);
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -524288; PRAGMA mmap_size = 4294967296');
  db.exec("CREATE VIRTUAL TABLE documents USING fts5(title, body, tokenize = 'unicode61')");
  return {
    version: db.prepare('SELECT sqlite_version() AS v').get().v,
    async fill(corpus) {
      const insert = db.prepare('INSERT INTO documents (title, body) VALUES (?, ?)');
      const begin = Date.now();
      let documents = 0;
      db.exec('BEGIN');
      for await (const line of createInterface({ input: createReadStream(corpus) })) {
        const { title, body } = JSON.parse(line);
        insert.run(title, body);
        if (++documents % BATCH === 0) db.exec('COMMIT; BEGIN');
      }
      db.exec("COMMIT; INSERT INTO documents (documents) VALUES ('optimize')");
      return { documents, total_s: (Date.now() - begin) / 1000, bytes: sizeOf(file) };
    },
    query(queries, mode, rounds) {
      const ranked = mode !== 'COUNT';
      const statement = db.prepare(ranked
        ? 'SELECT rowid FROM documents WHERE documents MATCH ? ORDER BY rank LIMIT 10'
        : 'SELECT count(*) AS count FROM documents WHERE documents MATCH ?');
      return queries.map(({ query, tags }) => {
        const match = expression(query, ranked);
        const found = statement.all(match);
        const times = [];
        for (let round = 0; round < rounds; round++) {
          const begin = process.hrtime.bigint();
          statement.all(match);
          times.push(Number(process.hrtime.bigint() - begin) / 1000);
        }
        times.sort((a, b) => a - b);
        return { query, tags, count: ranked ? found.length : found[0].count, best_us: times[0], median_us: times[rounds >> 1] };
      });
    },
    close() {
      db.close();
      clean();
      run('taskset', ['-a', '-c', '-p', `0-${core}`, String(process.pid)]);
    },
  };
}
