// The figures that README promises, measured on this machine: import, search latency, start, memory, disk.
//
//   node tests/bench/bench.mjs [--data DIR] [--documents N] [--queries N]
//
// Reports; judges nothing. Runs one server at a time on a free port of the loopback interface and stops it by pid.
import { spawn, spawnSync } from 'node:child_process'
import { createConnection } from 'node:net'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { cpus, hostname, release, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'

const root = resolve(import.meta.dirname, '../..')
const auk = process.env.AUK_BINARY ?? join(root, 'build/release/auk')
const generator = join(root, 'build/release/datasets/auk-generate')
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1]
}
const generated = Number(option('documents', 1_000_000))
const queryCount = Number(option('queries', 20_000))

const base = option('data', join(root, 'build/bench'))
mkdirSync(base, { recursive: true })
const fileSystem = spawnSync('stat', ['-f', '-c', '%T', base], { encoding: 'utf8' }).stdout.trim()
if (fileSystem === 'tmpfs' || fileSystem === 'ramfs') {
  console.error(`bench: ${base} is on ${fileSystem}; figures without a disk say nothing. Give --data DIR.`)
  process.exit(2)
}
const work = mkdtempSync(join(base, 'run-'))
let server
const cleanUp = () => {
  if (server?.exitCode === null) server.kill('SIGKILL')
  rmSync(work, { recursive: true, force: true })
}
process.on('exit', cleanUp)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

const rows = []
const report = (what, asked, got) => {
  rows.push([what, asked, got])
  console.log(`${what.padEnd(64)} ${asked.padEnd(18)} ${got}`)
}

// ---- the server ----

async function start(directory) {
  const from = performance.now()
  server = spawn(auk, ['serve', '--data', directory, '--http', '127.0.0.1:0', '--memory', '512mb'], {
    stdio: ['ignore', 'pipe', openSync(join(work, 'server.log'), 'a')],
  })
  let line = ''
  for await (const chunk of server.stdout) {
    line += chunk
    if (line.includes('\n')) break
  }
  const took = performance.now() - from
  const url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0]
  if (!url) throw new Error(`the server did not start: ${readFileSync(join(work, 'server.log'), 'utf8')}`)
  return { url, took, ready: line.trim() }
}

async function stop() {
  const ended = once(server, 'exit')
  server.kill('SIGTERM')
  await ended
}

function memory() {
  const fields = readFileSync(`/proc/${server.pid}/smaps_rollup`, 'utf8')
  const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(fields)?.[1] ?? 0)
  return { anonymous: kib('Anonymous') / 1024, resident: kib('Rss') / 1024 }
}

const megabytes = (bytes) => bytes / 1e6
const diskOf = (directory) => Number(spawnSync('du', ['-sb', directory], { encoding: 'utf8' }).stdout.split('\t')[0])

// ---- a client that costs as little as possible: one socket, one request at a time ----

class Line {
  constructor(url) {
    const { hostname: host, port } = new URL(url)
    this.socket = createConnection(Number(port), host)
    this.socket.setNoDelay(true)
    this.buffer = Buffer.alloc(0)
    this.socket.on('data', (chunk) => {
      this.buffer = this.buffer.length ? Buffer.concat([this.buffer, chunk]) : chunk
      const head = this.buffer.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/content-length: (\d+)/i.exec(this.buffer.toString('latin1', 0, head))?.[1] ?? 0)
      if (this.buffer.length < head + 4 + length) return
      const body = this.buffer.subarray(head + 4, head + 4 + length)
      this.buffer = this.buffer.subarray(head + 4 + length)
      this.answer(body)
    })
  }
  call(path, body) {
    return new Promise((answer) => {
      this.answer = answer
      this.socket.write(
        `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
    })
  }
  close() {
    this.socket.destroy()
  }
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]

// Words of the corpus, drawn by a fixed sequence, weighted as they occur.
function twoWordQueries(file, count) {
  const words = readFileSync(file, 'utf8').slice(0, 20_000_000).match(/"summary":"[^"]*"/g)
    .flatMap((text) => text.slice(11, -1).toLowerCase().match(/[a-z]{3,}/g) ?? [])
  let state = 12345
  const next = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0)
  return Array.from({ length: count }, () => `${words[next() % words.length]} ${words[next() % words.length]}`)
}

async function searches(url, index, queries) {
  const line = new Line(url)
  const times = []
  for (let i = 0; i < queries.length + 500; i++) {
    const body = JSON.stringify({ query: { match: { summary: queries[i % queries.length] } } })
    const from = performance.now()
    const answer = await line.call(`/${index}/_search`, body)
    if (i >= 500) times.push(performance.now() - from)
    if (i === 0 && !JSON.parse(answer).hits) throw new Error(`search failed: ${answer}`)
  }
  line.close()
  return times.sort((a, b) => a - b)
}

function importFile(url, file, index, extra = []) {
  const from = performance.now()
  const ran = spawnSync(auk, ['import', file, '--url', url, '--index', index, ...extra], { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`import failed: ${ran.stdout}${ran.stderr}`)
  return (performance.now() - from) / 1000
}

// ---- the run ----

const cpu = cpus()[0].model.trim()
console.log(`${hostname()}: ${cpus().length} x ${cpu}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, ${fileSystem}`)
console.log(spawnSync(auk, ['version'], { encoding: 'utf8' }).stdout.trim())
console.log()

const packages = join(work, 'packages.ndjson')
spawnSync('sh', ['-c', `${join(root, 'datasets/packages/packages.pl')} > ${packages}`])
if (statSync(packages).size < 10_000_000) throw new Error('the package index of this machine is too small: run apt-get update')
const size = statSync(packages).size

const empty = join(work, 'empty')
await start(empty)
await new Promise((done) => setTimeout(done, 1500))
const idle = memory()
report('anonymous memory, idle and empty', '<= 10 MB', `${idle.anonymous.toFixed(1)} MB`)
report('resident memory, idle and empty', '<= 30 MB', `${idle.resident.toFixed(1)} MB`)
await stop()

const rates = []
for (let round = 0; round < 3; round++) {
  const directory = join(work, `packages-${round}`)
  const { url } = await start(directory)
  const seconds = importFile(url, packages, 'packages', ['--id', 'name', '--mapping', join(root, 'datasets/packages/mapping.json')])
  rates.push(megabytes(size) / seconds)
  await stop()
}
rates.sort((a, b) => a - b)
report(`import of packages (${megabytes(size).toFixed(1)} MB), median of 3`, '>= 40 MB/s',
  `${rates[1].toFixed(1)} MB/s (${rates.map((r) => r.toFixed(1)).join(', ')})`)

const directory = join(work, 'packages-2')
report('disk, sources included, against the NDJSON', '<= 1.0 x', `${(diskOf(directory) / size).toFixed(2)} x`)

let opened
for (let round = 0; round < 3; round++) {
  opened = await start(directory)
  if (round < 2) await stop()
}
report('start until ready, packages', '<= 150 ms', `${opened.took.toFixed(0)} ms, process start included (${opened.ready})`)
const times = await searches(opened.url, 'packages', twoWordQueries(packages, queryCount))
report(`match two words, top 10, ${queryCount} queries: p50`, '<= 0.5 ms', `${quantile(times, 0.5).toFixed(3)} ms`)
report('the same: p99', '<= 2 ms', `${quantile(times, 0.99).toFixed(3)} ms`)
await stop()

const large = join(work, 'generated')
const file = join(work, 'generated.ndjson')
spawnSync('sh', ['-c', `${generator} --documents ${generated} --words 30 > ${file}`])
const first = await start(large)
const seconds = importFile(first.url, file, 'generated', ['--id', 'id'])
report(`import of ${generated.toLocaleString('en')} generated documents (${megabytes(statSync(file).size).toFixed(0)} MB)`, '-',
  `${(megabytes(statSync(file).size) / seconds).toFixed(1)} MB/s`)
await stop()
const again = await start(large)
report('start until ready, those documents', '<= 300 ms', `${again.took.toFixed(0)} ms (${again.ready})`)
await stop()
