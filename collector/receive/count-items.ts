import type { Signal } from '../otlp/proto.ts';
import { WireReader } from '../otlp/wire.ts';

/** Field tags on the way from a request to its items; several tags are the kinds of data a metric may have. */
const paths: Record<Signal, number[][]> = {
  traces: [[10], [18], [18]],
  logs: [[10], [18], [18]],
  metrics: [[10], [18], [18], [42, 58, 74, 82, 90], [10]],
};

/**
 * Spans, log records or data points in a request, good or bad, found by skipping over them: cheap enough to refuse a
 * request of a million empty spans before anything is made of them. Stops counting beyond `maximum`. Throws MalformedBody.
 */
export function countItems(signal: Signal, protobuf: Uint8Array, maximum: number): number {
  const found = { items: 0, maximum };
  walk(new WireReader(protobuf), paths[signal], 0, found);
  return found.items;
}

function walk(
  reader: WireReader,
  path: number[][],
  depth: number,
  found: { items: number; maximum: number },
): void {
  while (reader.more && found.items <= found.maximum) {
    const tag = reader.uint32();
    if (!path[depth]!.includes(tag)) reader.skip(tag);
    else if (depth === path.length - 1) {
      found.items++;
      reader.skip(tag);
    } else {
      const outer = reader.enter();
      walk(reader, path, depth + 1, found);
      reader.leave(outer);
    }
  }
}
