// Draws queries from a corpus by a seed, in the shapes of the public search benchmark game:
//   node queries.mjs CORPUS.ndjson [PER_TAG [SEED [FIELD]]] > queries.jsonl
// Words that stand in one document go together, so that intersections and phrases have matches.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const [corpus, perTag = '60', seedText = '1', field = 'body'] = process.argv.slice(2);

let state = BigInt(seedText);
function draw(limit) {
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return Number((state >> 33n) % BigInt(limit));
}

// What every engine takes for a word, whatever stands around it.
const plainWords = (text) => text.toLowerCase().split(/\s+/).map((word) => /^([a-z]{2,})[,;.]?$/.exec(word)?.[1]).filter(Boolean);

// A reservoir of documents, each as its list of words.
async function sample(size) {
  const kept = [];
  let seen = 0;
  for await (const line of createInterface({ input: createReadStream(corpus) })) {
    seen++;
    const at = kept.length < size ? kept.length : draw(seen);
    if (at >= size) continue;
    const words = plainWords(String(JSON.parse(line)[field] ?? ''));
    if (words.length >= 12) kept[at] = words;
    else if (at < kept.length) kept[at] = kept[at] ?? words;
  }
  return kept.filter(Boolean);
}

const documents = await sample(2000);

// By position (frequent words more often), or by distinct word (rare ones as often).
function words(count) {
  const document = documents[draw(documents.length)];
  const from = draw(2) ? document : [...new Set(document)];
  const out = new Set();
  for (let tries = 0; out.size < count && tries < 50; tries++) out.add(from[draw(from.length)]);
  return [...out];
}

function phrase(count) {
  const document = documents[draw(documents.length)];
  const at = draw(document.length - count);
  return `"${document.slice(at, at + count).join(' ')}"`;
}

const shapes = {
  term: () => words(1)[0],
  intersection: () => words(2 + draw(2)).map((word) => `+${word}`).join(' '),
  union: () => words(2 + draw(4)).join(' '),
  phrase: () => phrase(2 + draw(2)),
  required_optional: () => words(2 + draw(2)).map((word, i) => (i ? word : `+${word}`)).join(' '),
  negated: () => words(3).map((word, i) => (i === 2 ? `-${word}` : `+${word}`)).join(' '),
};

for (const [tag, make] of Object.entries(shapes)) {
  const made = new Set();
  for (let tries = 0; made.size < Number(perTag) && tries < 100 * Number(perTag); tries++) made.add(make());
  for (const query of made) console.log(JSON.stringify({ query, tags: [tag] }));
}
