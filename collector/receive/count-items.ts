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
 * request of a million empty spans before anything is made of them. A million empty resources, scopes or metrics around
 * them count as well: the answer is the largest of these numbers. Stops counting beyond `maximum`. Throws MalformedBody.
 */
export function countItems(signal: Signal, protobuf: Uint8Array, maximum: number): number {
  const path = paths[signal];
  const counts = path.map(() => 0);
  walk(new WireReader(protobuf), path, 0, counts, maximum);
  return Math.max(...counts);
}

function walk(reader: WireReader, path: number[][], depth: number, counts: number[], maximum: number): void {
  while (reader.more) {
    const tag = reader.uint32();
    if (!path[depth]!.includes(tag)) {
      reader.skip(tag);
      continue;
    }
    counts[depth]! += 1;
    if (counts[depth]! > maximum) return;
    if (depth === path.length - 1) reader.skip(tag);
    else {
      const outer = reader.enter();
      walk(reader, path, depth + 1, counts, maximum);
      reader.leave(outer);
    }
  }
}
