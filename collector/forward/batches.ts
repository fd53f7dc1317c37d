import type { Signal } from '../otlp/proto.ts';
import type { WalRecord } from '../wal/record.ts';
import { readRecords } from '../wal/segment-file.ts';
import { withoutOwnAttributes } from './own-attributes.ts';

/** One accepted request, as it is sent on. */
export interface Part {
  items: number;
  payload: Uint8Array;
}

/** Requests of one signal that are sent as one. */
export interface Batch {
  signal: Signal;
  parts: Part[];
  items: number;
  bytes: number;
  /** Offset in the file behind the last of them, damaged ones before it included. */
  end: number;
}

/**
 * The records of a segment file from offset `from`, in order, neighbours of one signal together up to about `maxBytes`.
 * `onDamaged` is called for records whose bytes are not what was written.
 */
export async function* readBatches(
  path: string,
  from: number,
  maxBytes: number,
  onDamaged: () => void,
): AsyncGenerator<Batch> {
  let batch: Batch | null = null;
  for await (const { record, end } of readRecords(path, from)) {
    if (record === null) {
      onDamaged();
      if (batch) batch.end = end;
      continue;
    }
    const part = partOf(record);
    if (batch && (batch.signal !== record.kind || batch.bytes + part.payload.length > maxBytes)) {
      yield batch;
      batch = null;
    }
    batch ??= { signal: record.kind, parts: [], items: 0, bytes: 0, end };
    batch.parts.push(part);
    batch.items += part.items;
    batch.bytes += part.payload.length;
    batch.end = end;
  }
  if (batch) yield batch;
}

function partOf({ kind, items, payload, reencoded }: WalRecord): Part {
  return { items, payload: reencoded ? withoutOwnAttributes(kind, payload) : payload };
}

/** One request of several: every field of an OTLP request is repeated, so messages are joined by joining their bytes. */
export function joined(parts: readonly Part[]): Uint8Array {
  return parts.length === 1 ? parts[0]!.payload : Buffer.concat(parts.map(({ payload }) => payload));
}
