import { crc32 } from 'node:zlib';
import { crc32c } from './crc32c.ts';

const recordKinds = ['traces', 'logs', 'metrics'] as const;
type RecordKind = (typeof recordKinds)[number];

/** One accepted request. */
export interface WalRecord {
  kind: RecordKind;
  projectId: string;
  receivedAtMs: number;
  /** Spans, log records or data points in it. */
  items: number;
  /** The payload went through our own encoder, because something was taken out of what the sender sent. */
  reencoded: boolean;
  /** OTLP protobuf. */
  payload: Uint8Array;
}

/** First bytes of every segment: what it is and in which version of the format. */
export const segmentMagic = Buffer.from('DLWAL001');

/** Length and checksum, both u32 little endian, before each body. */
export const prefixBytes = 8;

const fixedBytes = 16;

/** Flags of a record. */
const isReencoded = 1;
/** Its checksum is CRC-32 as zlib has it, which takes a tenth of the time; those before had CRC-32C. */
const hasCrc32 = 2;

/** A request is at most 64 MiB; anything longer is not a length we wrote. */
const maxBodyBytes = 128 * 1024 * 1024;

/**
 * A record as it is written: u32 body length, u32 checksum of the body, then the body: u8 kind, u8 flags (1 = reencoded,
 * 2 = the checksum is CRC-32, otherwise CRC-32C), u16 length of the project id, u32 items, f64 received at (ms), project id
 * (UTF-8), payload. Returned in two pieces so that the payload is not copied.
 */
export function encodeRecord(record: WalRecord): Uint8Array[] {
  const project = Buffer.from(record.projectId);
  const head = Buffer.alloc(prefixBytes + fixedBytes + project.length);
  head.writeUInt32LE(fixedBytes + project.length + record.payload.length, 0);
  head.writeUInt8(recordKinds.indexOf(record.kind), 8);
  head.writeUInt8(hasCrc32 | (record.reencoded ? isReencoded : 0), 9);
  head.writeUInt16LE(project.length, 10);
  head.writeUInt32LE(record.items, 12);
  head.writeDoubleLE(record.receivedAtMs, 16);
  project.copy(head, prefixBytes + fixedBytes);
  head.writeUInt32LE(crc32(record.payload, crc32(head.subarray(prefixBytes))), 4);
  return [head, record.payload];
}

/** Body length announced by a prefix, or null when it cannot be one. */
export function bodyLength(prefix: Buffer): number | null {
  const length = prefix.readUInt32LE(0);
  return length >= fixedBytes && length <= maxBodyBytes ? length : null;
}

/** The record of a body, or null when the body is not what was written. The payload is a view into `body`. */
export function decodeRecord(prefix: Buffer, body: Buffer): WalRecord | null {
  const flags = body.readUInt8(1);
  // A damaged flag asks for the other sum, which is then as wrong.
  const sum = (flags & hasCrc32) === 0 ? crc32c(body) : crc32(body);
  if (sum !== prefix.readUInt32LE(4)) return null;
  const kind = recordKinds[body.readUInt8(0)];
  const payloadAt = fixedBytes + body.readUInt16LE(2);
  if (kind === undefined || payloadAt > body.length) return null;
  return {
    kind,
    reencoded: (flags & isReencoded) !== 0,
    items: body.readUInt32LE(4),
    receivedAtMs: body.readDoubleLE(8),
    projectId: body.toString('utf8', fixedBytes, payloadAt),
    payload: body.subarray(payloadAt),
  };
}

/** What the first `peekBytes` bytes of a body tell, unchecked, without reading the payload. */
export const peekBytes = fixedBytes;
export function peek(bodyStart: Buffer): { items: number; receivedAtMs: number } {
  return { items: bodyStart.readUInt32LE(4), receivedAtMs: bodyStart.readDoubleLE(8) };
}
