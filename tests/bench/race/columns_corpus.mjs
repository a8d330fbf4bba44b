// Documents for the race over columns, by a seed: writeCorpus(file, count).
//   status    ok, slow (one in ten), fail (one in a hundred)
//   category  1,000 keywords, the n-th about 1 / n as often as the first
//   session   100,000 keywords, each as often
//   created   three years, rising but for some disorder; seen: the same years at random
//   views     a number below 10^9, at random
import { closeSync, openSync, writeSync } from 'node:fs';

const YEARS = 3 * 365 * 86_400_000;
const FIRST = Date.UTC(2022, 0, 1);

// xorshift: 32 bits a call.
function drawer(seed) {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor((state >>> 0) / 4294967296 * limit);
  };
}

function zipf(count) {
  const sums = new Float64Array(count);
  for (let i = 0, sum = 0; i < count; i++) sums[i] = sum += 1 / (i + 1);
  const whole = sums[count - 1];
  return (part) => {
    let low = 0, high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < part * whole) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

export function writeCorpus(path, count) {
  const draw = drawer(20251);
  const rank = zipf(1000);
  const file = openSync(path, 'w');
  let lines = [];
  for (let i = 0; i < count; i++) {
    const luck = draw(100);
    lines.push(JSON.stringify({
      status: luck === 0 ? 'fail' : luck <= 10 ? 'slow' : 'ok',
      category: `category-${rank(draw(1e9) / 1e9)}`,
      session: `session-${draw(100_000)}`,
      created: new Date(FIRST + Math.floor(i / count * (YEARS - 3_600_000)) + draw(3_600_000)).toISOString(),
      seen: new Date(FIRST + draw(YEARS / 1000) * 1000 + draw(1000)).toISOString(),
      views: draw(1e9),
    }));
    if (lines.length === 10_000 || i === count - 1) {
      writeSync(file, lines.join('\n') + '\n');
      lines = [];
    }
  }
  closeSync(file);
}
