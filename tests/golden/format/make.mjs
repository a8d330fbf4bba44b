// Writes a golden data directory: AUK_BINARY=... node tests/golden/format/make.mjs v1
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '../../support/server.mjs';
import { ask, fill } from './content.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), process.argv[2] ?? 'v1');
if (existsSync(folder)) throw new Error(`${folder} is there: what a released program wrote is not written again`);
mkdirSync(folder);
const server = await startServer();
await fill(server);
const expected = await ask(server);
await server.halt('SIGKILL');
writeFileSync(join(folder, 'expected.json'), JSON.stringify(expected) + '\n');
execFileSync('tar', ['--sort=name', '--owner=0', '--group=0', '--exclude=LOG*', '-czf', join(folder, 'data.tar.gz'), '-C', server.directory, 'data']);
await server.stop().catch(() => {});
