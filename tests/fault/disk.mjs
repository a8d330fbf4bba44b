// A file system whose power can be cut: ext4 on a loop device over a file.
//
//   const disk = Disk.create();        throws with .why where the machine has no right or device for it
//   ... disk.directory ... disk.cut(); end whoever uses it; disk.mount(); ... disk.destroy();
//
// Unmounted and detached whatever happens; what a killed test of before left is taken away, too.
// AUK_TEST_POWER_CUT names the program that cuts.
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIZE = 256 * 1024 * 1024; // sparse
const PREFIX = 'auk-power-';

const run = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const attempt = (program, ...args) => {
  try {
    return run(program, ...args);
  } catch {
    return '';
  }
};

function tearDown(directory) {
  attempt('umount', join(directory, 'disk')) || attempt('umount', '--lazy', join(directory, 'disk'));
  const device = attempt('losetup', '--noheadings', '--output', 'NAME', '--associated', join(directory, 'image'));
  if (device) attempt('losetup', '--detach', device);
  rmSync(join(directory, 'image'), { force: true });
  if (!readFileSync('/proc/self/mounts', 'utf8').includes(directory)) rmSync(directory, { recursive: true, force: true });
}

// The directory's name begins with its owner's pid.
function sweep() {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) && parseInt(name.slice(PREFIX.length), 10);
    if (pid && !existsSync(`/proc/${pid}`)) tearDown(join(tmpdir(), name));
  }
}

export class Disk {
  static create() {
    if (process.getuid() !== 0) throw Object.assign(new Error(), { why: 'only root may mount' });
    if (!existsSync('/dev/loop-control')) throw Object.assign(new Error(), { why: 'there are no loop devices' });
    sweep();
    const disk = new Disk();
    try {
      disk.format();
      disk.mount();
    } catch (error) {
      disk.destroy();
      throw Object.assign(error, { why: `cannot mount ext4 on a loop device: ${error.stderr || error.message}` });
    }
    return disk;
  }

  constructor() {
    this.own = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
    this.directory = join(this.own, 'disk');
    this.atExit = () => tearDown(this.own);
    this.atSignal = () => process.exit(1);
    process.on('exit', this.atExit);
    process.on('SIGTERM', this.atSignal);
    process.on('SIGINT', this.atSignal);
  }

  format() {
    const image = join(this.own, 'image');
    const file = openSync(image, 'w');
    ftruncateSync(file, SIZE);
    closeSync(file);
    mkdirSync(this.directory);
    run('mkfs.ext4', '-q', '-F', '-J', 'size=8', image);
    this.device = run('losetup', '--find', '--show', image);
  }

  // Replays the file system's journal after a cut.
  mount() {
    run('mount', '-t', 'ext4', this.device, this.directory);
  }

  unmount() {
    run('umount', this.directory);
  }

  cut() {
    run(process.env.AUK_TEST_POWER_CUT, this.directory);
  }

  // What is there by now survives.
  sync() {
    run('sync', '--file-system', this.directory);
  }

  destroy() {
    tearDown(this.own);
    process.off('exit', this.atExit);
    process.off('SIGTERM', this.atSignal);
    process.off('SIGINT', this.atSignal);
  }
}
