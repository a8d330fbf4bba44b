// Load: mixed reads and writes from 1, 16, 256 and 2,000 connections, and what the event loops do beside a
// bare libevent that answers without thinking.
//
//   node tests/bench/load.mjs [--seconds N] [--connections 1,16,256,2000] [--data DIR]
//
// Prints a table and says whether the promises hold: no error but 429, throughput flat after saturation,
// 60 % of the bare loops. The clients are a C program on the same cores.
import { spawn, spawnSync } from 'node:child_process'
import { createConnection } from 'node:net'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { cpus, loadavg, release } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const build = process.env.AUK_BUILD ?? join(root, 'build/release')
const auk = process.env.AUK_BINARY ?? join(build, 'server/cli/auk')
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1]
}
const seconds = Number(option('seconds', 60))
const steps = option('connections', '1,16,256,2000').split(',').map(Number)
const base = option('data', join(root, 'build/bench'))
mkdirSync(base, { recursive: true })
const work = mkdtempSync(join(base, 'load-'))
const children = new Set()
process.on('exit', () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
  rmSync(work, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

async function firstLine(child) {
  let line = ''
  for await (const chunk of child.stdout) {
    line += chunk
    if (line.includes('\n')) break
  }
  return line
}

async function start(program, args, stdin = 'ignore') {
  const child = spawn(program, args, { stdio: [stdin, 'pipe', openSync(join(work, 'log'), 'a')] })
  children.add(child)
  const line = await firstLine(child)
  if (!line) throw new Error(`${program} did not start: ${readFileSync(join(work, 'log'), 'utf8')}`)
  return { child, line }
}

async function stop(child) {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  children.delete(child)
}

function load(port, connections, time, kind, name) {
  const ran = spawnSync(join(build, 'tests/bench/bench_load'), [port, connections, time, Math.min(2, connections), kind, name].map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (ran.status !== 0) throw new Error(`bench_load ended with ${ran.status}`)
  return JSON.parse(ran.stdout)
}

const { child: server, line } = await start(auk, ['serve', '--data', join(work, 'data'), '--http', '127.0.0.1:0', '--memory', '1gb'])
const port = Number(/:(\d+) /.exec(line)[1])
const url = `http://127.0.0.1:${port}`
const call = async (method, path, body, type = 'application/json') => {
  const answer = await fetch(url + path, { method, body, headers: body ? { 'content-type': type } : {} })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return answer.text()
}

console.log(`${cpus().length} cores of ${cpus()[0].model}, Linux ${release()}, load ${loadavg()[0].toFixed(1)} before; ${seconds} s each`)
await call('PUT', '/load', JSON.stringify({ mappings: { properties: { t: { type: 'text' }, k: { type: 'keyword' }, n: { type: 'long' } } } }))
for (let part = 0; part < 100; part++) {
  const lines = []
  for (let i = 0; i < 1000; i++) {
    const id = part * 1000 + i
    lines.push(`{"index":{"_id":"${id}"}}\n{"t":"w${(id * 7919) % 1000} w${(id * 104729) % 1000}","k":"key${id % 100}","n":${id}}\n`)
  }
  await call('POST', '/load/_bulk', lines.join(''), 'application/x-ndjson')
}
await call('POST', '/load/_refresh')

const failures = []
const judge = (fine, what) => fine || failures.push(what)
console.log('\nmixed: 60 % searches, 10 % aggregations, 10 % reads, 15 % writes, 5 % bulks of 20')
console.log('connections    answers/s   429    errors  p50 ms     p99 ms')
const mixed = []
for (const connections of steps) {
  const got = load(port, connections, seconds, 'mix', '/load')
  mixed.push(got)
  console.log(`${String(connections).padStart(11)} ${String(got.answers_per_second).padStart(12)} ${String(got.refused).padStart(5)} ${String(got.errors + got.lost).padStart(9)} ${got.p50_ms.toFixed(2).padStart(7)} ${got.p99_ms.toFixed(2).padStart(10)}`)
  judge(got.errors + got.lost === 0, `${connections} connections: ${got.errors} errors (first ${got.first_error}), ${got.lost} connections lost`)
}
const best = Math.max(...mixed.map((one) => one.answers_per_second))
const last = mixed.at(-1).answers_per_second
console.log(`after saturation: ${((100 * last) / best).toFixed(0)} % of the best`)
judge(last > 0.8 * best, `throughput falls to ${((100 * last) / best).toFixed(0)} % of its best`)

// The ceiling: the same client, the same answer size, the same number of loops, in turns.
async function answerSize(method, path, body) {
  const socket = createConnection(port, '127.0.0.1')
  socket.end(`${method} ${path} HTTP/1.1\r\nHost: auk\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  let bytes = 0
  for await (const data of socket) bytes += data.length
  return bytes
}

const cheap = [
  ['GET /_health/live, on the loop itself', 'get', '/_health/live', await answerSize('GET', '/_health/live', '')],
  ['count of an index', 'get', '/load/_count', await answerSize('GET', '/load/_count', '')],
  ['GET of a document', 'get', '/load/_doc/4711', await answerSize('GET', '/load/_doc/4711', '')],
  ['term query, one hit', 'search', '/load/_search', 400],
]
console.log('\nthe loops beside a bare libevent, 64 connections, best of three turns')
console.log('what                                        auk/s    bare/s   part')
for (const [what, kind, path, size] of cheap) {
  const { child: echo, line: echoPort } = await start(join(build, 'tests/bench/bench_echo'), [String(cpus().length), String(size)], 'pipe')
  const time = Math.max(2, seconds / 12)
  const ratios = []
  for (let turn = 0; turn < 3; turn++) {
    const ours = load(port, 64, time, kind, path).answers_per_second
    const bare = load(Number(echoPort), 64, time, kind, path).answers_per_second
    ratios.push({ ours, bare, part: ours / bare })
  }
  await stop(echo)
  const { ours, bare, part } = ratios.sort((a, b) => b.part - a.part)[0]
  console.log(`${what.padEnd(40)} ${String(ours).padStart(8)} ${String(bare).padStart(9)}   ${(100 * part).toFixed(0)} %`)
  if (kind === 'get') judge(part >= 0.6, `${what}: ${(100 * part).toFixed(0)} % of a bare loop`)
}

const memory = JSON.parse(await call('GET', '/_memory'))
console.log(`\nresident without files afterwards: ${(memory.process.anonymous_in_bytes / 1048576).toFixed(0)} MiB`)
await stop(server)
for (const failure of failures) console.log(`does not hold: ${failure}`)
process.exit(failures.length ? 1 : 0)
