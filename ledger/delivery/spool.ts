import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MonthFile } from '../month/month-file.ts';
import type { Made } from './deliverer.ts';

/** A file on disk, private to this process, until it is disposed of. */
export interface Spooled extends Made {
  contentType: string;
  /** Of all bytes; only for small files. */
  read(): Promise<Buffer>;
  stream(): Readable;
}

/** Writes a file to disk as it is made, so that its length and hash are known before it is sent, whatever its size. */
export async function spool({ name, contentType, stream }: MonthFile): Promise<Spooled> {
  const folder = await mkdtemp(join(tmpdir(), 'driftline-delivery-'));
  const path = join(folder, 'file');
  const dispose = () => rm(folder, { recursive: true, force: true });
  const hash = createHash('sha256');
  let bytes = 0;
  async function* counted() {
    for await (const chunk of stream()) {
      hash.update(chunk as Uint8Array);
      bytes += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
    }
  }
  try {
    await pipeline(counted(), createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    name,
    contentType,
    bytes,
    sha256: hash.digest('hex'),
    read: () => readFile(path),
    stream: () => createReadStream(path),
    dispose,
  };
}
