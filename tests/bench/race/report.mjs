// Writes docs/BENCHMARKS.md, its picture and the history from the results that the parts left.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { drawRatios } from './picture.mjs';
import { ratioOf, targetRows } from './targets.mjs';
import { number, readParts } from './tools.mjs';

const FACTS = { auk: 'counts and scores', lucene: 'counts, and scores to one ulp', tantivy: 'counts, and scores to two millionths (which it multiplies by k1 + 1)' };
const corpusName = (name) => (name === 'packages' ? 'packages' : `${name} generated documents`);
const measured = ({ date, commit, load, seconds }) => `Measured ${date} at commit ${commit}, load average ${load.toFixed(1)} at its end, in ${seconds} s.`;

class Page {
  lines = [];
  say(...lines) {
    for (const line of lines) this.lines.push(line, '');
  }
  table(head, rows) {
    const row = (cells) => `| ${cells.join(' | ')} |`;
    this.say([row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n'));
  }
}

function sayTargets(page, parts) {
  page.say('## Asked and measured');
  const rows = targetRows(parts);
  page.say(`${rows.filter(({ met }) => met).length} of ${rows.length} are met. Ratios of times in one run, geometric mean per tag and mode; rates the other way round.`);
  page.table(['what', 'asked', 'measured', ''], rows.map(({ what, asked, measured: value, met }) => [what, asked, value, met ? 'met' : '**missed**']));
}

function saySides(page, parts) {
  const named = new Map();
  for (const { sides = [], rows = [], indexing = [] } of parts)
    for (const side of [...sides, ...rows, ...indexing])
      if (side.version) named.set(side.name, { ...named.get(side.name), ...side });
  page.say([...named.values()].map(({ name, version, runtime, built }) => `- ${name} ${version}${runtime ? ` on ${runtime}` : ''}${built ? ` (${built})` : ''}`).join('\n'));
  const missing = [...new Set(parts.flatMap((part) => part.missing ?? []))];
  if (missing.length) page.say(missing.map((line) => `- missing: ${line}`).join('\n'));
}

function sayAgreement(page, parts) {
  page.say('## Do they agree?');
  const lines = [];
  for (const { corpus, agreement } of parts.filter(({ part }) => part.startsWith('query-')))
    for (const { name, differences, first } of agreement) {
      const what = FACTS[name.split('-')[0]];
      lines.push(`- ${corpusName(corpus)}, ${name}: ${differences === 0 ? `the same ${what} on every query and mode` : `${differences} differences in ${what}, first: ${first}`}`);
    }
  for (const { corpus, agreement } of parts.filter(({ part }) => part.startsWith('fallback-')))
    for (const { name, differences, first } of agreement)
      lines.push(`- ${corpusName(corpus)}, ${name}: ${differences === 0 ? 'the same counts on every query' : `${differences} other counts, first: ${first}`}`);
  for (const { corpus, differences, sides } of parts.filter(({ part }) => part.startsWith('http-')))
    if (sides[1]) lines.push(`- ${corpusName(corpus)}, ${sides[1].name}: ${differences === 0 ? 'the same counts on every search' : `${differences} other counts`}`);
  for (const { differences } of parts.filter(({ part }) => part === 'columns'))
    lines.push(`- columns, lucene: ${differences.length === 0 ? 'the same answers to every task' : `${differences.length} other answers, first: ${differences[0]}`}`);
  page.say(lines.join('\n'));
}

function sayIndex(page, part) {
  page.say(`### Indexing, ${corpusName(part.corpus)}`, measured(part));
  const megabytes = (bytes) => (bytes === undefined ? '' : (bytes / 1e6).toFixed(0));
  page.table(['engine', 'documents/s, one thread', 'two threads', 'merged to one segment, total s (one thread)', 'index MB', 'of it sources MB'],
    part.rows.map(({ name, one, two }) => [name, number(one.documents / one.index_s), number(two.documents / two.index_s), one.total_s.toFixed(1), megabytes(one.segment_bytes), megabytes(one.stored_bytes)]));
}

function sayTimes(page, tables, heading) {
  for (const [mode, table] of Object.entries(tables)) {
    page.say(`${heading} ${mode}`);
    const rows = Object.keys(table.auk).flatMap((tag) => Object.entries(table).map(([name, tags]) => {
      const { geometric, mean, p50, p99 } = tags[tag];
      return [tag, name, ...[geometric, mean, p50, p99].map(number), name.startsWith('auk') ? '' : ratioOf(table, tag, name).toFixed(name === 'postgres' || name === 'sqlite' ? 4 : 2)];
    }));
    page.table(['tag', 'engine', 'geometric', 'mean', 'p50', 'p99', 'Auk / it'], rows);
  }
}

function sayQuery(page, part) {
  page.say(`### Queries, ${corpusName(part.corpus)}, microseconds`, `${measured(part)} ${part.perTag} queries a tag, drawn by a seed; one segment, one pinned thread, best of ${part.rounds} rounds in two turns, no result cache. Ratio: geometric mean of Auk over the peer; auk-bp (documents in the order of graph bisection) over lucene-bp.`);
  sayTimes(page, part.tables, '####');
}

function sayFallback(page, part) {
  page.say(`### What people fall back on, ${corpusName(part.corpus)}, microseconds`, `${measured(part)} ${part.perTag} queries a tag, best of ${part.rounds}; PostgreSQL is timed inside its server, ranks by ts_rank and has all in memory; SQLite ranks by its bm25, in process.`);
  page.table(['engine', 'documents/s, with their index', 'MB'], part.indexing.map(({ name, documents, total_s, bytes }) => [name, number(documents / total_s), (bytes / 1e6).toFixed(0)]));
  sayTimes(page, part.tables, '####');
}

function sayHttp(page, part) {
  page.say(`### Over HTTP, ${corpusName(part.corpus)}`, `${measured(part)} The same bulk bodies of 1,000 documents from two senders, made ahead of the clock, then ${part.searches} searches (10 hits with their sources) over and over; the client shares the cores.`);
  page.table(['engine', 'bulk documents/s', 'resident MB', 'of it no mapped files'], part.sides.map(({ name, bulkRate, resident }) => [name, number(bulkRate), number(resident.all), number(resident.own)]));
  page.table(['connections', 'engine', 'searches/s', 'p50 ms', 'p99 ms'], Object.keys(part.sides[0].steps).flatMap((n) =>
    part.sides.map(({ name, steps }) => [n, name, steps[n].answers_per_second, steps[n].p50_ms.toFixed(2), steps[n].p99_ms.toFixed(2)])));
}

function sayColumns(page, part) {
  page.say(`### Columns, ${part.documents} documents, microseconds`, `${measured(part)} Best of all rounds.`);
  page.table(['task', 'auk', 'lucene', 'Auk / it'], part.rows.map(({ name, aukUs, luceneUs, ratio }) => [name, number(aukUs), number(luceneUs), ratio.toFixed(2)]));
}

function sayScale(page, part) {
  page.say(`### Ten times the documents, TOP_10, microseconds`, measured(part));
  const [small, large] = [part.small, part.large];
  page.table(['tag', `${small.documents}: geometric`, 'mean', `${large.documents}: geometric`, 'mean', 'times, geometric'], Object.keys(large.tags).map((tag) => [
    tag, number(small.tags[tag].geometric), number(small.tags[tag].mean), number(large.tags[tag].geometric), number(large.tags[tag].mean), (large.tags[tag].geometric / small.tags[tag].geometric).toFixed(2)]));
}

// ---- the history: ratios to Lucene of each commit that was measured ----

function keepHistory(file, parts) {
  const history = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  for (const { commit, date, corpus, tables } of parts.filter(({ part }) => part.startsWith('query-'))) {
    const ratios = Object.fromEntries(Object.entries(tables).map(([mode, table]) =>
      [mode, Object.fromEntries(Object.keys(table.auk).map((tag) => [tag, Number(ratioOf(table, tag, 'lucene').toFixed(3))]))]));
    const at = history.findIndex((entry) => entry.commit === commit && entry.corpus === corpus);
    history[at < 0 ? history.length : at] = { commit, date, corpus, ratios };
  }
  writeFileSync(file, `[\n${history.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`);
  return history;
}

function sayHistory(page, history) {
  page.say('## History', 'Geometric mean of Auk over Lucene, commit by commit.');
  for (const corpus of [...new Set(history.map((entry) => entry.corpus))]) {
    const entries = history.filter((entry) => entry.corpus === corpus);
    const modes = [...new Set(entries.flatMap(({ ratios }) => Object.keys(ratios)))];
    const tags = [...new Set(entries.flatMap(({ ratios }) => Object.values(ratios).flatMap(Object.keys)))];
    page.say(`${corpusName(corpus)}: ${entries.map(({ commit, date }) => `${commit} (${date})`).join(', ')}`);
    page.table(['tag', ...modes], tags.map((tag) =>
      [tag, ...modes.map((mode) => entries.map(({ ratios }) => ratios[mode]?.[tag]?.toFixed(2) ?? '-').join(', '))]));
  }
}

// ---- the page ----

const ORDER = [['index-', sayIndex], ['query-', sayQuery], ['http-', sayHttp], ['columns', sayColumns], ['scale-', sayScale], ['fallback-', sayFallback]];

export function writeReport(work, out, os) {
  const parts = readParts(work);
  const beside = path.dirname(out);
  const page = new Page();
  page.say('# The race', `Written by \`make race\` on ${os.cpus().length} cores (${os.cpus()[0].model}), ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB. Auk in process beside Lucene (plain, and with its BP merge policy) and tantivy; over HTTP beside OpenSearch; PostgreSQL and SQLite as what people fall back on. Each part says when and at which commit it was measured.`);
  saySides(page, parts);
  sayAgreement(page, parts);
  sayTargets(page, parts);
  page.say('![ratios to Lucene](benchmarks.svg)', '## The figures');
  for (const [prefix, sayPart] of ORDER) for (const part of parts.filter(({ part: name }) => name.startsWith(prefix))) sayPart(page, part);
  sayHistory(page, keepHistory(path.join(beside, 'benchmarks-history.json'), parts));
  const text = `${page.lines.join('\n').trimEnd()}\n`;
  writeFileSync(out, text);
  const shown = parts.filter(({ part }) => part.startsWith('query-')).at(0);
  if (shown) {
    const ratios = Object.entries(shown.tables).flatMap(([mode, table]) => Object.keys(table.auk).map((tag) => ({ mode, tag, ratio: ratioOf(table, tag, 'lucene') })));
    writeFileSync(path.join(beside, 'benchmarks.svg'), drawRatios(ratios));
  }
  return text;
}
