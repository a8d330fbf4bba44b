// A disk that can be filled: a tmpfs of a fixed size, and a file in it that takes what is to be taken.
//
//   const disk = SmallDisk.create(160);   megabytes; throws with .why where the machine lets nobody mount
//   ... disk.path ... disk.leave(65536); disk.makeRoom(); ... disk.destroy();
import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class SmallDisk {
  static create(megabytes) {
    const path = mkdtempSync(join(tmpdir(), 'auk-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'pipe' });
    } catch (error) {
      rmdirSync(path);
      throw Object.assign(error, { why: `no file system can be mounted here: ${error.message.split('\n').at(-1)}` });
    }
    return new SmallDisk(path);
  }

  constructor(path) {
    this.path = path;
    this.atExit = () => this.destroy();
    process.on('exit', this.atExit);
  }

  destroy() {
    if (!this.path) return;
    execFileSync('umount', ['-l', this.path]);
    rmdirSync(this.path);
    this.path = null;
    process.off('exit', this.atExit);
  }

  freeBytes() {
    const space = statfsSync(this.path);
    return space.bavail * space.bsize;
  }

  // A file that leaves so many bytes free; grows or shrinks to that.
  leave(bytes) {
    const piece = Buffer.alloc(256 << 10, 1);
    const file = openSync(join(this.path, 'ballast'), 'a');
    while (this.freeBytes() > bytes + piece.length) writeSync(file, piece);
    if (this.freeBytes() < bytes) ftruncateSync(file, Math.max(0, fstatSync(file).size - (bytes - this.freeBytes())));
    closeSync(file);
  }

  makeRoom() {
    rmSync(join(this.path, 'ballast'), { force: true });
  }
}
