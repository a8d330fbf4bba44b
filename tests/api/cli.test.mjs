// The command line, as people and scripts use it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { startServer } from '../support/server.mjs';

const binary = process.env.AUK_BINARY;
const folder = mkdtempSync(join(tmpdir(), 'auk-cli-'));
let server;

before(async () => {
  server = await startServer();
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const environment = () => {
  const { AUK_URL, ...rest } = process.env;
  return rest;
};

// Runs auk to its end; answers how it ended and what it said.
function auk(args, { input, env = {}, cwd = folder } = {}) {
  return new Promise((resolve) => {
    const child = execFile(binary, args, { cwd, env: { ...environment(), ...env }, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr }),
    );
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}
const onServer = (args, options) => auk([...args, '--url', server.url], options);
const file = (name, content) => {
  writeFileSync(join(folder, name), content);
  return name;
};
const count = async (index) => (await server.get(`/${index}/_count`)).body.count;
const lines = (documents) => documents.map((document) => JSON.stringify(document) + '\n').join('');

const books = [
  { isbn: 'a1', title: 'The quick brown fox', year: 1990, in_print: true },
  { isbn: 'b2', title: 'Brown bread, "fresh"', year: 2001, in_print: false },
  { isbn: 'c3', title: 'Editing texts\nfor beginners', year: 2015, in_print: true },
];

test('imports NDJSON into an index named after the file', async () => {
  const result = await onServer(['import', file('Books.ndjson', lines(books))]);
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /^imported 3 documents into books in /m);
  assert.match(result.stdout, /\ntry: auk search books '?\w+/);
  assert.equal(await count('books'), 3);
});

test('imports again without doubling when --id names a field', async () => {
  for (let i = 0; i < 2; i++) {
    const result = await onServer(['import', file('ids.ndjson', lines(books)), '--id', 'isbn']);
    assert.equal(result.code, 0, result.stderr);
  }
  assert.equal(await count('ids'), 3);
  assert.equal((await server.get('/ids/_doc/b2')).body._source.year, 2001);
});

test('imports gzip and zstd', async () => {
  for (const [name, compress] of [['packed.ndjson.gz', gzipSync], ['packed2.ndjson.zst', zstdCompressSync]]) {
    const result = await onServer(['import', file(name, compress(lines(books)))]);
    assert.equal(result.code, 0, result.stderr);
    assert.equal(await count(name.split('.')[0]), 3);
  }
});

test('imports a JSON array laid out over lines', async () => {
  const result = await onServer(['import', file('array.json', JSON.stringify(books, null, 2)), '--id', 'isbn']);
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual((await server.get('/array/_doc/c3')).body._source, books[2]);
});

test('imports a table with quotes and line breaks, with types', async () => {
  const table = 'isbn,title,year,in_print\na1,The quick brown fox,1990,true\nb2,"Brown bread, ""fresh""",2001,false\nc3,"Editing texts\nfor beginners",2015,true\n';
  const result = await onServer(['import', file('table.csv', table), '--id', 'isbn']);
  assert.equal(result.code, 0, result.stderr);
  for (const book of books) assert.deepEqual((await server.get(`/table/_doc/${book.isbn}`)).body._source, book);
});

test('imports the lines of a bulk from standard input', async () => {
  const input = lines([{ index: { _id: '1' } }, { a: 1 }, { create: { _id: '2', _index: 'elsewhere' } }, { a: 2 }, { delete: { _id: '1' } }]);
  const result = await onServer(['import', '-', '--index', 'bulked', '--parallel', '1'], { input });
  assert.equal(result.code, 0, result.stderr);
  assert.equal(await count('bulked'), 0);
  await server.post('/elsewhere/_refresh');
  assert.equal(await count('elsewhere'), 1);
});

test('makes the index from a mapping, and says so when it exists', async () => {
  const mapping = file('mapping.json', JSON.stringify({ mappings: { dynamic: 'strict', properties: { isbn: { type: 'keyword' }, title: { type: 'text' }, year: { type: 'integer' }, in_print: { type: 'boolean' } } } }));
  file('mapped.ndjson', lines(books));
  const first = await onServer(['import', 'mapped.ndjson', '--mapping', mapping]);
  assert.equal(first.code, 0, first.stderr);
  assert.equal((await server.get('/mapped/_mapping')).body.mapped.mappings.dynamic, 'strict');
  const second = await onServer(['import', 'mapped.ndjson', '--mapping', mapping]);
  assert.equal(second.code, 0);
  assert.match(second.stderr, /"mapped" exists and keeps its mapping/);
});

test('writes rejected documents with line and reason, and ends with 2', async () => {
  await server.put('/strict', { mappings: { dynamic: 'strict', properties: { n: { type: 'integer' } } } });
  const input = '{"n":1}\n{"n":"many"}\n\n{"n":\n{"x":1}\n{"n":5}\n';
  const result = await onServer(['import', file('bad.ndjson', input), '--index', 'strict']);
  assert.equal(result.code, 2, result.stderr);
  assert.match(result.stdout, /imported 2 documents/);
  assert.match(result.stdout, /rejected 3, written to bad\.ndjson\.rejected\.ndjson; the first, line 2: /);
  const rejected = readFileSync(join(folder, 'bad.ndjson.rejected.ndjson'), 'utf8').trim().split('\n').map(JSON.parse);
  assert.deepEqual(rejected.map((r) => r.line), [2, 4, 5]);
  assert.deepEqual(rejected.map((r) => r.document), [{ n: 'many' }, '{"n":', { x: 1 }]);
  for (const r of rejected) {
    assert.equal(r.status, 400);
    assert.match(r.reason, /^\w+_exception: ./);
  }
});

test('names the rejects of standard input, also when a document was never sent', async () => {
  const result = await onServer(['import', '-', '--index', 'nameless', '--id', 'id'], { input: '{"id":1}\n{"name":"x"}\n' });
  assert.equal(result.code, 2, result.stderr);
  const rejected = JSON.parse(readFileSync(join(folder, 'stdin.rejected.ndjson'), 'utf8'));
  assert.equal(rejected.line, 2);
  assert.match(rejected.reason, /no field as --id names it/);
});

test('fails with 1 and a reason: no server, no file, no form, a broken stream', async () => {
  const nobody = await auk(['import', file('x.ndjson', '{}\n'), '--url', 'http://127.0.0.1:1']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /cannot reach http:\/\/127\.0\.0\.1:1: .*refused/);
  assert.match(nobody.stderr, /is `auk serve` running/);
  const missing = await onServer(['import', 'missing.ndjson']);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /cannot open "missing\.ndjson": No such file/);
  const formless = await onServer(['import', file('words.txt', 'hello\nworld\n')]);
  assert.equal(formless.code, 1);
  assert.match(formless.stderr, /neither JSON nor a table\n.*--format/);
  const cut = gzipSync(lines(books)).subarray(0, 60);
  const broken = await onServer(['import', file('cut.ndjson.gz', cut)]);
  assert.equal(broken.code, 1);
  const array = await onServer(['import', file('open.json', '[{"a":1},')]);
  assert.equal(array.code, 1);
  assert.match(array.stderr, /the file ends within the array/);
  assert.match(array.stdout, /imported 1 documents/);
  const name = await onServer(['import', 'x.ndjson', '--index', 'No Such Name']);
  assert.equal(name.code, 2);
  assert.match(name.stdout, /imported 0 documents.*\nrejected 1, .* invalid_index_name_exception: /);
});

test('sends many batches in parallel', async () => {
  const many = Array.from({ length: 20000 }, (_, n) => ({ id: `d${n}`, n, text: `some words number ${n}` }));
  const result = await onServer(['import', file('many.ndjson', lines(many)), '--id', 'id', '--batch', '500', '--parallel', '4']);
  assert.equal(result.code, 0, result.stderr);
  assert.equal(await count('many'), 20000);
});

// A server that answers as it is told: what real ones do only under load.
async function playServer(answer) {
  const bulks = [];
  const fake = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (!request.url.endsWith('/_bulk')) return response.end('{}');
      bulks.push(body.trim().split('\n').length / 2);
      answer(request, response, bulks, body);
    });
  });
  await new Promise((resolve) => fake.listen(0, '127.0.0.1', resolve));
  return { bulks, url: `http://127.0.0.1:${fake.address().port}`, close: () => fake.close() };
}
const taken = (response) => response.end('{"took":1,"errors":false,"items":[]}');

test('waits and tries again after 429, 503 and a lost connection', async () => {
  const fake = await playServer((request, response, bulks) => {
    if (bulks.length === 1) return response.writeHead(429).end('{"error":{"type":"es_rejected_execution_exception","reason":"full"},"status":429}');
    if (bulks.length === 2) return response.writeHead(503).end('{}');
    if (bulks.length === 3) return request.socket.destroy();
    taken(response);
  });
  const result = await auk(['import', file('again.ndjson', lines(books)), '--url', fake.url]);
  fake.close();
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(fake.bulks, [3, 3, 3, 3]);
  assert.match(result.stdout, /without --id some documents may be in twice/);
});

test('sends only the items again that were turned away', async () => {
  const fake = await playServer((request, response, bulks) => {
    if (bulks.length > 1) return taken(response);
    const item = (status, error) => ({ index: { status, ...(error ? { error: { type: 't', reason: 'r' } } : {}) } });
    response.end(JSON.stringify({ took: 1, errors: true, items: [item(201), item(429, true), item(400, true)] }));
  });
  const result = await auk(['import', file('some.ndjson', lines(books)), '--url', fake.url]);
  fake.close();
  assert.equal(result.code, 2, result.stderr);
  assert.deepEqual(fake.bulks, [3, 1]);
  assert.match(result.stdout, /imported 2 documents/);
  assert.equal(JSON.parse(readFileSync(join(folder, 'some.ndjson.rejected.ndjson'), 'utf8')).line, 3);
});

test('halves a request that is too large, and rejects a single document that is', async () => {
  const fake = await playServer((request, response, bulks, body) => {
    if (bulks.at(-1) > 1 || body.includes('fresh')) return response.writeHead(413).end('{"error":{"type":"content_too_long_exception","reason":"no"},"status":413}');
    taken(response);
  });
  const result = await auk(['import', file('large.ndjson', lines(books)), '--url', fake.url]);
  fake.close();
  assert.equal(result.code, 2, result.stderr);
  assert.match(result.stdout, /imported 2 documents/);
  assert.equal(JSON.parse(readFileSync(join(folder, 'large.ndjson.rejected.ndjson'), 'utf8')).document.isbn, 'b2');
});

test('ends with 130 when interrupted, and says what is in', async () => {
  const child = spawn(binary, ['import', '-', '--index', 'interrupted', '--url', server.url, '--batch', '10'], { cwd: folder, env: environment() });
  let stdout = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stdin.on('error', () => {});
  child.stdin.write(lines(Array.from({ length: 20000 }, (_, n) => ({ n }))));
  while ((await server.get('/_cat/indices/interrupted')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  const code = await new Promise((resolve) => child.on('exit', (code) => resolve(code)));
  assert.equal(code, 130);
  assert.match(stdout, /^imported [\d,]+ documents into interrupted/);
  child.stdin.destroy();
});

test('shows hits as a table with the found words marked', async () => {
  const result = await onServer(['search', 'books', 'brown fox']);
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /^1 hit in \d+ ms\n/);
  assert.match(result.stdout, /^rank +score +id +text$/m);
  assert.match(result.stdout, /^ +1 +\d+\.\d+ +\S+ +title: The quick \*brown\* \*fox\*$/m);
  const some = await onServer(['search', 'books', 'brown zebra']);
  assert.match(some.stdout, /^2 hits in \d+ ms; no document has all words, these have some/);
});

test('marks what the field\'s own analysis finds', async () => {
  await server.put('/stemmed', { mappings: { properties: { t: { type: 'text', analyzer: 'english' } } } });
  await server.put('/stemmed/_doc/1?refresh=true', { t: 'Éclairs 🦊 for editors and cats' });
  const result = await onServer(['search', 'stemmed', 'editor cat']);
  assert.match(result.stdout, /t: Éclairs 🦊 for \*editors\* and \*cats\*/);
});

test('shows no control characters of documents', async () => {
  await server.put('/wild/_doc/1?refresh=true', { t: 'evil \u001b[31m red\u009b text\nline' });
  const result = await onServer(['search', 'wild', 'evil']);
  assert.match(result.stdout, /t: \*evil\* {2}\[31m red {2}text line/);
});

test('takes a query, a size, and prints the answer as it is', async () => {
  const query = await onServer(['search', 'books', '--query', '{"term":{"year":2001}}', '--json']);
  assert.equal(query.code, 0, query.stderr);
  const answer = JSON.parse(query.stdout);
  assert.equal(answer.hits.total.value, 1);
  const body = await onServer(['search', 'books', '--query', '{"query":{"match_all":{}},"sort":["year"]}', '--size', '2', '--json']);
  assert.deepEqual(JSON.parse(body.stdout).hits.hits.map((hit) => hit._source.year), [1990, 2001]);
  const broken = await onServer(['search', 'books', '--query', '{"term"']);
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /--query: /);
  const unknown = await onServer(['search', 'nowhere', 'x']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /404: index_not_found_exception: no such index \[nowhere\]/);
});

test('tells the status', async () => {
  const result = await onServer(['status']);
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /^version .*, kernels (portable|avx2)$/m);
  assert.match(result.stdout, /^health +green, ready$/m);
  assert.match(result.stdout, /^books +3 +\S+b +\d+$/m);
  assert.match(result.stdout, /^indexing +\S+b +\S+b$/m);
});

test('refuses what it does not know, with the nearest name', async () => {
  for (const [args, message, hint] of [
    [['srve'], 'unknown command "srve", did you mean serve?', ''],
    [['serve', '--memroy', '1gb'], 'unknown option "--memroy"', 'did you mean --memory?'],
    [['serve', '--memory', 'much'], '--memory: "much" is not accepted, expected a size with a unit, such as 512mb', ''],
    [['serve', '--http', '0.0.0.0:0'], 'can be reached by others', '--insecure'],
    [['serve', 'now'], 'takes no argument "now"', ''],
    [['import', 'a', 'b'], 'one argument too many: "b"', ''],
    [['search'], 'expected INDEX', ''],
    [['status', '--utl', 'x'], 'unknown option "--utl"', 'did you mean --url?'],
  ]) {
    const result = await auk(args);
    assert.equal(result.code, 1, args.join(' '));
    assert.ok(result.stderr.includes(message) && result.stderr.includes(hint), result.stderr);
  }
  const variable = await auk(['serve'], { env: { AUK_THREDS: '1' } });
  assert.equal(variable.code, 1);
  assert.match(variable.stderr, /unknown setting "AUK_THREDS".*\n.*did you mean AUK_THREADS\?/);
  const config = await auk(['serve', '--config', file('auk.yml', 'memory: 1gb\nlog_fromat: json\n')]);
  assert.equal(config.code, 1);
  assert.match(config.stderr, /auk\.yml, line 2: unknown setting "log_fromat"\n.*did you mean log_format\?/);
});

test('explains itself', async () => {
  const all = await auk(['--help']);
  assert.equal(all.code, 0);
  for (const command of ['serve', 'import', 'search', 'status', 'version']) {
    assert.ok(all.stdout.includes(`  ${command} `), command);
    const help = await auk([command, '--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`^usage: auk ${command}`));
    assert.match(help.stdout, /\nExit status:\n/);
  }
  const manual = await auk(['help', '--man']);
  assert.match(manual.stdout, /^\.TH AUK 1/);
  assert.match(manual.stdout, /\\-\\-log\\-format/);
  assert.match((await auk(['version'])).stdout, /^auk \d+\.\d+\.\d+\n$/);
  assert.equal((await auk([])).code, 1);
});

test('says one line when ready; a second start on the directory names the holder', async () => {
  const data = join(folder, 'data');
  const child = spawn(binary, ['serve'], { cwd: folder, env: { ...environment(), AUK_DATA: './data', AUK_HTTP: '127.0.0.1:0', AUK_LOG_FORMAT: 'json' } });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  await new Promise((resolve) => child.stdout.on('data', (text) => (stdout += text).includes('\n') && resolve()));
  const ready = stdout.match(/^ready (http:\/\/127\.0\.0\.1:([1-9]\d*)) data=(\S+) documents=0 took=\S+\n$/);
  assert.ok(ready, stdout);
  assert.equal(ready[3], data);
  assert.equal((await fetch(ready[1])).status, 200);

  const second = await auk(['serve', '--data', data, '--http', '127.0.0.1:0']);
  assert.equal(second.code, 1);
  assert.ok(second.stderr.includes(`in use by process ${child.pid}`), second.stderr);
  const taken = await auk(['serve', '--data', join(folder, 'other'), '--http', `127.0.0.1:${ready[2]}`]);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /ddress already in use/);

  child.kill('SIGTERM');
  const code = await new Promise((resolve) => child.on('exit', (code) => resolve(code)));
  assert.equal(code, 0);
  const log = stderr.trim().split('\n').map(JSON.parse);
  assert.deepEqual(log.map((line) => line.msg), ['starting', 'ready', 'draining', 'stopped']);
  assert.ok(log.every((line) => line.level === 'info' && !Number.isNaN(Date.parse(line.time))));
});

test('keeps what was imported over an orderly end', async () => {
  const before = await count('many');
  const end = await server.halt();
  assert.deepEqual(end, { code: 0, signal: null });
  await server.start();
  assert.equal(await count('many'), before);
  assert.ok(existsSync(join(server.directory, 'data')));
});
