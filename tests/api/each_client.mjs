// One suite, run with each official client against one server.
//
//   forEachClient((it) => {
//     test('says hello', async () => it.client.info());
//   });
//
// it: client, its major, its module's errors, and name(x): an index name that no other client uses.
import { after, before, describe } from 'node:test';
import * as module8 from 'elasticsearch8';
import * as module9 from 'elasticsearch9';
import { startServer } from '../support/server.mjs';

export function forEachClient(define, options) {
  let server;
  before(async () => {
    server = await startServer(options);
  });
  after(() => server?.stop());
  for (const [major, { Client, errors }] of [[8, module8], [9, module9]]) {
    describe(`@elastic/elasticsearch ${major}`, () => {
      const it = { major, errors, client: null, name: (name) => `${name}-${major}` };
      before(() => {
        it.client = new Client({ node: server.url, maxRetries: 0 });
      });
      after(() => it.client?.close());
      define(it);
    });
  }
}
