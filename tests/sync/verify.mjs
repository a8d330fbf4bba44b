// A source's own comparison of all its rows with the database: nothing differs.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

export async function verify(server, source) {
  const { status, body, text } = await server.post(`/_sync/${source}/_verify`);
  assert.ok(status < 300, text);
  for (;;) {
    const { body: task } = await server.get(`/_tasks/${body.task}`);
    if (!task.completed) {
      await sleep(20);
      continue;
    }
    assert.equal(task.error, undefined, JSON.stringify(task.error));
    assert.deepEqual([task.response.missing, task.response.extra, task.response.different], [0, 0, 0], JSON.stringify(task.response));
    return task.response.rows;
  }
}
