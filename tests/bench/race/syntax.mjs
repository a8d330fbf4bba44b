// The public game's syntax in pieces: `+griffith +observatory "the who" -uk` is
// { must: [[griffith], [observatory]], should: [[the, who]], not: [[uk]] }; a piece of several words is a phrase.
export function readQuery(text) {
  const out = { must: [], should: [], not: [] };
  for (const [, sign, quoted, bare] of text.matchAll(/([+-]?)(?:"([^"]*)"|([^\s"]+))/g)) {
    const words = (quoted ?? bare).split(' ');
    (sign === '+' ? out.must : sign === '-' ? out.not : out.should).push(words);
  }
  return out;
}

// The same in Elasticsearch's DSL.
export function toDsl(text, field) {
  const { must, should, not } = readQuery(text);
  const leaf = (words) => (words.length > 1 ? { match_phrase: { [field]: words.join(' ') } } : { term: { [field]: words[0] } });
  if (should.length === 1 && !must.length && !not.length) return leaf(should[0]);
  const bool = { must, should, must_not: not };
  return { bool: Object.fromEntries(Object.entries(bool).filter(([, all]) => all.length).map(([name, all]) => [name, all.map(leaf)])) };
}
