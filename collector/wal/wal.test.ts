import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';
import { decodeRecord, encodeRecord, prefixBytes, type WalRecord } from './record.ts';
import { openWal, type Wal, WalFull, type WalOptions } from './wal.ts';
import { WalReader } from './wal-reader.ts';

const silent = { info() {}, warn() {}, error() {} };
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'driftline-wal-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function open(options: Partial<WalOptions> = {}) {
  return openWal({ dir, log: silent, crashPoint: () => {}, ...options });
}

function record(payload: string | Uint8Array, over: Partial<WalRecord> = {}): WalRecord {
  return {
    kind: 'traces',
    projectId: 'default',
    receivedAtMs: 1_795_000_000_123,
    items: 1,
    reencoded: false,
    payload: Buffer.from(payload),
    ...over,
  };
}

async function readAll(
  wal: Wal,
  leftovers: { segment: number; from: number; to: number }[],
): Promise<WalRecord[]> {
  const records: WalRecord[] = [];
  const reader = new WalReader({
    dir,
    log: silent,
    giveBack: (segment, holds) => wal.release(segment, holds),
    onDamaged: segment => wal.markDamaged(segment),
  });
  for (const leftover of leftovers) {
    for await (const read of reader.read(leftover))
      records.push({ ...read.record, payload: Buffer.from(read.record.payload) });
  }
  return records;
}

function segments(): string[] {
  return readdirSync(dir).filter(name => name.endsWith('.wal'));
}

describe('crc32c', () => {
  test('agrees with the vectors of RFC 3720 B.4', () => {
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  test('of two parts is that of the whole', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(crc32c(b, crc32c(a))).toBe(crc32c(Buffer.concat([a, b])));
      }),
    );
  });
});

describe('a record', () => {
  const written = record('payload', { projectId: 'projekt-ü', reencoded: true });
  const now = Buffer.concat(encodeRecord(written));
  /** As it was written before zlib's sum was used. */
  const before = Buffer.from(now);
  before[prefixBytes + 1]! &= ~2;
  before.writeUInt32LE(crc32c(before.subarray(prefixBytes)), 4);
  const read = (bytes: Buffer) => decodeRecord(bytes.subarray(0, prefixBytes), bytes.subarray(prefixBytes));

  test.each([
    ['with CRC-32', now],
    ['with CRC-32C, as they were', before],
  ])('%s is read, and each of its bits is watched', (_, bytes) => {
    expect(read(bytes)).toEqual(written);
    for (let bit = 8 * 4; bit < 8 * bytes.length; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(read(damaged), `bit ${bit}`).toBe(null);
    }
  });
});

describe('write-ahead log', () => {
  test('what was appended comes back in order after a restart', async () => {
    const written = Array.from({ length: 50 }, (_, i) =>
      record(`payload ${i}`, {
        kind: i % 2 ? 'logs' : 'traces',
        items: i,
        projectId: `projekt-ü${i}`,
        reencoded: i % 3 === 0,
      }),
    );
    const first = await open({ limits: { items: 100 } });
    await Promise.all(written.map(one => first.wal.append(one)));
    await first.wal.close();
    const second = await open();
    expect(await readAll(second.wal, second.leftovers)).toEqual(written);
    expect(second.leftovers.reduce((sum, { items }) => sum + items, 0)).toBe((49 * 50) / 2);
    await second.wal.close();
  });

  test('a segment goes when it is sealed and nobody holds it', async () => {
    const { wal } = await open({ limits: { items: 2 } });
    const a = await wal.append(record('a'));
    const b = await wal.append(record('b'));
    const c = await wal.append(record('c'));
    expect(a.segment).toBe(b.segment);
    expect(c.segment).not.toBe(a.segment);
    wal.release(a.segment);
    expect(segments()).toHaveLength(2);
    wal.release(b.segment);
    wal.release(c.segment);
    await wal.close();
    expect(segments()).toEqual([]);
    expect(wal.bytes).toBe(0);
  });

  test('a segment is sealed by age too', async () => {
    const { wal } = await open({ limits: { ageMs: 5 } });
    const a = await wal.append(record('a'));
    wal.release(a.segment);
    await expect.poll(segments).toEqual([]);
    await wal.close();
  });

  test('refuses at the size limit and takes again when something is released', async () => {
    const { wal } = await open({ maxBytes: 1000, limits: { items: 1 } });
    const first = await wal.append(record('x'.repeat(800)));
    await expect(wal.append(record('x'.repeat(800)))).rejects.toBeInstanceOf(WalFull);
    wal.release(first.segment);
    await expect.poll(() => wal.bytes).toBe(0);
    await wal.append(record('x'.repeat(800)));
    await wal.close();
  });

  test('cut at every byte, the newest segment gives a prefix of its records and takes new ones', async () => {
    const written = ['', 'one', 'zwei', 'x'.repeat(40)].map(payload => record(payload));
    const first = await open();
    for (const one of written) await first.wal.append(one);
    await first.wal.close();
    const path = join(dir, segments()[0]!);
    const whole = readFileSync(path);
    let most = 0;
    for (let size = 0; size <= whole.length; size++) {
      writeFileSync(path, whole.subarray(0, size));
      const { wal, leftovers } = await open();
      const records = await readAll(wal, leftovers);
      expect(records).toEqual(written.slice(0, records.length));
      expect(records.length).toBeGreaterThanOrEqual(most);
      most = records.length;
      for (const leftover of leftovers) wal.release(leftover.segment);
      await wal.close();
    }
    expect(most).toBe(written.length);
  });

  test('damage in the middle: the rest is read, the file is kept in quarantine', async () => {
    const first = await open({ limits: { items: 3 } });
    for (const payload of ['one', 'two', 'three', 'four']) await first.wal.append(record(payload));
    await first.wal.close();
    const path = join(dir, segments()[0]!);
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('two')] = 0;
    writeFileSync(path, bytes);
    const { wal, leftovers } = await open();
    const records = await readAll(wal, leftovers);
    expect(records.map(({ payload }) => String(payload))).toEqual(['one', 'three', 'four']);
    for (const leftover of leftovers) wal.release(leftover.segment);
    await wal.close();
    expect(segments()).toEqual([]);
    expect(readdirSync(join(dir, 'quarantine'))).toHaveLength(1);
  });

  test('arbitrary bytes in a segment never stop a start', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (noise, withMagic) => {
        writeFileSync(
          join(dir, '0000000000000001.wal'),
          Buffer.concat([Buffer.from(withMagic ? 'DLWAL001' : ''), noise]),
        );
        writeFileSync(join(dir, '0000000000000002.wal'), noise);
        const { wal, leftovers } = await open();
        await readAll(wal, leftovers);
        for (const leftover of leftovers) wal.release(leftover.segment);
        await wal.append(record('still works'));
        await wal.close();
        for (const name of segments()) rmSync(join(dir, name));
      }),
      { numRuns: 50 },
    );
  });
});
