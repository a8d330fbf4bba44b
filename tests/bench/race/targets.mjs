// What is asked of the race and what was measured: rows { what, asked, measured, met } from the results of
// the parts. Ratios are of times by geometric mean (rates: the other way round).
import { geometric, mean } from './tools.mjs';

const ALL = ['TOP_10', 'TOP_100', 'TOP_1000', 'COUNT', 'TOP_100_COUNT'];
const QUERY_TARGETS = [
  { tag: 'term', modes: ['TOP_10', 'TOP_100_COUNT'], asked: { lucene: 0.15 } },
  { tag: 'intersection', modes: ALL, asked: { lucene: 0.6, tantivy: 0.6 } },
  { tag: 'union', modes: ALL.slice(0, 4), asked: { lucene: 0.6, tantivy: 0.45 } },
  { tag: 'union', modes: ['TOP_100_COUNT'], asked: { lucene: 0.3, tantivy: 0.45 } },
  { tag: 'phrase', modes: ALL, asked: { lucene: 0.6, tantivy: 0.6 } },
  { tag: 'required_optional', modes: ALL, asked: { lucene: 0.5 } },
  { tag: 'negated', modes: ALL, asked: { lucene: 0.5 } },
];

const atMost = (what, asked, measured) => ({ what, asked: `≤ ${asked}`, measured: measured.toFixed(2), met: measured <= asked });
const atLeast = (what, asked, measured) => ({ what, asked: `≥ ${asked}`, measured: measured.toFixed(2), met: measured >= asked });

// Reordered beside reordered, where both raced.
const ownOf = (table, peer) => (peer === 'lucene-bp' && table['auk-bp'] ? table['auk-bp'] : table.auk);
export const ratioOf = (table, tag, peer) => ownOf(table, peer)[tag].geometric / table[peer][tag].geometric;

function queryRows({ corpus, tables, sides }) {
  const rows = [];
  const has = (mode, tag, peer) => tables[mode]?.auk[tag] && tables[mode][peer]?.[tag];
  for (const { tag, modes, asked } of QUERY_TARGETS)
    for (const [peer, limit] of Object.entries(asked))
      for (const mode of modes.filter((mode) => has(mode, tag, peer)))
        rows.push(atMost(`${corpus}: ${tag}, ${mode}, of ${peer}'s time`, limit, ratioOf(tables[mode], tag, peer)));
  const peers = sides.map(({ name }) => name).filter((name) => !name.startsWith('auk'));
  const best = Object.entries(tables).flatMap(([mode, table]) => Object.keys(table.auk).map((tag) => {
    const [ratio, peer] = peers.map((peer) => [ratioOf(table, tag, peer), peer]).sort((a, b) => b[0] - a[0])[0];
    return { mode, tag, peer, ratio };
  }));
  const above = best.filter(({ ratio }) => ratio > 0.8).map(({ mode, tag, peer, ratio }) => `${tag} ${mode} ${ratio.toFixed(2)} (${peer})`);
  rows.push({ what: `${corpus}: every tag and mode, of the best peer's time`, asked: '≤ 0.80', measured: above.length ? above.join(', ') : `at most ${Math.max(...best.map(({ ratio }) => ratio)).toFixed(2)}`, met: above.length === 0 });
  return rows;
}

function indexRows({ corpus, rows }) {
  const auk = rows.find(({ name }) => name === 'auk');
  const lucene = rows.find(({ name }) => name === 'lucene');
  const rate = (made) => made.documents / made.index_s;
  const out = [['one', 'one thread'], ['two', 'two threads']].map(([at, words]) =>
    atLeast(`${corpus}: indexing, ${words}, documents/s of Lucene's`, 2.5, rate(auk[at]) / rate(lucene[at])));
  const bare = (made) => made.segment_bytes - (made.stored_bytes ?? NaN);
  const size = bare(auk.one) / bare(lucene.one);
  if (Number.isFinite(size)) out.push(atMost(`${corpus}: index size without sources, of Lucene's`, 1, size));
  return out;
}

function httpRows({ corpus, sides: [auk, other] }) {
  if (!other) return [];
  const each = Object.keys(auk.steps).map((connections) => [connections, auk.steps[connections], other.steps[connections]]);
  return [
    ...each.map(([n, a, b]) => atLeast(`${corpus}: HTTP, ${n} connections, searches/s of OpenSearch's`, 5, a.answers_per_second / b.answers_per_second)),
    ...each.map(([n, a, b]) => atMost(`${corpus}: HTTP, ${n} connections, p99 of OpenSearch's`, 0.2, a.p99_ms / b.p99_ms)),
    atLeast(`${corpus}: HTTP, bulk documents/s of OpenSearch's`, 4, auk.bulkRate / other.bulkRate),
    atMost(`${corpus}: resident memory of OpenSearch's, mapped files included`, 0.1, auk.resident.all / other.resident.all),
    atMost(`${corpus}: resident memory of OpenSearch's, without mapped files`, 0.1, auk.resident.own / other.resident.own),
  ];
}

function columnRows({ rows }) {
  const groups = [
    ['terms aggregation over all matches', (name) => /^terms_.*_all$/.test(name)],
    ['date_histogram over all matches', (name) => /^histogram_.*_all$/.test(name)],
    ['sort by a field', (name) => name.startsWith('sort_')],
    ['range filters', (name) => name.startsWith('range_')],
  ];
  return groups.flatMap(([what, belongs]) => {
    const ratios = rows.filter(({ name }) => belongs(name)).map(({ ratio }) => ratio);
    return ratios.length ? [atMost(`columns: ${what}, of Lucene's time (geometric mean of ${ratios.length})`, 0.5, geometric(ratios))] : [];
  });
}

function scaleRows({ small, large }) {
  const all = ({ tags }) => geometric(Object.values(tags).map(({ geometric: value }) => value));
  const arithmetic = ({ tags }) => mean(Object.values(tags).map(({ mean: value }) => value));
  return [
    atMost(`${small.documents} to ${large.documents} documents: latency of a top-10 query, geometric mean`, 4, all(large) / all(small)),
    atMost(`${small.documents} to ${large.documents} documents: the same, arithmetic mean`, 4, arithmetic(large) / arithmetic(small)),
  ];
}

const KINDS = { query: queryRows, index: indexRows, http: httpRows, columns: columnRows, scale: scaleRows };

export const targetRows = (parts) =>
  Object.entries(KINDS).flatMap(([kind, rows]) => parts.filter(({ part }) => part.split('-')[0] === kind).flatMap(rows));
