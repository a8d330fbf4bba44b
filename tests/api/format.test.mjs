// Data directories of every released format are opened, whole; those of a newer one are refused.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask } from '../golden/format/content.mjs';
import { auk, check, copy, scratch, serveAt } from '../support/directory.mjs';
import { startServer } from '../support/server.mjs';

const golden = join(dirname(fileURLToPath(import.meta.url)), '../golden/format');
const folder = scratch('format');

for (const version of readdirSync(golden).filter((name) => /^v\d+$/.test(name))) {
  test(`a data directory of format ${version} is opened and says what it said`, async (t) => {
    const home = join(folder, version);
    mkdirSync(home);
    execFileSync('tar', ['-xzf', join(golden, version, 'data.tar.gz'), '-C', home]);
    const expected = JSON.parse(readFileSync(join(golden, version, 'expected.json'), 'utf8'));
    const before = await check(join(home, 'data'));
    assert.equal(before.code, 0, before.stdout);
    const { server, why } = await serveAt(join(home, 'data'));
    assert.ok(server, why);
    t.after(() => server.halt('SIGKILL'));
    assert.deepEqual(await ask(server), expected);
    // It goes on from there: writes, a merge of old and new, another start.
    assert.equal((await server.put('/places/_doc/new', { n: 1000, title: 'written today' })).status, 201);
    assert.equal((await server.post('/places/_forcemerge?max_num_segments=1')).status, 200);
    await server.restart();
    assert.equal((await server.get('/places/_count')).body.count, expected.count + 1);
    assert.equal((await server.get('/places/_doc/new')).body._source.n, 1000);
    await server.halt();
    const after = await check(join(home, 'data'));
    assert.equal(after.code, 0, after.stdout);
  });
}

// ---- a newer format: one byte of a record of the log, and its checksum ----

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n;
});
const crc32c = (bytes) => ~bytes.reduce((crc, byte) => table[(crc ^ byte) & 255] ^ (crc >>> 8), -1) >>> 0;

// Changes `from` to `to` (of one length) in the records of a log file of one block.
function rewrite(path, from, to) {
  const bytes = readFileSync(path);
  let changed = 0;
  for (let at = 0; at + 7 < bytes.length; ) {
    const size = bytes.readUInt16LE(at + 4);
    const record = bytes.subarray(at + 6, at + 7 + size);
    const where = record.indexOf(from);
    if (where >= 0) {
      to.copy(record, where);
      const crc = crc32c(record);
      bytes.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, at);
      changed++;
    }
    at += 7 + size;
  }
  assert.ok(changed > 0, `${path} has such a record`);
  writeFileSync(path, bytes);
}

const records = [
  ['the store', Buffer.from('\x06format\x04\0\0\0\x01', 'latin1'), Buffer.from('\x06format\x04\0\0\0\x09', 'latin1')],
  ['the catalog', Buffer.from('{"format":1,"cluster_uuid"'), Buffer.from('{"format":9,"cluster_uuid"')],
];
for (const [name, from, to] of records) {
  test(`a newer format of ${name} is refused with a word that names both`, async (t) => {
    const server = await startServer();
    await server.halt('SIGKILL');
    const data = join(folder, `new-${name.replace(/\W/g, '')}`, 'data');
    copy(join(server.directory, 'data'), data);
    await server.stop().catch(() => {});
    const log = readdirSync(data).find((file) => file.endsWith('.log'));
    rewrite(join(data, log), from, to);
    const { server: opened, why } = await serveAt(data);
    t.after(() => opened?.halt('SIGKILL'));
    assert.equal(opened, null);
    assert.match(why, /is written in format \[9\], this version of auk \(\d+\.\d+\.\d+\) reads format \[1\]; start the version that wrote it/);
    const checked = await auk(['check', '--repair', data]);
    assert.equal(checked.code, 2, checked.stdout);
    assert.match(checked.stderr, /format \[9\]/);
  });
}
