// The database of the model test: a tree of five tables, a random writer of it, and the view that says what its
// documents are.
import assert from 'node:assert/strict';

export const random = (limit) => Math.floor(Math.random() * limit);
const oneOf = (list) => list[random(list.length)];
const chance = (percent) => random(100) < percent;

const PRODUCTS = 60, MAKERS = 8, TAGS = 10, REVIEWS = 120;
const COLUMNS = 4; // added at most
const LARGE = 4000; // bytes of a value that lies out of line

export const SCHEMA = `
  CREATE TABLE maker (id int PRIMARY KEY, name text NOT NULL, country text, parent_id int);
  CREATE TABLE product (id int PRIMARY KEY, name text, price numeric(20, 6), maker_id int, published boolean NOT NULL,
    note text, made timestamptz);
  CREATE TABLE review (id bigint PRIMARY KEY, product_id int, stars int, body text);
  CREATE TABLE tag (id int PRIMARY KEY, label text NOT NULL);
  CREATE TABLE product_tag (product_id int, tag_id int, PRIMARY KEY (product_id, tag_id));
  CREATE TABLE mark (id int PRIMARY KEY, n int NOT NULL);
  CREATE TABLE noise (id bigserial PRIMARY KEY, body text);
  ALTER TABLE product ALTER COLUMN note SET STORAGE EXTERNAL;
  INSERT INTO mark VALUES (1, 0);
  -- what a document of a product is
  CREATE VIEW document AS SELECT p.id::text AS id, to_jsonb(p) || jsonb_build_object(
      'maker', (SELECT jsonb_build_object('id', m.id, 'name', m.name, 'country', m.country, 'parent_id', m.parent_id,
          'parent', (SELECT jsonb_build_object('id', u.id, 'name', u.name) FROM maker u WHERE u.id = m.parent_id))
        FROM maker m WHERE m.id = p.maker_id),
      'reviews', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]') FROM
        (SELECT id, product_id, stars, body FROM review WHERE product_id = p.id ORDER BY id LIMIT 3) r),
      'tags', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'label', t.label) ORDER BY t.id), '[]')
        FROM product_tag x JOIN tag t ON t.id = x.tag_id WHERE x.product_id = p.id)) AS source
    FROM product p WHERE p.published;`;

export const CONFIG = (connection) => ({
  connection,
  documents: [
    { index: 'products', table: 'product', columns: ['*'], filter: 'published', id: '{id}',
      settings: { number_of_shards: 3 },
      children: [
        { table: 'maker', as: 'maker', shape: 'object', on: { maker_id: 'id' },
          children: [{ table: 'maker', as: 'parent', shape: 'object', on: { parent_id: 'id' }, columns: ['id', 'name'] }] },
        { table: 'review', as: 'reviews', shape: 'array', on: { id: 'product_id' }, order: 'id', limit: 3 },
        { table: 'tag', as: 'tags', shape: 'array',
          through: { table: 'product_tag', on: { id: 'product_id' }, to: { tag_id: 'id' } } },
      ] },
    { index: 'marks', table: 'mark', id: '{id}' },
  ],
});

const word = () => `w${random(1000)}`;
const large = () => String.fromCharCode(97 + random(26)).repeat(LARGE + random(LARGE));
const price = () => `${random(1000000)}.${String(random(1000000)).padStart(6, '0')}`;
const nullable = (value) => (chance(15) ? null : value);

// One statement: [sql, parameters].
const STATEMENTS = [
  () => [`INSERT INTO product VALUES ($1, $2, $3, $4, $5, $6, now()) ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
    [random(PRODUCTS), word(), nullable(price()), nullable(random(MAKERS)), chance(80), nullable(chance(40) ? large() : word())]],
  () => ['UPDATE product SET price = $2 WHERE id = $1', [random(PRODUCTS), price()]], // a note that is not sent
  () => ['UPDATE product SET note = $2 WHERE id = $1', [random(PRODUCTS), chance(50) ? large() : word()]],
  () => ['UPDATE product SET published = NOT published WHERE id = $1', [random(PRODUCTS)]],
  () => ['UPDATE product SET maker_id = $2 WHERE id = $1', [random(PRODUCTS), nullable(random(MAKERS))]],
  () => ['UPDATE product SET id = $2 WHERE id = $1 AND NOT EXISTS (SELECT FROM product WHERE id = $2)', [random(PRODUCTS), random(PRODUCTS)]],
  () => ['DELETE FROM product WHERE id = $1', [random(PRODUCTS)]],
  () => ['INSERT INTO maker VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET name = excluded.name, parent_id = excluded.parent_id',
    [random(MAKERS), word(), nullable(word()), nullable(random(MAKERS))]],
  () => ['UPDATE maker SET country = $2 WHERE id = $1', [random(MAKERS), word()]],
  () => ['UPDATE maker SET id = $2 WHERE id = $1 AND NOT EXISTS (SELECT FROM maker WHERE id = $2)', [random(MAKERS), random(MAKERS)]],
  () => ['DELETE FROM maker WHERE id = $1', [random(MAKERS)]],
  () => ['INSERT INTO review VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET product_id = excluded.product_id',
    [random(REVIEWS), nullable(random(PRODUCTS)), random(6), chance(10) ? large() : word()]],
  () => ['UPDATE review SET stars = $2 WHERE id = $1', [random(REVIEWS), random(6)]],
  () => ['UPDATE review SET product_id = $2 WHERE product_id = $1', [random(PRODUCTS), random(PRODUCTS)]],
  () => ['DELETE FROM review WHERE id = $1', [random(REVIEWS)]],
  () => ['INSERT INTO tag VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET label = excluded.label', [random(TAGS), word()]],
  () => ['DELETE FROM tag WHERE id = $1', [random(TAGS)]],
  () => ['INSERT INTO product_tag VALUES ($1, $2) ON CONFLICT DO NOTHING', [random(PRODUCTS), random(TAGS)]],
  () => ['UPDATE product_tag SET tag_id = $3 WHERE product_id = $1 AND tag_id = $2 AND NOT EXISTS (SELECT FROM product_tag WHERE product_id = $1 AND tag_id = $3)',
    [random(PRODUCTS), random(TAGS), random(TAGS)]],
  () => ['DELETE FROM product_tag WHERE product_id = $1', [random(PRODUCTS)]],
];
const RARE = [
  () => ['TRUNCATE product_tag', []],
  () => ['TRUNCATE review', []],
  () => ['UPDATE product SET name = name || $1', ['x']],
  () => ['UPDATE maker SET name = name || $1', ['y']],
  () => ['INSERT INTO review SELECT g, g % 60, g % 6, repeat(md5(g::text), 20) FROM generate_series(1000, 1000 + $1::int) g ON CONFLICT (id) DO UPDATE SET stars = review.stars + 1', [500 + random(1500)]],
  () => ['DELETE FROM review WHERE id >= 1000', []],
];

export class Shop {
  constructor(postgres) {
    this.postgres = postgres;
    this.n = 0; // the newest mark
    this.states = new Map(); // of each mark that may still be seen: id -> source
    this.documents = new Map(); // as they were read last, so that states share what did not change: id -> { text, source }
    this.transactions = 0;
    this.rolledBack = []; // marks that were, the newest last
    this.columns = 0; // added; some of them were rolled back
  }

  async create() {
    await this.postgres.psql(SCHEMA);
    for (let i = 0; i < 150; i++) await this.statement(this.postgres, STATEMENTS);
    this.states.set(0, await this.read(this.postgres));
  }

  async statement(client, from) {
    const [sql, parameters] = oneOf(from)();
    await client.query(sql, parameters);
  }

  async read(client) {
    const result = await client.query('SELECT id, source::text AS text FROM document');
    const before = this.documents;
    this.documents = new Map((result.rows ?? result).map(({ id, text }) => {
      const known = before.get(id);
      return [id, known?.text === text ? known : { text, source: JSON.parse(text) }];
    }));
    return new Map([...this.documents].map(([id, { source }]) => [id, source]));
  }

  // Whoever saw the state of `mark` sees none before it.
  forgetBefore(mark) {
    for (const old of this.states.keys()) {
      if (old >= mark) break;
      this.states.delete(old);
    }
  }

  // Why there is no state of a mark that was seen.
  explain(mark) {
    const kept = [...this.states.keys()];
    const times = this.rolledBack.filter((n) => n === mark).length;
    const why = mark < kept[0] ? `after ${kept[0]} was` : 'and was never committed';
    return `mark ${mark} is seen, ${why}: the newest is ${this.n}, states of ${kept[0]} to ${kept.at(-1)} are kept, it was rolled back ${times} times`;
  }

  // A column more; the next statements fill it.
  async addColumn(client) {
    const name = `extra_${++this.columns}`;
    await client.query(`ALTER TABLE product ADD COLUMN ${name} ${oneOf(['text', 'int', 'jsonb'])}`);
  }

  async fillColumn(client) {
    const { rows } = await client.query("SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute WHERE attrelid = 'product'::regclass AND attname LIKE 'extra%'");
    if (rows.length === 0) return;
    const { name, type } = oneOf(rows);
    const value = { text: `'${word()}'`, integer: random(1000), jsonb: `'{"${word()}": ${random(9)}}'` }[type];
    await client.query(`UPDATE product SET ${name} = ${value} WHERE id = $1`, [random(PRODUCTS)]);
  }

  // A transaction of some statements, with savepoints that are kept or rolled back; now and then all of it is.
  async transact(client) {
    const n = this.n + 1;
    const statements = 1 + random(6);
    await client.query('BEGIN');
    for (let i = 0; i < statements; i++) {
      const saved = chance(25);
      if (saved) await client.query('SAVEPOINT s');
      await this.statement(client, chance(6) ? RARE : STATEMENTS);
      if (this.columns < COLUMNS && chance(2)) await this.addColumn(client);
      if (this.columns > 0 && chance(20)) await this.fillColumn(client);
      if (saved) await client.query(chance(50) ? 'ROLLBACK TO s' : 'RELEASE s');
    }
    await client.query('UPDATE mark SET n = $1', [n]);
    if (chance(8)) {
      this.rolledBack.push(n);
      return void (await client.query('ROLLBACK'));
    }
    const state = await this.read(client);
    this.states.set(n, state); // before the commit: it may be followed before the answer is here
    await client.query('COMMIT');
    this.n = n;
    this.transactions++;
  }
}

const canonical = (value) => {
  if (Array.isArray(value)) return value.map(canonical);
  if (value && typeof value === 'object') return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
  return value;
};
const moment = (text) => (typeof text === 'string' && !Number.isNaN(Date.parse(text)) ? Date.parse(text) : text);
// One text for one document, whoever wrote it: no nulls, times as milliseconds.
export const textOf = (source) => {
  const copy = JSON.parse(JSON.stringify(source, (key, value) => (value === null ? undefined : value)));
  if (copy.made) copy.made = moment(copy.made);
  for (const list of ['reviews', 'tags']) if (copy[list]?.length === 0) delete copy[list];
  return JSON.stringify(canonical(copy));
};

// found: id -> source as Auk answers it.
export function compare(found, expected, what) {
  const differences = [];
  for (const id of new Set([...found.keys(), ...expected.keys()])) {
    const left = found.has(id) ? textOf(found.get(id)) : 'absent', right = expected.has(id) ? textOf(expected.get(id)) : 'absent';
    if (left !== right) differences.push(`${id}\n  index  ${left.slice(0, 400)}\n  tables ${right.slice(0, 400)}`);
  }
  assert.equal(differences.length, 0, `${what}: ${differences.length} differ\n${differences.slice(0, 3).join('\n')}`);
}
