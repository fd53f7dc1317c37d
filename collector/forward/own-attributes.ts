import { ownAttributes } from '../otlp/limits.ts';
import type { Signal } from '../otlp/proto.ts';
import { WireReader } from '../otlp/wire.ts';

/** Tags on the way from a request to the attributes of its items: resource_…, scope_…, item, attributes. */
const paths: Record<Signal, readonly number[] | null> = {
  traces: [10, 18, 18, 74],
  logs: [10, 18, 18, 50],
  // Points are never rewritten.
  metrics: null,
};

/** A request that was rewritten on receipt, without the attributes that are for ourselves. Everything else stays byte for byte. */
export function withoutOwnAttributes(signal: Signal, payload: Uint8Array): Uint8Array {
  const path = paths[signal];
  return path === null ? payload : copy(new WireReader(payload), path);
}

/** The message between the cursor and its end; of the fields at the end of `path`, those with a key of ours are left out. */
function copy(reader: WireReader, path: readonly number[]): Buffer {
  const [wanted, ...rest] = path;
  const parts: Buffer[] = [];
  let kept = reader.pos;
  while (reader.more) {
    const start = reader.pos;
    const tag = reader.uint32();
    if (tag !== wanted) {
      reader.skip(tag);
      continue;
    }
    const outer = reader.enter();
    const end = reader.end;
    const inner = rest.length > 0 ? copy(reader, rest) : null;
    const isDropped = inner === null && ownAttributes.has(keyOf(reader));
    reader.end = end;
    reader.pos = end;
    reader.leave(outer);
    if (inner === null && !isDropped) continue;
    parts.push(reader.buffer.subarray(kept, start));
    if (inner !== null) parts.push(varint(tag), varint(inner.length), inner);
    kept = reader.pos;
  }
  parts.push(reader.buffer.subarray(kept, reader.pos));
  return Buffer.concat(parts);
}

function keyOf(reader: WireReader): string {
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 10) return reader.string();
    reader.skip(tag);
  }
  return '';
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}
