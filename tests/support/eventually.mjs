// What comes true by itself, some time after it was caused.
import { setTimeout as sleep } from 'node:timers/promises';

// Looks again and again until `look` throws no more, and answers what it answers; throws its last error when time is up.
export async function eventually(look, timeoutMs = 30000) {
  for (const until = Date.now() + timeoutMs; ; ) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(20);
    }
  }
}
