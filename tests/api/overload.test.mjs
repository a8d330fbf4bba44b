// What a server says when it is full: 429 with Retry-After for the whole request, early, and nothing of
// a refused request is done.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../support/server.mjs';

let server;
before(async () => {
  server = await startServer({ args: ['--threads', '1', '--search-queue', '1', '--write-queue', '1', '--body-limit', '1mb'] });
});
after(() => server?.stop());

function checkRefusal({ status, headers, body }) {
  assert.equal(status, 429);
  assert.match(headers.get('retry-after'), /^\d+$/);
  assert.equal(body.status, 429);
  assert.equal(body.error.type, 'es_rejected_execution_exception');
  assert.ok(body.error.reason);
}

test('bulks that find the queue full are refused whole', async () => {
  const documents = 300;
  const answers = await Promise.all(Array.from({ length: 40 }, (_, b) =>
    server.bulk('/full/_bulk', Array.from({ length: documents }, (_, n) => [{ index: {} }, { b, n, text: 'some words '.repeat(10) }]).flat())));
  const taken = answers.filter((answer) => answer.status === 200);
  const refused = answers.filter((answer) => answer.status !== 200);
  assert.ok(taken.length > 0);
  assert.ok(refused.length > 0, 'no bulk was refused');
  refused.forEach(checkRefusal);
  taken.forEach((answer) => assert.equal(answer.body.errors, false));
  await server.post('/full/_refresh');
  assert.equal((await server.get('/full/_count')).body.count, taken.length * documents);
});

test('searches that find the queue full are refused, and answered again later', async () => {
  const search = () => server.post('/full/_search', { query: { match: { text: 'some words' } }, size: 500, aggs: { b: { terms: { field: 'b' }, aggs: { n: { stats: { field: 'n' } } } } } });
  const answers = await Promise.all(Array.from({ length: 40 }, search));
  assert.ok(answers.some((answer) => answer.status === 200));
  const refused = answers.filter((answer) => answer.status !== 200);
  assert.ok(refused.length > 0, 'no search was refused');
  refused.forEach(checkRefusal);
  assert.equal((await search()).status, 200);
  assert.equal((await server.get('/_health/live')).status, 200);
});

test('a body over the limit is 413 and nothing is written', async () => {
  const { status, body } = await server.post('/big/_doc', { text: 'x'.repeat(1100000) });
  assert.equal(status, 413);
  assert.equal(body.status, 413);
  assert.match(body.error.reason, /1048576|1mb/);
  assert.equal((await server.head('/big')).status, 404);
});
