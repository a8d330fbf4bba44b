// A script of changes to what exists, whose state after any number of steps is a function of that number: an index a
// generation, with a mapping, a document, a setting; an alias that moves from each generation to the next; an index that a document
// makes and that is closed; a template.
import { isDeepStrictEqual } from 'node:util';

const PER_GENERATION = 12;
const CREATE = 0, DOCUMENT = 1, MAPPING = 2, SETTING = 3, MOVE = 4, DELETE = 5, CLUSTER = 6, AUTO = 7, AUTO_DELETE = 8, TEMPLATE = 9, TEMPLATE_DELETE = 10, CLOSE = 11;
const CHECKED = 4; // generations behind the newest

const name = (generation) => `gen-${generation}`;
const removesWithMove = (generation) => generation % 2 === 1; // else in a step of its own

export function requestOf(step) {
  const generation = Math.floor(step / PER_GENERATION), old = name(generation - 1), index = name(generation);
  switch (step % PER_GENERATION) {
    case CREATE: return ['PUT', `/${index}`, { settings: { number_of_shards: 2 }, mappings: { properties: { a: { type: 'keyword' } } } }];
    case DOCUMENT: return ['PUT', `/${index}/_doc/one`, { a: 'x', found: 'by itself' }];
    case MAPPING: return ['PUT', `/${index}/_mapping`, { properties: { added: { type: 'integer' } } }];
    case SETTING: return ['PUT', `/${index}/_settings`, { index: { refresh_interval: `${generation + 2}s` } }];
    case MOVE: {
      const actions = [{ add: { index, alias: 'now' } }];
      if (generation > 0) actions.unshift(removesWithMove(generation) ? { remove_index: { index: old } } : { remove: { index: old, alias: 'now' } });
      return ['POST', '/_aliases', { actions }];
    }
    case DELETE: return generation === 0 || removesWithMove(generation) ? null : ['DELETE', `/${old}`];
    case AUTO: return ['PUT', `/auto-${generation}/_doc/one`, { made: 'by itself' }];
    case AUTO_DELETE: return generation === 0 ? null : ['DELETE', `/auto-${generation - 1}`];
    case TEMPLATE: return ['PUT', `/_index_template/made-${generation}`, { index_patterns: [`made-${generation}-*`], version: generation }];
    case TEMPLATE_DELETE: return generation === 0 ? null : ['DELETE', `/_index_template/made-${generation - 1}`];
    case CLOSE: return ['POST', `/auto-${generation}/_close`]; // and it is deleted closed
    default: return ['PUT', '/_cluster/settings', { persistent: { 'search.max_buckets': 70000 + generation } }];
  }
}

// What is there of a generation when `steps` steps are done; null: no index.
function stateOf(steps, generation) {
  const done = (of, kind) => steps > of * PER_GENERATION + kind;
  const next = generation + 1;
  if (!done(generation, CREATE) || done(next, removesWithMove(next) ? MOVE : DELETE)) return null;
  const fields = ['a'];
  if (done(generation, MAPPING)) fields.push('added');
  if (done(generation, DOCUMENT)) fields.push('found');
  return {
    fields,
    document: done(generation, DOCUMENT),
    refresh: done(generation, SETTING) ? `${generation + 2}s` : undefined,
    aliases: done(generation, MOVE) && !done(next, MOVE) ? ['now'] : [],
  };
}

// The alias was set by an acknowledged step.
export const hasAlias = (steps) => steps > MOVE;

async function foundIn(server) {
  const { body: indices } = await server.get('/gen-*');
  const found = {};
  for (const [index, { mappings, settings, aliases }] of Object.entries(indices)) {
    const document = (await server.get(`/${index}/_doc/one`)).status === 200;
    // A document's new field is written ahead of it, and may stay without it.
    const fields = Object.keys(mappings.properties).sort().filter((field) => document || field !== 'found');
    found[index] = { fields, document, refresh: settings.index.refresh_interval, aliases: Object.keys(aliases) };
  }
  const { body: there } = await server.get('/_resolve/index/auto-*?expand_wildcards=open,closed');
  const auto = [];
  for (const { name: index, attributes } of there.indices) { // an index without its document does not count
    if (attributes.includes('closed')) auto.push(`${index}:closed`);
    else if ((await server.get(`/${index}/_doc/one`)).status === 200) auto.push(index);
  }
  const { body } = await server.get('/_cluster/settings?flat_settings=true');
  const { body: templates } = await server.get('/_index_template/made-*');
  const made = templates.index_templates.map((template) => `${template.name}:${template.index_template.version}`).sort();
  return { auto: auto.sort(), made, indices: found, buckets: Number(body.persistent['search.max_buckets'] ?? 0) };
}

function expectedAfter(steps) {
  const newest = Math.floor(steps / PER_GENERATION), indices = {};
  for (let generation = Math.max(0, newest - CHECKED); generation <= newest; generation++) {
    const state = stateOf(steps, generation);
    if (state) indices[name(generation)] = state;
  }
  const last = (kind) => Math.floor((steps - kind - 1) / PER_GENERATION); // generation with this step done, or -1
  const settings = last(CLUSTER), auto = [], made = [];
  for (let generation = Math.max(0, last(AUTO_DELETE)); generation <= last(AUTO); generation++) auto.push(`auto-${generation}${generation <= last(CLOSE) ? ':closed' : ''}`);
  for (let generation = Math.max(0, last(TEMPLATE_DELETE)); generation <= last(TEMPLATE); generation++) made.push(`made-${generation}:${generation}`);
  return { auto: auto.sort(), made: made.sort(), indices, buckets: settings >= 0 ? 70000 + settings : 0 };
}

// Answers how many steps are done; `inFlight`: one more may be.
export async function checkAdmin(server, ledger, steps, inFlight) {
  const found = await foundIn(server);
  for (let more = 0; more <= (inFlight ? 1 : 0); more++) if (isDeepStrictEqual(found, expectedAfter(steps + more))) return steps + more;
  ledger.fault('lost', `after ${steps} steps${inFlight ? ' and one on its way' : ''}: ${JSON.stringify(found)}, not ${JSON.stringify(expectedAfter(steps))}`);
  return steps;
}
