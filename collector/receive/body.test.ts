import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import zlib, { constants, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BodyLimits, canDecode, defaultBodyLimits, readBody } from './body.ts';

const MIB = 2 ** 20;
const networkChunk = 64 * 1024;

/** A body as it comes from the network, piece by piece. */
function* pieces(body: Buffer, size = networkChunk): Generator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function read(body: Buffer, encoding = 'gzip', limits: Partial<BodyLimits> = {}, size = networkChunk) {
  let held = 0;
  const input = Readable.from(pieces(body, size), { objectMode: false });
  const outcome = await readBody(input, encoding, { ...defaultBodyLimits, ...limits }, bytes => {
    held += bytes;
    return null;
  }).then(
    result => ({ result, error: null }),
    (error: Error) => ({ result: null, error: error.name }),
  );
  return { ...outcome, held };
}

/** `bytes` zeros, compressed as well as gzip can. */
async function zeros(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const source = Readable.from(pieces(Buffer.alloc(MIB), MIB));
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  for await (const part of source) for (let i = 0; i < bytes / MIB; i++) gzip.write(part as Buffer);
  await new Promise(resolve => gzip.end(resolve));
  return Buffer.concat(parts);
}

describe('gzip bombs', () => {
  let gibibyte: Buffer;
  beforeAll(async () => {
    gibibyte = await zeros(1024 * MIB);
  });

  test('1 GiB of zeros: no more is unpacked than the ratio allows for the first piece', async () => {
    const { error, held } = await read(gibibyte);
    expect(error).toBe('BodyTooLarge');
    expect(held).toBeLessThanOrEqual(networkChunk * defaultBodyLimits.ratio + networkChunk);
  });

  test('behind much that does not compress: no more than the limit and one chunk', async () => {
    const body = Buffer.concat([gzipSync(randomBytes(8 * MIB)), gibibyte]);
    const { error, held } = await read(body);
    expect(error).toBe('BodyTooLarge');
    expect(held).toBeLessThanOrEqual(defaultBodyLimits.bytes + networkChunk);
  });

  test('in many members', async () => {
    const member = gzipSync(Buffer.alloc(900 * 1024));
    const { error, held } = await read(Buffer.concat(Array(1000).fill(member)));
    expect(error).toBe('BodyTooLarge');
    expect(held).toBeLessThanOrEqual(networkChunk * defaultBodyLimits.ratio + networkChunk);
  });

  test('one in the other is unpacked once', async () => {
    const { result } = await read(gzipSync(gibibyte));
    expect(result?.equals(gibibyte)).toBe(true);
    expect(canDecode('gzip, gzip')).toBe(false);
  });

  test('a small one, and one of nothing but empty members', async () => {
    expect((await read(gzipSync(Buffer.alloc(4 * MIB), { level: 9 }))).error).toBe('BodyTooLarge');
    const empty = Buffer.concat(Array(10_000).fill(gzipSync('')));
    expect(await read(empty)).toMatchObject({ error: null, held: 0 });
  });
});

describe('honest bodies', () => {
  const line = '{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},';
  const text = (bytes: number) => {
    let number = 0;
    const lines: string[] = [];
    for (let size = 0; size < bytes; size += line.length + 12)
      lines.push(`${line}"${(number++ * 7919) % 1e9}"`);
    return Buffer.from(lines.join(','));
  };

  test('30 MiB that compress well are taken', async () => {
    const body = text(30 * MIB);
    const packed = gzipSync(body);
    expect(body.length / packed.length).toBeGreaterThan(10);
    expect((await read(packed)).result?.equals(body)).toBe(true);
  });

  test('less than 1 MiB may compress as well as it likes', async () => {
    const body = Buffer.alloc(MIB);
    expect((await read(gzipSync(body, { level: 9 }))).result?.equals(body)).toBe(true);
  });

  const zstd = (zlib as { zstdCompressSync?: (body: Buffer) => Buffer }).zstdCompressSync;
  const encodings: [string, (body: Buffer) => Buffer][] = [
    ['identity', body => body],
    ['gzip', body => gzipSync(body)],
    ['x-gzip', body => gzipSync(body)],
    ['deflate', body => deflateSync(body)],
    ...(zstd ? [['zstd', zstd] as [string, (body: Buffer) => Buffer]] : []),
  ];
  test.each(encodings)('%s in pieces of any size', async (encoding, pack) => {
    const body = text(200_000);
    for (const size of [networkChunk, 20_000, 4096, 100]) {
      expect((await read(pack(body), encoding, {}, size)).result?.equals(body)).toBe(true);
    }
    expect((await read(pack(text(100)), encoding, {}, 1)).result?.equals(text(100))).toBe(true);
    expect((await read(pack(Buffer.alloc(0)), encoding)).result).toHaveLength(0);
    expect(canDecode(encoding)).toBe(true);
  });

  test('an encoding the platform cannot undo is known before', () => {
    expect(canDecode('zstd')).toBe(zstd !== undefined);
    expect(canDecode('br')).toBe(false);
  });
});

describe('limits', () => {
  test('of the compressed bytes, however little they unpack to', async () => {
    const packed = gzipSync(randomBytes(5000), { level: 0 });
    expect((await read(packed, 'gzip', { compressedBytes: 4000 })).error).toBe('BodyTooLarge');
  });

  test('a body that ends early is unreadable', async () => {
    const packed = gzipSync(Buffer.from('text '.repeat(1000)), { strategy: constants.Z_HUFFMAN_ONLY });
    expect((await read(packed.subarray(0, packed.length / 2))).error).toBe('BodyUnreadable');
    expect((await read(Buffer.from('no gzip at all'))).error).toBe('BodyUnreadable');
  });

  test('a body that comes byte by byte takes no more memory than its bytes', async () => {
    const body = Buffer.alloc(64 * 1600, 7);
    const heldBytes = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const before = heldBytes();
    let most = 0;
    let at = 0;
    let lookedAt = 0;
    const input = new Readable({
      // It keeps next to nothing itself.
      highWaterMark: 64,
      read() {
        // Each byte is a view of its own network buffer, as from a socket.
        for (let i = 0; i < 64; i++)
          this.push(at < body.length ? Buffer.alloc(4096, 7).subarray(0, 1) : null);
        at += 64;
      },
    });
    const read = readBody(input, 'identity', defaultBodyLimits, () => {
      if (at - lookedAt >= 25_600) {
        lookedAt = at;
        most = Math.max(most, heldBytes() - before);
      }
      return null;
    });
    expect((await read).equals(body)).toBe(true);
    // Kept as they came it would be 4096 bytes for each, 400 MiB in the end.
    expect(most).toBeLessThan(50 * MIB);
  });
});

/** What nobody holds any more is gone when it returns: when the engine would do that by itself, nobody knows. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
