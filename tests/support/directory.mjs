// Data directories of tests: made once, copied for each damage, looked at by `auk check`, read back.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from './server.mjs';

export const random = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

export const scratch = (name) => {
  const folder = mkdtempSync(join(process.env.AUK_TEST_DIR ?? tmpdir(), `auk-${name}-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const copy = (from, to) => {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
};

// Runs auk to its end: { code, stdout, stderr }.
export const auk = (args) =>
  new Promise((resolve) =>
    execFile(process.env.AUK_BINARY, args, { maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    ),
  );

export const check = async (directory, ...flags) => {
  const result = await auk(['check', directory, '--json', ...flags]);
  if (result.code !== 0 && result.code !== 1) return result;
  return { ...result, ...JSON.parse(result.stdout) };
};

// A server over a directory that is kept; null when it refuses, with its words in `why`.
export async function serveAt(directory) {
  const server = new Server();
  rmSync(server.directory, { recursive: true, force: true });
  server.directory = directory.replace(/\/data$/, '');
  try {
    await server.start();
  } catch (error) {
    process.off('exit', server.atExit);
    return { server: null, why: error.message, log: server.log };
  }
  process.off('exit', server.atExit);
  return { server };
}

// Every document of an index: id to [version, source]. An error of the server is thrown.
export async function documents(server, index) {
  const all = new Map();
  let after;
  for (;;) {
    const { status, body, text } = await server.post(`/${index}/_search`, {
      size: 1000, version: true, sort: [{ n: 'asc' }], ...(after && { search_after: after }),
    });
    if (status !== 200) throw Object.assign(new Error(text), { status });
    for (const hit of body.hits.hits) all.set(hit._id, JSON.stringify([hit._version, hit._source]));
    if (body.hits.hits.length < 1000) return all;
    after = body.hits.hits.at(-1).sort;
  }
}
