// Do two sides answer the same? Counts, and where both compute the same scores, those to one ulp;
// which of several documents of one score comes last in a cut list is free.
const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);
function order(value) {
  floats[0] = value;
  return bits[0];
}
const near = (a, b) => Math.abs(order(a) - order(b)) <= 1;

function difference(mine, other, exact) {
  if (mine.query !== other.query) return 'another query';
  if (mine.count !== other.count) return `count ${mine.count}, not ${other.count}`;
  if (!exact) return null;
  if (mine.hits.length !== other.hits.length) return `${mine.hits.length} hits, not ${other.hits.length}`;
  const last = mine.hits.at(-1)?.[1];
  for (const [i, [id, score]] of mine.hits.entries()) {
    if (!near(score, other.hits[i][1])) return `hit ${i} scores ${score}, not ${other.hits[i][1]}`;
    if (!near(score, last) && !other.hits.some(([theirs, value]) => theirs === id && near(value, score)))
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
