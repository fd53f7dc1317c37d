import type { MetricPoint } from '../telemetry.ts';
import { AttributeReader, emptyAttributes, NestedTooDeep } from './attributes.ts';
import { type ExponentialBuckets, explicitBuckets } from './exponential-buckets.ts';
import { type DecodeContext, type Owner, type Rejection, Rejections, readItems } from './request.ts';
import { isExpired, isFromTheFuture } from './traces.ts';
import type { WireReader } from './wire.ts';

type Kind = MetricPoint['kind'];

/** Field number of the metric's data → its kind, and the field that holds a point's attributes. */
const kindByTag: Record<number, { kind: Kind; attributesTag: number }> = {
  42: { kind: 'gauge', attributesTag: 58 },
  58: { kind: 'sum', attributesTag: 58 },
  74: { kind: 'histogram', attributesTag: 74 },
  82: { kind: 'exponential_histogram', attributesTag: 10 },
  90: { kind: 'summary', attributesTag: 58 },
};

interface Sink {
  points: MetricPoint[];
  rejections: Rejections;
  ctx: DecodeContext;
}

/** The points of an ExportMetricsServiceRequest in protobuf; MalformedBody when the bytes are none. */
export function readMetrics(
  body: Uint8Array,
  ctx: DecodeContext,
): { points: MetricPoint[]; rejected: Rejection[] } {
  const sink: Sink = { points: [], rejections: new Rejections(), ctx };
  readItems(body, (reader, owner) => readMetric(reader, owner, sink));
  return { points: sink.points, rejected: sink.rejections.list() };
}

function readMetric(reader: WireReader, owner: Owner, sink: Sink): void {
  const outer = reader.enter();
  const template = emptyPoint(owner, sink.ctx);
  const data: { at: number; tag: number }[] = [];
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 10) template.name = reader.string();
    else if (tag === 26) template.unit = reader.string();
    else if (kindByTag[tag]) {
      data.push({ at: reader.pos, tag });
      reader.skip(tag);
    } else reader.skip(tag);
  }
  // `data` is a oneof: when it is repeated, the last one counts.
  const last = data.at(-1);
  if (last) {
    const end = reader.pos;
    reader.pos = last.at;
    readData(
      reader,
      { ...template, kind: kindByTag[last.tag]!.kind },
      kindByTag[last.tag]!.attributesTag,
      owner,
      sink,
    );
    reader.pos = end;
  }
  reader.leave(outer);
}

function emptyPoint(owner: Owner, ctx: DecodeContext): MetricPoint {
  return {
    projectId: ctx.projectId,
    name: '',
    unit: '',
    kind: 'gauge',
    temporality: '',
    monotonic: false,
    timeNs: 0n,
    startNs: 0n,
    attributes: emptyAttributes(),
    resource: owner.resource,
    value: null,
    count: null,
    sum: null,
    min: null,
    max: null,
    bounds: [],
    bucketCounts: [],
  };
}

function readData(
  reader: WireReader,
  template: MetricPoint,
  attributesTag: number,
  owner: Owner,
  sink: Sink,
): void {
  const outer = reader.enter();
  const pointsAt: number[] = [];
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 10) {
      pointsAt.push(reader.pos);
      reader.skip(tag);
    } else if (tag === 16)
      template.temporality = (['', 'delta', 'cumulative'] as const)[reader.uint32()] ?? '';
    else if (tag === 24) template.monotonic = reader.uint32() !== 0;
    else reader.skip(tag);
  }
  for (const at of pointsAt) {
    reader.pos = at;
    const { point, problem } = readPoint(reader, template, attributesTag);
    const reason = owner.tooDeep ? 'nested_too_deep' : (problem ?? findProblem(point, sink.ctx));
    if (reason === undefined) sink.points.push(point);
    else sink.rejections.add(reason, owner.resource.service, { name: point.name.slice(0, 200) });
  }
  reader.leave(outer);
}

function findProblem(point: MetricPoint, ctx: DecodeContext): string | undefined {
  if (point.name === '') return 'missing_metric_name';
  if (point.timeNs === 0n) return 'missing_time';
  if (isExpired(point.timeNs, ctx)) return 'older_than_retention';
  if (isFromTheFuture(point.timeNs, ctx)) point.timeNs = BigInt(ctx.receivedAtMs) * 1_000_000n;
  return undefined;
}

function readPoint(
  reader: WireReader,
  template: MetricPoint,
  attributesTag: number,
): { point: MetricPoint; problem?: string } {
  const attributes = new AttributeReader({ truncated: false });
  const point: MetricPoint = { ...template, bounds: [], bucketCounts: [], attributes: attributes.attributes };
  const outer = reader.enter();
  const end = reader.end;
  let problem: string | undefined;
  try {
    if (point.kind === 'exponential_histogram') readExponential(reader, point, attributes);
    else readOther(reader, point, attributes, attributesTag);
  } catch (error) {
    if (!(error instanceof NestedTooDeep)) throw error;
    problem = 'nested_too_deep';
    reader.end = end;
  }
  reader.leave(outer);
  return problem === undefined ? { point } : { point, problem };
}

/** Number, histogram and summary points. They agree on fields 2 to 5 except that 4 and 5 mean a number's value, or count and sum. */
function readOther(
  reader: WireReader,
  point: MetricPoint,
  attributes: AttributeReader,
  attributesTag: number,
): void {
  const isNumber = point.kind === 'gauge' || point.kind === 'sum';
  const isHistogram = point.kind === 'histogram';
  const flagsTag = isHistogram ? 80 : 64;
  let flags = 0;
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === attributesTag) attributes.read(reader);
    else if (tag === 17) point.startNs = reader.fixed64();
    else if (tag === 25) point.timeNs = reader.fixed64();
    else if (tag === 33 && isNumber) point.value = finite(reader.double());
    else if (tag === 49 && isNumber) point.value = Number(reader.sfixed64());
    else if (tag === 33) point.count = reader.fixed64();
    else if (tag === 41 && !isNumber) point.sum = finite(reader.double());
    else if (tag === 50 && isHistogram) readPacked(reader, () => point.bucketCounts.push(reader.fixed64()));
    else if (tag === 49 && isHistogram) point.bucketCounts.push(reader.fixed64());
    else if (tag === 58 && isHistogram) readPacked(reader, () => point.bounds.push(reader.double()));
    else if (tag === 57 && isHistogram) point.bounds.push(reader.double());
    else if (tag === 89 && isHistogram) point.min = finite(reader.double());
    else if (tag === 97 && isHistogram) point.max = finite(reader.double());
    else if (tag === flagsTag) flags = reader.uint32();
    else reader.skip(tag);
  }
  if (flags & noRecordedValue) clearValues(point);
}

function readExponential(reader: WireReader, point: MetricPoint, attributes: AttributeReader): void {
  let scale = 0;
  const zero = { count: 0n, threshold: 0 };
  let flags = 0;
  let positive: ExponentialBuckets = { offset: 0, counts: [] };
  let negative: ExponentialBuckets = { offset: 0, counts: [] };
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 10) attributes.read(reader);
    else if (tag === 17) point.startNs = reader.fixed64();
    else if (tag === 25) point.timeNs = reader.fixed64();
    else if (tag === 33) point.count = reader.fixed64();
    else if (tag === 41) point.sum = finite(reader.double());
    else if (tag === 48) scale = reader.sint32();
    else if (tag === 57) zero.count = reader.fixed64();
    else if (tag === 66) positive = readBuckets(reader);
    else if (tag === 74) negative = readBuckets(reader);
    else if (tag === 97) point.min = finite(reader.double());
    else if (tag === 105) point.max = finite(reader.double());
    else if (tag === 80) flags = reader.uint32();
    else if (tag === 113) zero.threshold = Math.max(0, finite(reader.double()) ?? 0);
    else reader.skip(tag);
  }
  const { bounds, counts } = explicitBuckets(scale, zero, positive, negative);
  point.bounds = bounds;
  point.bucketCounts = counts;
  if (flags & noRecordedValue) clearValues(point);
}

/** Says that a series has ended: its zeros are none, and would look like a reset of what it counted. */
const noRecordedValue = 1;

function clearValues(point: MetricPoint): void {
  Object.assign(point, { value: null, count: null, sum: null, min: null, max: null });
  point.bounds = [];
  point.bucketCounts = [];
}

function readBuckets(reader: WireReader): ExponentialBuckets {
  const outer = reader.enter();
  const buckets: ExponentialBuckets = { offset: 0, counts: [] };
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === 8) buckets.offset = reader.sint32();
    else if (tag === 18) readPacked(reader, () => buckets.counts.push(reader.uint64()));
    else if (tag === 16) buckets.counts.push(reader.uint64());
    else reader.skip(tag);
  }
  reader.leave(outer);
  return buckets;
}

function readPacked(reader: WireReader, readOne: () => void): void {
  const outer = reader.enter();
  while (reader.more) readOne();
  reader.leave(outer);
}

/** The store has no NaN: a point without a usable number has no value. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
