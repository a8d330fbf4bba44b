// What the golden data directories hold, and what is asked of them.
const words = 'amber basin cedar delta ember fjord grove heath islet juniper knoll lagoon'.split(' ');
const text = (n, size) => Array.from({ length: size }, (_, i) => words[(n * 7 + i * i * 3 + i) % words.length]).join(' ');

const document = (n) => ({
  n,
  title: text(n, 6),
  body: text(n + 5, 10),
  tag: n % 5 ? [`t${n % 4}`, `u${n % 3}`] : `t${n % 4}`,
  price: n / 4,
  big: n * 1e12,
  day: `2024-0${1 + (n % 9)}-1${n % 9}`,
  flag: n % 2 === 0,
  address: `10.0.${n % 3}.${n}`,
  ...(n % 6 === 0 && { extra: { note: text(n, 3), rank: n } }),
});

export async function fill(server) {
  await server.put('/_cluster/settings', { persistent: { 'action.auto_create_index': 'true' } });
  await server.put('/places', {
    settings: { number_of_shards: 2, refresh_interval: '5s', analysis: { analyzer: { mine: { tokenizer: 'standard', filter: ['lowercase', 'porter_stem'] } } } },
    aliases: { all: {}, some: { filter: { term: { flag: true } } } },
    mappings: {
      properties: {
        n: { type: 'integer' }, title: { type: 'text', fields: { raw: { type: 'keyword' } } }, body: { type: 'text', analyzer: 'mine' },
        tag: { type: 'keyword' }, price: { type: 'double' }, big: { type: 'long' }, day: { type: 'date' }, flag: { type: 'boolean' }, address: { type: 'ip' },
      },
    },
  });
  const put = (from, to) => server.bulk('/places/_bulk', Array.from({ length: to - from }, (_, i) => [{ index: { _id: `p${from + i}`, ...((from + i) % 10 === 3 && { routing: 'r' }) } }, document(from + i)]).flat());
  await put(0, 150);
  await server.post('/places/_flush');
  await put(120, 260);
  await server.bulk('/places/_bulk', [{ delete: { _id: 'p4' } }, { delete: { _id: 'p200' } }, { update: { _id: 'p8' } }, { doc: { title: 'changed title', price: 99.5 } }]);
  await server.post('/places/_flush');
  await put(250, 300);
  await server.bulk('/places/_bulk', [{ delete: { _id: 'p10' } }, { update: { _id: 'p260' } }, { doc: { price: -1 } }]);
  await server.put('/empty', { mappings: { properties: { k: { type: 'keyword' } } } });
  await server.put('/lone/_doc/1', { made: 'by itself', at: '2024-05-05' });
}

const searches = [
  ['places', { query: { match_all: {} }, size: 400, sort: [{ n: 'asc' }], version: true, seq_no_primary_term: true }],
  ['all', { query: { match: { title: 'cedar lagoon' } }, size: 15 }],
  ['some', { query: { match_phrase: { body: 'amber basin' } }, size: 15 }],
  ['places', { query: { bool: { filter: [{ range: { price: { gte: 10, lt: 30 } } }, { term: { tag: 't2' } }] } }, size: 15, sort: [{ day: 'desc' }, { n: 'asc' }] }],
  ['places', { query: { term: { address: '10.0.1.0/24' } }, size: 0 }],
  ['places', { size: 0, aggs: { tags: { terms: { field: 'tag' } }, price: { stats: { field: 'price' } }, days: { date_histogram: { field: 'day', calendar_interval: 'month' } } } }],
  ['lone', { query: { match: { made: 'itself' } } }],
];

// Everything that must be the same under every later program.
export async function ask(server) {
  await server.post('/_refresh');
  const out = { searches: [] };
  for (const [index, body] of searches) {
    const sort = body.sort ?? (index === 'lone' ? undefined : ['_score', { n: 'asc' }]);
    const answer = (await server.post(`/${index}/_search?track_total_hits=true`, { ...body, sort })).body;
    for (const hit of answer.hits.hits) delete hit._primary_term; // rises with each start
    out.searches.push({ hits: answer.hits, aggregations: answer.aggregations ?? null });
  }
  out.mapping = (await server.get('/_mapping')).body;
  out.aliases = (await server.get('/_alias')).body;
  out.settings = (await server.get('/places/_settings')).body.places.settings.index;
  out.cluster = (await server.get('/_cluster/settings')).body.persistent;
  out.count = (await server.get('/places/_count')).body.count;
  return out;
}
