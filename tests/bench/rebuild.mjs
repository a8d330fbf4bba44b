// A rebuild under load: searches and writes at half of what the machine can do, before and during it.
//
//   node tests/bench/rebuild.mjs [--data DIR] [--documents N] [--seconds N] [--most SECONDS]
//
// Reports; judges nothing. A rebuild that takes longer than --most (900) is cancelled, and the bench fails. One server on a free port of the loopback interface, stopped by its pid.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request as send } from 'node:http'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

const root = resolve(import.meta.dirname, '../..')
const auk = process.env.AUK_BINARY ?? join(root, 'build/release/auk')
const generator = join(root, 'build/release/datasets/auk-generate')
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1]
}
const documents = Number(option('documents', 1_000_000))
const seconds = Number(option('seconds', 15))
const mostMs = Number(option('most', 900)) * 1000
const base = option('data', join(root, 'build/bench'))
mkdirSync(base, { recursive: true })
const work = mkdtempSync(join(base, 'rebuild-'))
let server
process.on('exit', () => {
  if (server?.exitCode === null) server.kill('SIGKILL')
  rmSync(work, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
const report = (what, asked, got) => console.log(`${what.padEnd(64)} ${asked.padEnd(18)} ${got}`)

async function start() {
  server = spawn(auk, ['serve', '--data', join(work, 'data'), '--http', '127.0.0.1:0', '--memory', '1gb'], {
    stdio: ['ignore', 'pipe', openSync(join(work, 'server.log'), 'a')],
  })
  let line = ''
  for await (const chunk of server.stdout) {
    line += chunk
    if (line.includes('\n')) break
  }
  const url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0]
  if (!url) throw new Error(`the server did not start: ${readFileSync(join(work, 'server.log'), 'utf8')}`)
  return url
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
function call(url, method, path, body, type = 'application/json') {
  return new Promise((answer, fail) => {
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const headers = payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }
    const sent = send(url + path, { method, agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => answer({ status: response.statusCode, body: text }))
    })
    sent.on('error', fail)
    sent.end(payload)
  })
}

// ---- the load: searches one by one, writes as small bulks, paced ----

let written = 0, errors = 0
const words = ['bo', 'ka', 'lu', 'mi', 'ne', 'ra', 'so', 'ti', 've', 'zu']
let state = 7
const random = (limit) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8) % limit

async function searchOnce(url) {
  const query = { query: { match: { body: `${words[random(10)]}${words[random(10)]} ${words[random(10)]}${words[random(10)]}` } } }
  const answer = await call(url, 'POST', '/b/_search', query)
  if (answer.status !== 200 || answer.body.includes('"failures"')) errors++
}

async function writeOnce(url) {
  const lines = []
  for (let i = 0; i < 10; i++) lines.push(`{"index":{"_id":"w${written + i}"}}`, JSON.stringify({ body: `fresh ${words[random(10)]}`, w: true }))
  written += 10
  const answer = await call(url, 'POST', '/b/_bulk', lines.join('\n') + '\n', 'application/x-ndjson')
  if (answer.status !== 200 || !answer.body.includes('"errors":false')) errors++
}

// One request after the other, pausing so long that the share of time in requests is `load`.
async function line(once, load, until, times) {
  while (!until()) {
    const from = performance.now()
    await once()
    const took = performance.now() - from
    times.push(took)
    if (load < 1) await sleep((took * (1 - load)) / load)
  }
}

async function run(url, load, until) {
  const searches = [], writes = []
  await Promise.all([
    line(() => searchOnce(url), load, until, searches), line(() => searchOnce(url), load, until, searches),
    line(() => writeOnce(url), load, until, writes),
  ])
  return { searches: searches.sort((a, b) => a - b), writes: writes.sort((a, b) => a - b) }
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
const ms = (value) => `${value.toFixed(2)} ms`

const url = await start()
const file = join(work, 'documents.ndjson')
spawnSync('sh', ['-c', `${generator} --documents ${documents} --words 30 > ${file}`])
const from = performance.now()
const imported = spawnSync(auk, ['import', file, '--url', url, '--index', 'b', '--id', 'id'], { encoding: 'utf8' })
if (imported.status !== 0) throw new Error(`import failed: ${imported.stdout}${imported.stderr}`)
const importRate = documents / ((performance.now() - from) / 1000)
await call(url, 'POST', '/b/_flush')
await call(url, 'POST', '/b/_refresh')

const after = (ms) => {
  const end = performance.now() + ms
  return () => performance.now() > end
}
await run(url, 0.5, after(2000))
const calm = await run(url, 0.5, after(seconds * 1000))

let task, end
const begin = call(url, 'POST', '/b/_rebuild?wait_for_completion=false', { mappings: { properties: { w: { type: 'boolean' } } }, merge: true })
  .then((answer) => (task = JSON.parse(answer.body).task))
const watch = (async () => {
  await begin
  const late = after(mostMs)
  while (!end) {
    if (late()) await call(url, 'POST', `/_tasks/${task}/_cancel`)
    const state = JSON.parse((await call(url, 'GET', `/_tasks/${task}`)).body)
    if (state.completed) end = state
    else await sleep(100)
  }
})()
const busy = await run(url, 0.5, () => end)
await watch
if (!end.response) throw new Error(JSON.stringify(end))
await call(url, 'POST', '/b/_refresh')
const there = JSON.parse((await call(url, 'GET', '/b/_count')).body).count

report(`rebuild of ${documents.toLocaleString('en')} documents under load`, '-', `${(end.response.took / 1000).toFixed(1)} s`)
report('errors of searches and writes during it', '0', `${errors}`)
report('acknowledged writes that are missing', '0', `${documents + written - there}`)
report('searches, p99 without it', '-', ms(quantile(calm.searches, 0.99)))
report('searches, p99 during it', '<= 2 x', `${ms(quantile(busy.searches, 0.99))} (${(quantile(busy.searches, 0.99) / quantile(calm.searches, 0.99)).toFixed(1)} x)`)
report('writes, p99 without it and during it', '-', `${ms(quantile(calm.writes, 0.99))}, ${ms(quantile(busy.writes, 0.99))}`)
report('writers kept waiting by the switch', '<= 50 ms', ms(end.response.switch_in_millis))
report('operations that landed during copy, catch-up, fence', '> 0', Object.values(end.response.operations).join(', '))

await call(url, 'POST', '/b/_rebuild', { verify: false, keep_old: '0' }) // nobody else is there
const again = JSON.parse((await call(url, 'POST', '/b/_rebuild?wait_for_completion=false', { verify: false, keep_old: '0' })).body).task
let rate = 0
for (;;) {
  const state = JSON.parse((await call(url, 'GET', `/_tasks/${again}`)).body)
  rate = Math.max(rate, state.task.status?.phase === 'copy' ? 0 : (state.task.status?.docs_per_second ?? 0))
  if (state.completed) break
  await sleep(50)
}
report('copy, alone, against bulk import of the same documents', '>= 70 %', `${rate.toFixed(0)}/s against ${importRate.toFixed(0)}/s (${((100 * rate) / importRate).toFixed(0)} %)`)
const ended = once(server, 'exit')
server.kill('SIGTERM')
await ended
