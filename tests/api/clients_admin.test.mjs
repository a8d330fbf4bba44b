// The official clients on indices, aliases, analysis, and what the cluster says about itself.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { forEachClient } from './each_client.mjs';

forEachClient((it) => {
  const { name } = it;

  describe('indices', () => {
    const index = name('shop');
    let indices;
    before(() => {
      indices = it.client.indices;
    });

    test('are created with settings, mappings and aliases', async () => {
      const created = await indices.create({
        index,
        settings: { number_of_shards: 2, number_of_replicas: 0, refresh_interval: '5s' },
        mappings: { properties: { title: { type: 'text', fields: { raw: { type: 'keyword' } } }, price: { type: 'double' } } },
        aliases: { [name('goods')]: {} },
      });
      assert.deepEqual(created, { acknowledged: true, shards_acknowledged: true, index });
      assert.equal(await indices.exists({ index }), true);
      assert.equal(await indices.exists({ index: 'nowhere' }), false);
      assert.equal(await indices.existsAlias({ name: name('goods') }), true);
      assert.equal(await indices.existsAlias({ name: 'nowhere' }), false);
      await assert.rejects(indices.create({ index }), (error) => {
        assert.equal(error.statusCode, 400);
        assert.equal(error.meta.body.error.type, 'resource_already_exists_exception');
        assert.equal(error.meta.body.error.index, index);
        return true;
      });
      await assert.rejects(indices.create({ index: 'Upper' }), (error) => {
        assert.equal(error.meta.body.error.type, 'invalid_index_name_exception');
        assert.match(error.meta.body.error.reason, /must be lowercase/);
        return true;
      });
    });

    test('are shown whole', async () => {
      const shown = await indices.get({ index });
      assert.deepEqual(Object.keys(shown), [index]);
      assert.deepEqual(shown[index].aliases, { [name('goods')]: {} });
      assert.deepEqual(shown[index].mappings, {
        properties: { price: { type: 'double' }, title: { type: 'text', fields: { raw: { type: 'keyword' } } } },
      });
      const settings = shown[index].settings.index;
      assert.equal(settings.number_of_shards, '2');
      assert.equal(settings.refresh_interval, '5s');
      assert.equal(settings.provided_name, index);
      assert.match(settings.creation_date, /^\d{13}$/);
      assert.equal(typeof settings.uuid, 'string');
      assert.equal(typeof settings.version.created, 'string');
    });

    test('take further fields, and refuse to change a type', async () => {
      assert.deepEqual(await indices.putMapping({ index, properties: { stock: { type: 'integer' } } }), { acknowledged: true });
      const mapping = await indices.getMapping({ index });
      assert.deepEqual(mapping[index].mappings.properties.stock, { type: 'integer' });
      await assert.rejects(indices.putMapping({ index, properties: { price: { type: 'text' } } }), (error) => {
        assert.equal(error.statusCode, 400);
        assert.match(error.meta.body.error.reason, /mapper \[price\] cannot be changed from type \[double\] to \[text\]/);
        return true;
      });
      const field = await indices.getFieldMapping({ index, fields: 'title' });
      assert.equal(field[index].mappings.title.full_name, 'title');
      assert.deepEqual(field[index].mappings.title.mapping.title.type, 'text');
    });

    test('take settings that may change, and refuse those that may not', async () => {
      assert.deepEqual(await indices.putSettings({ index, settings: { index: { refresh_interval: '1s' } } }), { acknowledged: true });
      assert.deepEqual(await indices.putSettings({ index, settings: { 'index.max_result_window': 20000 } }), { acknowledged: true });
      const nested = (await indices.getSettings({ index }))[index].settings.index;
      assert.equal(nested.refresh_interval, '1s');
      assert.equal(nested.max_result_window, '20000');
      const flat = (await indices.getSettings({ index, flat_settings: true }))[index].settings;
      assert.equal(flat['index.refresh_interval'], '1s');
      const defaults = (await indices.getSettings({ index, include_defaults: true }))[index].defaults;
      assert.ok(defaults.index);
      await assert.rejects(indices.putSettings({ index, settings: { number_of_shards: 5 } }), (error) => {
        assert.equal(error.statusCode, 400);
        assert.match(error.meta.body.error.reason, /index\.number_of_shards/);
        return true;
      });
      await assert.rejects(indices.putSettings({ index, settings: { refresh_intervall: '1s' } }), (error) => {
        assert.equal(error.statusCode, 400);
        assert.match(error.meta.body.error.reason, /unknown setting \[index\.refresh_intervall\].*did you mean \[index\.refresh_interval\]/);
        return true;
      });
    });

    test('refresh, flush, merge, and count what they did', async () => {
      for (let n = 0; n < 6; n++)
        await it.client.index({ index, id: String(n), document: { title: `Lamp ${n}`, price: n * 1.5 }, refresh: true });
      await it.client.delete({ index, id: '0' });
      const counts = { total: 2, successful: 2, failed: 0 };
      assert.deepEqual((await indices.refresh({ index }))._shards, counts);
      assert.deepEqual((await indices.flush({ index }))._shards, counts);
      assert.deepEqual((await indices.forcemerge({ index, max_num_segments: 1 }))._shards, counts);
      const stats = await indices.stats({ index });
      const { primaries } = stats.indices[index];
      assert.deepEqual(primaries.docs.count, 5);
      assert.equal(primaries.docs.deleted, 0);
      assert.ok(primaries.store.size_in_bytes > 0);
      assert.equal(primaries.indexing.index_total, 6);
      assert.equal(primaries.indexing.delete_total, 1);
      assert.equal(primaries.segments.count <= 2, true);
      assert.equal(stats._shards.failed, 0);
      const only = await indices.stats({ index, metric: 'docs' });
      assert.deepEqual(Object.keys(only._all.primaries), ['docs']);
    });

    test('aliases change in one step', async () => {
      const next = name('shop-next');
      await indices.create({ index: next });
      const alias = name('goods');
      assert.deepEqual(await indices.updateAliases({
        actions: [{ remove: { index, alias } }, { add: { index: next, alias, is_write_index: true } }],
      }), { acknowledged: true, errors: false });
      assert.deepEqual(await indices.getAlias({ name: alias }), { [next]: { aliases: { [alias]: { is_write_index: true } } } });
      await assert.rejects(indices.updateAliases({
        actions: [{ add: { index, alias } }, { remove: { index: 'nowhere', alias } }],
      }), { statusCode: 404 });
      assert.deepEqual(Object.keys(await indices.getAlias({ name: alias })), [next]);
      await assert.rejects(indices.getAlias({ name: 'nowhere' }), (error) => {
        assert.equal(error.statusCode, 404);
        assert.deepEqual(error.meta.body, { error: 'alias [nowhere] missing', status: 404 });
        return true;
      });
      await indices.putAlias({ index, name: name('cheap'), filter: { range: { price: { lt: 4 } } } });
      assert.equal((await it.client.count({ index: name('cheap') })).count, 2);
      await indices.deleteAlias({ index, name: name('cheap') });
      assert.equal(await indices.existsAlias({ name: name('cheap') }), false);
      await indices.delete({ index: next });
      assert.equal(await indices.existsAlias({ name: alias }), false);
    });

    test('analyze shows the tokens', async () => {
      const { tokens } = await indices.analyze({ analyzer: 'standard', text: 'The Quick-Brown fox' });
      assert.deepEqual(tokens.map(({ token, start_offset, end_offset, position }) => [token, start_offset, end_offset, position]),
        [['the', 0, 3, 0], ['quick', 4, 9, 1], ['brown', 10, 15, 2], ['fox', 16, 19, 3]]);
      assert.equal(tokens[0].type, '<ALPHANUM>');
      const own = await indices.analyze({ index, field: 'title.raw', text: ['New Lamp'] });
      assert.deepEqual(own.tokens.map((token) => token.token), ['New Lamp']);
      const chain = await indices.analyze({ tokenizer: 'whitespace', filter: ['lowercase'], text: 'A-B C' });
      assert.deepEqual(chain.tokens.map((token) => token.token), ['a-b', 'c']);
      await assert.rejects(indices.analyze({ analyzer: 'standart', text: 'x' }), (error) => {
        assert.equal(error.statusCode, 400);
        assert.match(error.meta.body.error.reason, /standart/);
        return true;
      });
    });

    test('are deleted', async () => {
      assert.deepEqual(await indices.delete({ index }), { acknowledged: true });
      assert.equal(await indices.exists({ index }), false);
      await assert.rejects(indices.delete({ index }), (error) => {
        assert.equal(error.statusCode, 404);
        assert.equal(error.meta.body.error.type, 'index_not_found_exception');
        assert.equal(error.meta.body.error['resource.id'], index);
        return true;
      });
      assert.deepEqual(await indices.delete({ index, ignore_unavailable: true }), { acknowledged: true });
    });
  });

  describe('the cluster', () => {
    const index = name('cat');
    before(async () => {
      await it.client.index({ index, id: '1', document: { a: 1 }, refresh: true });
      await it.client.indices.putAlias({ index, name: name('cat-alias') });
    });

    test('says how it feels', async () => {
      const health = await it.client.cluster.health();
      assert.equal(health.cluster_name, 'auk');
      assert.equal(health.status, 'green');
      assert.equal(health.timed_out, false);
      assert.equal(health.number_of_nodes, 1);
      assert.equal(health.number_of_data_nodes, 1);
      assert.ok(health.active_primary_shards >= 1);
      const one = await it.client.cluster.health({ index, level: 'shards', wait_for_status: 'yellow', timeout: '5s' });
      assert.equal(one.active_primary_shards, 1);
      assert.equal(one.indices[index].number_of_shards, 1);
      assert.equal(one.indices[index].shards['0'].status, one.indices[index].status);
    });

    test('shows settings, figures and nodes', async () => {
      const settings = await it.client.cluster.getSettings({ include_defaults: true, flat_settings: true });
      assert.deepEqual(settings.persistent, {});
      assert.ok(settings.defaults);
      const stats = await it.client.cluster.stats();
      assert.ok(stats.indices.count >= 1);
      assert.ok(stats.indices.docs.count >= 1);
      assert.equal(stats.nodes.count.total, 1);
      const nodes = await it.client.nodes.info();
      assert.equal(nodes._nodes.total, 1);
      const [node] = Object.values(nodes.nodes);
      assert.equal(node.name, 'auk');
      assert.match(node.http.publish_address, /^127\.0\.0\.1:\d+$/);
      assert.ok(Array.isArray(node.roles));
      const http = await it.client.nodes.info({ metric: 'http' });
      assert.match(Object.values(http.nodes)[0].http.publish_address, /^127\.0\.0\.1:\d+$/);
      const nodesStats = await it.client.nodes.stats();
      assert.equal(nodesStats._nodes.failed, 0);
    });

    test('its sniffing finds the address that it was reached at', async () => {
      const client = it.client;
      await new Promise((resolve, reject) => {
        client.diagnostic.once('sniff', (error, { meta }) => {
          if (error) return reject(error);
          resolve(assert.equal(meta.sniff.hosts.length, 1));
        });
        client.transport.sniff({ requestId: 1 });
      });
      assert.equal(await client.ping(), true);
    });

    test('cat as text, with headings and chosen columns', async () => {
      const { client } = it;
      const text = await client.cat.indices({ index, v: true, h: 'health,status,index,pri,rep,docs.count', format: 'text' });
      const [head, line] = String(text).trimEnd().split('\n');
      assert.deepEqual(head.trim().split(/ +/), ['health', 'status', 'index', 'pri', 'rep', 'docs.count']);
      assert.deepEqual(line.trim().split(/ +/), ['green', 'open', index, '1', '0', '1']);
      assert.match(String(await client.cat.health({ format: 'text' })), /^\d+ \d\d:\d\d:\d\d auk green 1 1 /);
      assert.match(String(await client.cat.count({ index, format: 'text' })), /^\d+ \d\d:\d\d:\d\d 1\n$/);
      assert.match(String(await client.cat.nodes({ format: 'text' })), /127\.0\.0\.1/);
      assert.match(String(await client.cat.shards({ index, format: 'text' })), new RegExp(`^${index} 0 p STARTED 1 `));
      assert.match(String(await client.cat.aliases({ name: name('cat-alias'), format: 'text' })), new RegExp(`^${name('cat-alias')} ${index} - - - -\n$`));
      assert.match(String(await client.cat.help()), /\/_cat\/indices/);
      assert.match(String(await client.cat.indices({ help: true })), /docs\.count +\| dc,docsCount +\| /);
    });

    test('cat as JSON, which is what the clients ask for by themselves', async () => {
      const { client } = it;
      const [row] = await client.cat.indices({ index, format: 'json', bytes: 'b' });
      assert.equal(row.index, index);
      assert.equal(row['docs.count'], '1');
      assert.match(row['store.size'], /^\d+$/);
      assert.equal((await client.cat.count({ index, format: 'json' }))[0].count, '1');
      assert.equal((await client.cat.health({ format: 'json' }))[0].status, 'green');
      assert.equal((await client.cat.nodes({ format: 'json', h: 'ip,name,master' }))[0].name, 'auk');
      assert.equal((await client.cat.shards({ index, format: 'json' }))[0].state, 'STARTED');
      assert.equal((await client.cat.aliases({ format: 'json' })).find((row) => row.index === index).alias, name('cat-alias'));
    });
  });
});
