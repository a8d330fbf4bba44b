// A memory cgroup of its own for a process, version 1 or 2; says why when the machine has none to give.
//
//   const { group, why } = makeCgroup(512 * 1024 * 1024);
//   startServer({ wrap: group.wrap });      // the process enters it before it begins
//   group.killed();                         // how often the kernel killed for memory
//   group.remove();                         // after its processes have ended
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const numberIn = (path, label) => Number(new RegExp(`^${label} (\\d+)`, 'm').exec(readFileSync(path, 'utf8'))?.[1] ?? 0);

class Cgroup {
  constructor(directory, version, bytes) {
    this.directory = directory;
    this.version = version;
    mkdirSync(directory);
    try {
      writeFileSync(join(directory, version === 1 ? 'memory.limit_in_bytes' : 'memory.max'), String(bytes));
      if (version === 2 && existsSync(join(directory, 'memory.swap.max'))) writeFileSync(join(directory, 'memory.swap.max'), '0');
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  get wrap() {
    return ['/bin/sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', this.directory];
  }

  killed() {
    return this.version === 1 ? numberIn(join(this.directory, 'memory.oom_control'), 'oom_kill') : numberIn(join(this.directory, 'memory.events'), 'oom_kill');
  }

  remove() {
    rmdirSync(this.directory);
  }
}

export function makeCgroup(bytes) {
  const name = `auk-test-${process.pid}`;
  const tries = [
    ['/sys/fs/cgroup/memory', 1],
    ['/sys/fs/cgroup', 2],
  ].filter(([root, version]) => existsSync(join(root, version === 1 ? 'memory.limit_in_bytes' : 'cgroup.controllers')));
  let why = 'this machine has no memory cgroups';
  for (const [root, version] of tries)
    try {
      return { group: new Cgroup(join(root, name), version, bytes) };
    } catch (error) {
      why = `no memory cgroup can be made: ${error.message}`;
    }
  return { why };
}
