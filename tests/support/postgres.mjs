// A Postgres of its own for a test file: a cluster in a temporary directory, a free port on loopback, a socket in that
// directory, logical replication on, fsync off. It runs as an unprivileged user when the tests run as root, and is
// stopped by its pid whatever happens; its log is shown when a test failed.
//
//   const missing = Postgres.missing();              // why there is none, or undefined: test('..', { skip: missing }, ..)
//   const postgres = await startPostgres({ settings: { logical_decoding_work_mem: '64kB' } });
//   await postgres.query('SELECT $1::int AS n', [1]) // rows as objects, by a pooled connection
//   const client = await postgres.connect();         // a session of one's own (pg.Client); ended by stop()
//   await postgres.psql('a script');                 // what psql prints with -At
//   postgres.url('database'), postgres.port, postgres.directory
//   await postgres.kill();                           // -9, all of it
//   await postgres.start(); await postgres.restart(); await postgres.stop();
//   const standby = await startPostgres({ of: postgres });  // streams from it; await standby.promote()
//   await standby.takeSlot(postgres, 'name');        // while it is halted: as tools do that keep slots through a failover
//
// bigint, numeric, dates and whatever else loses something as a JavaScript value comes as text. POSTGRES_BIN names the
// directory of the programs; otherwise the newest of /usr/lib/postgresql/*/bin, then the path.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync,
  rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const pg = createRequire(new URL('../api/package.json', import.meta.url))('pg');
const LOG_LIMIT = 64 * 1024;
const LIVE = new Set();
const START_MS = 120000;

const binaries = () => {
  const roots = [];
  if (process.env.POSTGRES_BIN) roots.push(process.env.POSTGRES_BIN);
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    const versions = readdirSync(debian).filter((v) => /^\d+$/.test(v)).sort((a, b) => b - a);
    roots.push(...versions.map((v) => join(debian, v, 'bin')));
  }
  roots.push(...(process.env.PATH ?? '').split(':'));
  return roots.find((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')));
};

// postgres refuses to run as root: the user that it runs as then.
const servant = () => {
  if (process.getuid() !== 0) return null;
  for (const name of ['postgres', 'nobody'])
    try {
      const id = (flag) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      continue;
    }
  return undefined;
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const asText = { getTypeParser: (oid, format) => {
  const plain = new Set([16, 21, 23, 26, 25, 1043, 19, 700, 701, 114, 3802]);
  return plain.has(oid) ? pg.types.getTypeParser(oid, format) : (value) => value;
} };

process.on('exit', (code) => {
  for (const postgres of LIVE) postgres.atExit(code);
});

export class Postgres {
  static missing() {
    if (!binaries()) return 'no PostgreSQL server is installed';
    if (servant() === undefined) return 'PostgreSQL does not run as root, and there is neither a user postgres nor nobody';
    return undefined;
  }

  // settings: lines of postgresql.conf. hba: lines in front of the one that trusts everybody on loopback. of: its primary.
  constructor({ settings = {}, hba = [], of, parent = process.env.AUK_TEST_DIR ?? tmpdir() } = {}) {
    this.bin = binaries();
    this.as = servant() ?? {};
    this.directory = mkdtempSync(join(parent, 'auk-pg-'));
    this.data = join(this.directory, 'data');
    this.settings = settings;
    this.hba = hba;
    this.primary = of;
    this.log = '';
    this.child = null;
    this.pools = new Map();
    this.clients = new Set();
    if (this.as.uid !== undefined) chownSync(this.directory, this.as.uid, this.as.gid);
    chmodSync(this.directory, 0o755);
    LIVE.add(this);
  }

  atExit(code) {
    if (this.child) this.signalAll('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
    if (code !== 0 && this.log) console.error(`--- the log of Postgres\n${this.log}---`);
  }

  program(name) {
    return join(this.bin, name);
  }

  // Runs one of the programs beside the server, as its user.
  run(name, args, options = {}) {
    return new Promise((resolve, reject) => {
      const child = execFile(this.program(name), args,
        { ...this.as, cwd: this.directory, maxBuffer: 1 << 28, env: { ...process.env, ...this.env(), LC_ALL: 'C' } },
        (error, stdout, stderr) => (error ? reject(new Error(`${name}: ${stderr || error.message}`)) : resolve(stdout)));
      if (options.input !== undefined) child.stdin.end(options.input);
    });
  }

  env() {
    const port = this.port === undefined ? {} : { PGPORT: String(this.port) };
    return { PGHOST: '127.0.0.1', ...port, PGUSER: 'postgres', PGDATABASE: 'postgres', HOME: this.directory,
      PGPASSFILE: '/dev/null' };
  }

  async copy() {
    await this.run('pg_basebackup', ['-D', this.data, '-h', '127.0.0.1', '-p', String(this.primary.port), '-U', 'postgres',
      '-X', 'stream', '-c', 'fast', '-R', '--no-sync']);
    this.configure({ unix_socket_directories: this.directory, ...this.settings });
  }

  async promote() {
    await this.query('SELECT pg_promote()');
  }

  async takeSlot(from, name) {
    const at = (postgres) => join(postgres.data, 'pg_replslot', name);
    mkdirSync(at(this), { recursive: true, mode: 0o700 });
    copyFileSync(join(at(from), 'state'), join(at(this), 'state'));
    for (const path of [at(this), join(at(this), 'state')])
      if (this.as.uid !== undefined) chownSync(path, this.as.uid, this.as.gid);
    chmodSync(join(at(this), 'state'), 0o600);
  }

  async init() {
    if (this.primary) return this.copy();
    await this.run('initdb', ['-D', this.data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
    const settings = {
      listen_addresses: '127.0.0.1', unix_socket_directories: this.directory, fsync: 'off',
      full_page_writes: 'off', wal_level: 'logical', max_wal_senders: 20, max_replication_slots: 20, max_connections: 100,
      shared_buffers: '32MB', autovacuum_naptime: '5s', log_min_messages: 'warning', max_worker_processes: 4,
      max_wal_size: '4GB', ...this.settings,
    };
    this.configure(settings);
    const file = join(this.data, 'pg_hba.conf');
    writeFileSync(file, [...this.hba, 'local all all trust', 'host all all 127.0.0.1/32 trust',
      'local replication all trust', 'host replication all 127.0.0.1/32 trust', ''].join('\n'));
  }

  // Adds to postgresql.conf; of those that need no restart: followed by query('SELECT pg_reload_conf()').
  configure(settings) {
    const quote = (value) => `'${String(value).replaceAll("'", "''")}'`;
    appendFileSync(join(this.data, 'postgresql.conf'),
      Object.entries(settings).map(([name, value]) => `${name} = ${quote(value)}\n`).join(''));
  }

  // Another program may take the port between two starts: then it is tried with another one, the first time.
  async start() {
    if (!existsSync(this.data)) await this.init();
    const fresh = this.port === undefined;
    for (let attempt = 0; ; attempt++) {
      if (fresh) this.port = await freePort();
      try {
        return await this.launch();
      } catch (error) {
        if (attempt === 5 || !/in use/.test(error.message)) throw error;
        await pause(200);
      }
    }
  }

  async launch() {
    const child = spawn(this.program('postgres'), ['-D', this.data, '-p', String(this.port)],
      { ...this.as, cwd: this.directory, detached: true, stdio: ['ignore', 'ignore', 'pipe'],
        env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } });
    this.child = child;
    this.log = '';
    let ended = null;
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => resolve((ended = { error })));
      child.on('exit', (code, signal) => {
        if (this.child === child) this.child = null;
        resolve((ended = { code, signal }));
      });
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.log = (this.log + text).slice(-LOG_LIMIT);
    });
    for (const until = Date.now() + START_MS; ; ) {
      if (ended) throw new Error(`postgres ended early\n${this.log}`);
      if (await this.answers()) return this;
      if (Date.now() > until) throw new Error(`postgres did not become ready\n${this.log}`);
      await pause(50);
    }
  }

  async answers() {
    const client = this.client({ connectionTimeoutMillis: 5000 });
    try {
      await client.connect();
      const { rows } = await client.query("SELECT current_setting('data_directory') AS at");
      return rows[0].at === this.data;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  }

  client(options = {}) {
    const client = new pg.Client({ host: '127.0.0.1', port: this.port, user: 'postgres', database: 'postgres',
      types: asText, ...options });
    client.on('error', () => {}); // a connection that is killed is the test's business
    return client;
  }

  async connect(options) {
    const client = this.client(options);
    await client.connect();
    this.clients.add(client);
    return client;
  }

  // Rows as objects; of several statements those of the last.
  async query(sql, parameters, database = 'postgres') {
    if (!this.pools.has(database)) {
      const pool = new pg.Pool({ host: '127.0.0.1', port: this.port, user: 'postgres', database, types: asText, max: 8 });
      pool.on('error', () => {});
      this.pools.set(database, pool);
    }
    const result = await this.pools.get(database).query(sql, parameters);
    return (Array.isArray(result) ? result.at(-1) : result).rows;
  }

  // The first column of the first row.
  async value(sql, parameters, database) {
    const [row] = await this.query(sql, parameters, database);
    return row && Object.values(row)[0];
  }

  psql(script, database = 'postgres') {
    return this.run('psql', ['-X', '-At', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database], { input: script });
  }

  // Whether a commit of that session, which is to have synchronous_commit on, waits for a standby: the checkpointer
  // turns this on for all some time behind a reload, whatever a session sees of the setting.
  async commitWaits(client) {
    let committed = false, waits = false;
    const commit = client.query("SELECT pg_logical_emit_message(true, 'probe', '')").finally(() => { committed = true; });
    while (!committed && !waits)
      waits = (await this.value('SELECT wait_event FROM pg_stat_activity WHERE pid = $1', [client.processID])) === 'SyncRep';
    if (waits)
      await this.query('SELECT pg_cancel_backend($1)', [client.processID]); // of the wait alone
    await commit;
    return waits;
  }

  url(database = 'postgres', user = 'postgres') {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}`;
  }

  async hangUp() {
    const ends = [...this.pools.values(), ...this.clients].map((one) => one.end().catch(() => {}));
    this.pools.clear();
    this.clients.clear();
    const patience = new Promise((resolve) => setTimeout(resolve, 2000).unref());
    await Promise.race([Promise.all(ends), patience]);
  }

  // The server is a session leader of its own (detached), but its children are leaders too: so they are listed.
  signalAll(signal) {
    const top = this.child?.pid;
    if (!top) return;
    const children = [];
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
        if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === top) children.push(Number(entry));
      } catch {
        continue;
      }
    }
    for (const pid of [top, ...children])
      try {
        process.kill(pid, signal);
      } catch {
        continue;
      }
  }

  // As when the machine dies, except for its disk.
  async kill() {
    if (!this.child) return;
    const { ended } = this;
    this.signalAll('SIGKILL');
    await ended;
    await this.hangUp();
  }

  // fast (SIGINT) waits for walsenders whose receivers confirm; what takes too long is stopped at once (SIGQUIT).
  async halt(signal = 'SIGINT', patienceMs = 20000) {
    if (!this.child) return;
    const { ended, child } = this;
    await this.hangUp();
    process.kill(child.pid, signal);
    const timer = setTimeout(() => this.child === child && process.kill(child.pid, 'SIGQUIT'), patienceMs);
    await ended;
    clearTimeout(timer);
  }

  async restart(signal) {
    await this.halt(signal);
    return this.start();
  }

  async stop() {
    await this.halt('SIGQUIT');
    LIVE.delete(this);
    process.once('exit', (code) => {
      if (code !== 0 && this.log) console.error(`--- the log of Postgres\n${this.log}---`);
    });
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const startPostgres = (options) => new Postgres(options).start();
