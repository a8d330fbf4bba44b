// The chains of bench_analysis, by Auk and by Lucene, on the same texts in one run: megabytes a second of one core.
//
//   node tests/bench/analysis.mjs [FILE]      FILE: a text in place of made-up Latin words
//
// Reports; judges nothing. Without a JDK and Maven only Auk's figures are there.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const wanted = {
  'standard + lowercase': 500,
  'standard + lowercase, Cyrillic': 120,
  'standard + lowercase, Greek': 120,
  'icu_tokenizer, Chinese': 20,
  'icu_tokenizer, Japanese': 20,
  'icu_tokenizer, Thai': 20,
  english: 180,
  'lowercase + edge_ngram 2..15': 40,
}

// "name    123.4 MB/s ..." a line, as both programs print it.
function rates(command, args) {
  const ran = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (ran.status === 3) return console.log(ran.stdout.trim())
  if (ran.status !== 0) throw new Error(`${command} failed: ${ran.stdout}`)
  return new Map([...ran.stdout.matchAll(/^(\S.*?) +([\d.]+) MB\/s/gm)].map(([, name, rate]) => [name, Number(rate)]))
}

const folder = mkdtempSync(join(tmpdir(), 'auk-bench-'))
try {
  const auk = rates(join(root, 'build/release/tests/bench/bench_analysis'), ['--write', folder, ...process.argv.slice(2, 3)])
  const lucene = rates(join(root, 'tests/golden/analysis/lucene.sh'), ['Bench', folder])
  console.log(`${'chain'.padEnd(36)} ${'asked'.padEnd(12)} ${'Auk'.padStart(10)} ${'Lucene'.padStart(10)}   ratio`)
  for (const [name, rate] of auk) {
    const asked = wanted[name] ? `>= ${wanted[name]}, 3 x` : '-'
    const other = lucene?.get(name)
    console.log(`${name.padEnd(36)} ${asked.padEnd(12)} ${rate.toFixed(1).padStart(10)} ${(other?.toFixed(1) ?? '').padStart(10)}   ` +
      `${other ? `${(rate / other).toFixed(1)} x` : ''}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
