import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Signal } from '#collector/otlp/proto.ts';
import { MalformedBody } from '#collector/otlp/wire.ts';
import { BodyTooLarge } from '#collector/receive/body.ts';
import { createIntake, TooManyItems } from '#collector/receive/intake.ts';
import { itemsIn } from '#collector/settle/described.ts';
import { readRecord } from '#collector/settle/read-record.ts';
import { encodeRecord, segmentMagic, type WalRecord } from '#collector/wal/record.ts';
import { readRecords, scanSegment, segmentPath, truncateTail } from '#collector/wal/segment-file.ts';
import { type CapturedBody, readScenarios } from '../support/captures.ts';
import { reencoded, splitByItem } from '../support/otlp-requests.ts';
import { maxInputBytes } from './mutate.ts';

/** Something that is fed with hostile input: resolves with what became of it, and throws what nobody may throw. */
export interface Target {
  name: string;
  seeds: Buffer[];
  run(input: Buffer): Promise<string>;
}

/** Everything that runs in this process. Call `end` afterwards. */
export function targets(): { all: Target[]; end(): void } {
  const bodies = readScenarios()
    .flatMap(({ bodies: all }) => all)
    .flatMap(body => [body, reencoded(body), ...splitByItem(body).slice(0, 3).map(reencoded)])
    .concat(deepBodies());
  const wal = walTarget(bodies);
  const decoders = (['traces', 'logs', 'metrics'] as const).flatMap(signal =>
    (['protobuf', 'json'] as const).map(encoding => decoderTarget(signal, encoding, bodies)),
  );
  return { all: [...decoders, wal.target], end: wal.end };
}

const retentionDays = 36_500;

/** Spans and log records with values around the deepest that is read, in both encodings. */
function deepBodies(): CapturedBody[] {
  const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  const timeUnixNano = '1794000000000000000';
  return [4, 30, 31, 32, 33, 40].flatMap(depth => {
    let value: object = { stringValue: 'deep' };
    for (let level = 0; level < depth; level++) value = { arrayValue: { values: [value] } };
    const attributes = [{ key: 'deep', value }];
    const span = { ...ids, name: 'deep', startTimeUnixNano: timeUnixNano, attributes };
    const record = { ...ids, timeUnixNano, body: value, attributes };
    const traces = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
    return (['traces', 'logs'] as const).flatMap(signal => {
      const body = Buffer.from(JSON.stringify(signal === 'traces' ? traces : logs));
      const json: CapturedBody = { signal, encoding: 'json', file: '', body };
      return [json, reencoded(json)];
    });
  });
}

/** The whole way of a request up to the write-ahead log, and back from there. */
function decoderTarget(signal: Signal, encoding: CapturedBody['encoding'], bodies: CapturedBody[]): Target {
  let written: WalRecord | null = null;
  let reasons: string[] = [];
  let captureContent = false;
  const reading = () => ({ captureContent, mapping: undefined });
  const intake = createIntake({
    room: async () => {},
    append: record => {
      written = record;
      return Promise.resolve({ segment: 1, from: 0, to: 1 });
    },
    accept: () => {},
    onRejected: (_, __, rejected) => {
      reasons = rejected.map(({ reason }) => reason).sort();
    },
    readingFor: reading,
    retentionDays,
    maxItems: 2000,
    maxBytes: 16 * 2 ** 20,
    now: () => 1_795_000_000_000,
  });
  return {
    name: `${signal} as ${encoding}`,
    seeds: seedsOf(bodies.filter(body => body.signal === signal && body.encoding === encoding)),
    async run(input) {
      written = null;
      reasons = [];
      captureContent = !captureContent;
      try {
        await intake({ signal, encoding, body: input, projectId: 'fuzz' });
      } catch (error) {
        if (isRefusal(error)) return shape(error.message);
        throw error;
      }
      const record = written as WalRecord | null;
      if (record) {
        const items = itemsIn(readRecord(record, reading(), retentionDays));
        if (items !== record.items)
          throw new Error(`${record.items} items were taken, ${items} are read back`);
      }
      return `${record ? 'taken' : 'nothing'} ${record?.reencoded} ${reasons.join(' ')}`;
    },
  };
}

function isRefusal(error: unknown): error is Error {
  return error instanceof MalformedBody || error instanceof BodyTooLarge || error instanceof TooManyItems;
}

/** A message without what differs from input to input. */
function shape(message: string): string {
  return message.replace(/\d+/g, '#').slice(0, 200);
}

function seedsOf(bodies: CapturedBody[]): Buffer[] {
  return bodies.map(({ body }) => body).filter(body => body.length > 0 && body.length <= maxInputBytes / 4);
}

/** A segment file that was damaged: whatever is read from it was written to it, in its order. */
function walTarget(bodies: CapturedBody[]): { target: Target; end(): void } {
  // In memory where that is possible: it is about what is read, not about the disk.
  const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'driftline-fuzz-'));
  const path = segmentPath(dir, 1);
  const records = bodies
    .filter(({ body }) => body.length < 4000)
    .slice(0, 60)
    .map(({ signal, body }, i): WalRecord => {
      return { kind: signal, projectId: 'p', receivedAtMs: i, items: i, reencoded: i % 2 > 0, payload: body };
    });
  const byTime = new Map(records.map(record => [record.receivedAtMs, record]));
  const segment = (from: number, count: number) =>
    Buffer.concat([segmentMagic, ...records.slice(from, from + count).flatMap(encodeRecord)]);
  const target: Target = {
    name: 'segment of the write-ahead log',
    seeds: [segment(0, 1), segment(1, 5), segment(6, 20), segment(26, 30), segmentMagic, Buffer.alloc(64)],
    async run(input) {
      writeFileSync(path, input);
      await scanSegment(path);
      const before = await intactRecords(path, byTime);
      await truncateTail(path);
      const after = await intactRecords(path, byTime);
      if (after.intact !== before.intact) {
        throw new Error(`cutting the tail left ${after.intact} of ${before.intact} records`);
      }
      return `${Math.min(before.intact, 5)} intact, ${Math.min(before.damaged, 3)} damaged, ${after.damaged > 0}`;
    },
  };
  return { target, end: () => rmSync(dir, { recursive: true, force: true }) };
}

async function intactRecords(path: string, byTime: Map<number, WalRecord>) {
  let [intact, damaged] = [0, 0];
  for await (const { record } of readRecords(path)) {
    if (!record) {
      damaged++;
      continue;
    }
    intact++;
    const original = byTime.get(record.receivedAtMs);
    if (!original || !Buffer.from(original.payload).equals(record.payload)) {
      throw new Error('a record was read that had never been written');
    }
  }
  return { intact, damaged };
}
