// Do two sides answer the same? Counts, and scores: to one ulp where both compute them in the same
// steps. Tantivy multiplies BM25 by k1 + 1 and takes other steps on the way, with the same lengths,
// so its scores are compared by ratio, to two millionths. Which of several documents of one score
// comes last in a cut list is free.
const tantivyFactor = 1.2 + 1;
const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);
function order(value) {
  floats[0] = value;
  return bits[0];
}
const nearBits = (a, b) => Math.abs(order(a) - order(b)) <= 1;
const nearRatio = (a, b) => Math.abs(b / tantivyFactor / a - 1) <= 2e-6;

function difference(mine, other, exact) {
  if (mine.query !== other.query) return 'another query';
  if (mine.count !== other.count) return `count ${mine.count}, not ${other.count}`;
  const near = exact ? nearBits : nearRatio;
  if (mine.hits.length !== other.hits.length) return `${mine.hits.length} hits, not ${other.hits.length}`;
  const last = mine.hits.at(-1)?.[1];
  for (const [i, [id, score]] of mine.hits.entries()) {
    if (!near(score, other.hits[i][1])) return `hit ${i} scores ${score}, not ${other.hits[i][1]}`;
    if (exact && !near(score, last) && !other.hits.some(([theirs, value]) => theirs === id && near(value, score)))
      return `hit ${i} is ${id}, which the other has not`;
  }
  return null;
}

export function disagreements(rows, others, exact) {
  return rows
    .map((row, i) => [row.query, difference(row, others[i], exact)])
    .filter(([, what]) => what)
    .map(([query, what]) => `${query}: ${what}`);
}
