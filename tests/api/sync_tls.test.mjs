// What changes between the source and its database while it follows: certificates, authorities, passwords, and who holds
// the slot. Each is told by name, and goes by itself once it is mended.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.mjs';
import { Postgres, startPostgres } from '../support/postgres.mjs';
import { startServer } from '../support/server.mjs';

const PATIENCE_MS = 120000;

const openssl = () => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
  } catch {
    return 'no openssl program';
  }
};

describe('a connection that is secured', { skip: Postgres.missing() ?? openssl() }, () => {
  let folder, postgres, auk, other;
  const at = (name) => join(folder, name);
  const run = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const authority = (name) =>
    run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`,
      '-out', `${name}.crt`);
  // Takes effect for connections that come after it; those that are there are ended.
  const certify = async (by, host = '127.0.0.1') => {
    writeFileSync(at('san'), `subjectAltName=IP:${host}\n`);
    run('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=database', '-keyout', 'server.key', '-out', 'server.csr');
    run('x509', '-req', '-in', 'server.csr', '-CA', `${by}.crt`, '-CAkey', `${by}.key`, '-CAcreateserial', '-days', '2',
      '-extfile', 'san', '-out', 'server.crt');
    for (const file of ['server.crt', 'server.key']) {
      copyFileSync(at(file), join(postgres.data, file));
      if (postgres.as.uid !== undefined) chownSync(join(postgres.data, file), postgres.as.uid, postgres.as.gid);
      chmodSync(join(postgres.data, file), 0o600);
    }
    if (!postgres.child) return;
    await postgres.query('SELECT pg_reload_conf()');
    await hangUp();
  };
  const hangUp = () =>
    postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'auk %'");

  before(async () => {
    folder = mkdtempSync(join(process.env.AUK_TEST_DIR ?? tmpdir(), 'auk-tls-'));
    for (const name of ['first', 'second']) authority(name);
    postgres = new Postgres({ settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
      hba: ['hostssl all app 127.0.0.1/32 scram-sha-256', 'hostssl replication app 127.0.0.1/32 scram-sha-256',
        'host all app 127.0.0.1/32 reject'] });
    await postgres.init();
    await certify('first');
    await postgres.start();
    await postgres.psql(`CREATE ROLE app LOGIN SUPERUSER REPLICATION PASSWORD 'first secret';
      CREATE TABLE item (id int PRIMARY KEY, n int); INSERT INTO item SELECT i, i FROM generate_series(1, 50) i;`);
    writeFileSync(at('password'), 'first secret\n');
    copyFileSync(at('first.crt'), at('root.crt'));
    auk = await startServer();
    other = await startServer();
  });
  after(async () => {
    await other?.stop();
    await auk?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const body = () => ({ connection: `postgres://app@127.0.0.1:${postgres.port}/postgres`, tables: ['item'],
    password_file: at('password'), sslmode: 'verify-full', sslrootcert: at('root.crt') });
  // It tries again by itself, at last every 30 seconds; nobody waits for that here but in the first test.
  let patient = true;
  const state = (wanted, reason = /./, server = auk) =>
    eventually(async () => {
      if (!patient) {
        const { body: before } = await server.get('/_sync/shop');
        if (before.state === 'waiting') await server.post('/_sync/shop/_resume');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const { body: stats } = await server.get('/_sync/shop');
      assert.equal(stats.state, wanted, JSON.stringify(stats));
      if (wanted !== 'streaming') assert.match(stats.reason, reason);
      return stats;
    }, PATIENCE_MS);
  let n = 1000;
  const follows = async () => {
    await postgres.query('UPDATE item SET n = $1 WHERE id = 1', [++n]);
    await state('streaming');
    const lsn = await postgres.value('SELECT pg_current_wal_insert_lsn()');
    const { body: found } = await auk.get(`/item/_doc/1?wait_for_lsn=${lsn}&wait_for_lsn_timeout=100s`);
    assert.equal(found._source.n, n);
  };

  test('checks who answers, and goes on with a certificate that was replaced', async () => {
    const plain = await auk.put('/_sync/shop', { ...body(), sslmode: 'disable' });
    assert.equal(plain.status, 400, plain.text);
    assert.match(plain.body.error.reason, /reject|encryption/);
    const wrong = await auk.put('/_sync/shop', { ...body(), sslrootcert: at('second.crt') });
    assert.equal(wrong.status, 400, wrong.text);
    assert.match(wrong.body.error.reason, /certificate verify failed/);
    const { status, text } = await auk.put('/_sync/shop', body());
    assert.equal(status, 200, text);
    await follows();
    const [{ ssl }] = await postgres.query("SELECT bool_and(s.ssl) AS ssl FROM pg_stat_ssl s JOIN pg_stat_activity a"
      + " USING (pid) WHERE a.application_name LIKE 'auk %'");
    assert.equal(ssl, true);
    await certify('first');
    await follows();
  });

  test('tells of an authority that it does not know, and of another name', async () => {
    await certify('second');
    const { advice } = await state('waiting', /certificate verify failed/);
    assert.match(advice, /tried again/);
    assert.equal((await auk.get('/item/_count')).body.count, 50, 'searches go on');
    copyFileSync(at('second.crt'), at('root.crt'));
    await follows();
    patient = false;
    await certify('second', '127.0.0.9');
    await state('waiting', /does not match|server certificate for/);
    await certify('second');
    await follows();
    rmSync(at('root.crt'));
    await hangUp();
    await state('waiting', /root\.crt/);
    copyFileSync(at('second.crt'), at('root.crt'));
    await follows();
  });

  test('tells of a password that is wrong by now, and takes the new one', async () => {
    await postgres.query("ALTER ROLE app PASSWORD 'second secret'");
    await hangUp();
    const { advice, reason } = await state('waiting', /password authentication failed/);
    assert.match(advice, /password/);
    assert.doesNotMatch(JSON.stringify(await auk.get('/_sync/shop')), /secret/);
    assert.doesNotMatch(reason + auk.log, /first secret/);
    writeFileSync(at('password'), 'second secret\n');
    await follows();
    rmSync(at('password'));
    await hangUp();
    await state('waiting', /password_file/);
    writeFileSync(at('password'), 'second secret\n');
    await follows();
  });

  test('is told when another one follows the slot', async () => {
    const refused = await other.put('/_sync/shop', body());
    // Whoever comes later is told: at once, or, where the slot was free for a moment, by its state.
    if (refused.status === 200) await state('waiting', /is in use by process \d+ \(auk /, other);
    else assert.match(refused.text, /is in use|slot/);
    await follows();
    if (refused.status === 200) {
      await auk.post('/_sync/shop/_pause');
      await eventually(async () => assert.equal((await auk.get('/_sync/shop')).body.state, 'paused'), PATIENCE_MS);
      await state('streaming', /./, other);
      await auk.post('/_sync/shop/_resume');
      await state('waiting', /is in use by process \d+ \(auk /);
      const { advice } = (await auk.get('/_sync/shop')).body;
      assert.match(advice, /two cannot follow one slot/);
    }
  });
});
