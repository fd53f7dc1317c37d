import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import zlib, { constants, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BodyLimits, canDecode, defaultBodyLimits, readBody } from './body.ts';
import { createBodyPool } from './body-pool.ts';

const MIB = 2 ** 20;
const networkChunk = 64 * 1024;

/** A body as it comes from the network, piece by piece. */
function* pieces(body: Buffer, size = networkChunk): Generator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function read(body: Buffer, encoding = 'gzip', limits: Partial<BodyLimits> = {}, size = networkChunk) {
  let held = 0;
  const input = Readable.from(pieces(body, size), { objectMode: false });
  const announced = { encoding, bytes: 0 };
  const outcome = await readBody(input, announced, { ...defaultBodyLimits, ...limits }, bytes => {
    held += bytes;
    return null;
  }).then(
    result => ({ result: result.body, error: null }),
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

  test.each([
    ['nobody knows the length of', 0],
    ['says its length', 64 * 1600],
    ['says that it is large', 64 * MIB],
  ])('a body that %s and comes byte by byte takes no more memory than its bytes', async (_, bytes) => {
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
    const read = readBody(input, { encoding: 'identity', bytes }, defaultBodyLimits, () => {
      if (at - lookedAt >= 25_600) {
        lookedAt = at;
        most = Math.max(most, heldBytes() - before);
      }
      return null;
    });
    expect((await read).body.equals(body)).toBe(true);
    // Kept as they came it would be 4096 bytes for each, 400 MiB in the end.
    expect(most).toBeLessThan(50 * MIB);
  });
});

describe('a body whose length is announced', () => {
  /** Of what the test sends itself; `taken` are the sizes asked for. */
  function sending(bytes: number, limits: Partial<BodyLimits> = {}) {
    const taken: number[] = [];
    const pool = createBodyPool(64 * MIB);
    const watched = {
      ...pool,
      take(size: number) {
        const slab = pool.take(size);
        taken.push(slab.length);
        return slab;
      },
    };
    const start = (announcedBytes = bytes) => {
      const input = new Readable({ read() {} });
      let held = 0;
      const onBytes = (more: number) => {
        held += more;
        return null;
      };
      const announced = { encoding: 'identity', bytes: announcedBytes };
      const read = readBody(input, announced, { ...defaultBodyLimits, ...limits }, onBytes, watched);
      const send = (body: Buffer, size = networkChunk) => {
        for (const piece of pieces(body, size)) input.push(piece);
        input.push(null);
        return read;
      };
      return { input, send, read, held: () => held };
    };
    return { start, taken, pool };
  }

  test.each([0, 1, 4095, 4096, 4097, 70_000, 500_000, MIB, MIB + 1, 5 * MIB])(
    '%i bytes: all of them, whatever the claim, and each is counted',
    async size => {
      const body = randomBytes(size);
      for (const announcedBytes of new Set([1, Math.ceil(size / 2), size, size + 1, 3 * size, 64 * MIB])) {
        const { start, taken, pool } = sending(announcedBytes);
        // Again into what was given back, full of another body.
        for (const content of [Buffer.alloc(size, 1), body]) {
          const { send, held } = start();
          const read = await send(content, size > 10_000 ? networkChunk : 1000);
          expect(read.body.equals(content)).toBe(true);
          expect(held()).toBe(size);
          read.release();
        }
        // A claim is believed up to sixteen times what has come.
        expect(pool.keptBytes).toBeLessThanOrEqual(32 * Math.max(size, 4096));
        // What was taken for the first was there for the second.
        const sizes = taken.slice(0, taken.length / 2);
        expect(taken).toEqual([...sizes, ...sizes]);
        expect(pool.keptBytes).toBe(sizes.reduce((sum, slab) => sum + slab, 0));
      }
    },
  );

  test('claims cost nothing: memory comes with the second chunk, little by little', async () => {
    const { start, taken } = sending(64 * MIB);
    const senders = Array.from({ length: 1000 }, () => start());
    for (const { input } of senders) input.push(Buffer.alloc(1));
    await expect.poll(() => senders.every(({ held }) => held() === 1)).toBe(true);
    expect(taken).toEqual([]);
    for (const { input } of senders) input.push(Buffer.alloc(1));
    await expect.poll(() => taken.length).toBe(1000);
    expect(new Set(taken)).toEqual(new Set([4096]));
    for (const { input, read } of senders) {
      input.destroy();
      await expect(read).rejects.toThrow('the connection closed');
    }
  });

  test('what is held is not written over, what is given back is used again, once', async () => {
    const { start, pool } = sending(100_000);
    const [one, two, three] = [1, 2, 3].map(value => Buffer.alloc(100_000, value)) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    // Both at the same time, chunk by chunk.
    const [first, second] = [start(), start()];
    const [a, b] = await Promise.all([first.send(one), second.send(two)]);
    expect(pool.keptBytes).toBe(0);
    a.release();
    a.release();
    expect(pool.keptBytes).toBe(131_072);
    const c = await start().send(three);
    expect(c.body.buffer).toBe(a.body.buffer);
    expect(b.body.equals(two)).toBe(true);
    const d = await start().send(one);
    expect([b.body.equals(two), c.body.equals(three), d.body.equals(one)]).toEqual([true, true, true]);
    expect(d.body.buffer).not.toBe(b.body.buffer);
  });

  test('what is refused or breaks off gives its memory back at once', async () => {
    const { start, taken, pool } = sending(300_000, { bytes: 200_000 });
    await expect(start().send(Buffer.alloc(300_000))).rejects.toThrow('larger than 200000 bytes');
    const broken = start();
    for (let chunk = 0; chunk < 3; chunk++) broken.input.push(Buffer.alloc(networkChunk));
    await expect.poll(() => broken.held()).toBe(3 * networkChunk);
    broken.input.destroy();
    await expect(broken.read).rejects.toThrow('the connection closed');
    expect(pool.keptBytes).toBe(taken[0]);
    expect(taken).toEqual([524_288, 524_288]);
  });

  test('no more is kept than agreed', () => {
    const pool = createBodyPool(10_000);
    const slabs = [4096, 4096, 4096].map(bytes => pool.take(bytes));
    for (const slab of slabs) pool.give(slab);
    expect(pool.keptBytes).toBe(8192);
    expect([slabs[0], slabs[1]]).toContain(pool.take(1));
    expect(pool.take(5000)).toHaveLength(8192);
  });
});

/** What nobody holds any more is gone when it returns: when the engine would do that by itself, nobody knows. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
