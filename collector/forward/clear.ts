import { readdir, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { CollectorLog } from '../hooks.ts';

const ownFiles = /^(?:\d{16}\.(?:wal|done)|progress\.json(?:\.draft)?)$/;

/**
 * Takes away what waited to be forwarded when nothing is forwarded any more: it would keep its room on the disk for ever, and
 * would be sent out of the blue should forwarding ever be switched on again. Never rejects; it is told in the log.
 */
export async function clearForwardFolder(dir: string, log: CollectorLog): Promise<void> {
  try {
    const names = (await readdir(dir)).filter(name => ownFiles.test(name));
    let waiting = 0;
    let bytes = 0;
    for (const name of names) {
      if (name.endsWith('.wal')) {
        waiting++;
        bytes += (await stat(join(dir, name))).size;
      }
      await unlink(join(dir, name));
    }
    await rmdir(dir);
    log.warn({ dir, segments: waiting, bytes }, 'forwarding is off: what waited to be forwarded was removed');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Nothing was ever forwarded, or somebody keeps files of their own there.
    if (code === 'ENOENT' || code === 'ENOTEMPTY') return;
    log.warn({ error, dir }, 'what waited to be forwarded could not be removed');
  }
}
