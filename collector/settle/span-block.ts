import type { ByteSink } from '#store/native/byte-sink.ts';
import type { MapColumn } from '#store/native/columns.ts';
import type { SpanBlock } from '#store/native/tables.ts';
import { clickhouseTime } from '#store/rows.ts';
import { type AttributeRange, wholeNumber } from '../otlp/attribute-list.ts';
import { rangeOf } from '../otlp/decoded-span.ts';
import { flagsAttribute } from '../otlp/limits.ts';
import { encodeFacts } from '../request/facts-json.ts';
import type { Attributes, Resource, Span } from '../telemetry.ts';
import type { AttributeNames } from './attribute-names.ts';
import type { DescribedSpan } from './described.ts';
import { versionOf } from './rows.ts';

/** Writes a span into the block as one row; `names` are those of its project and day. */
export function addSpan(
  block: SpanBlock,
  { span, facts, rederivable }: DescribedSpan,
  names: AttributeNames,
): void {
  const { columns } = block;
  const folded = foldedAttributes(span, names);
  columns.project_id.push(span.projectId);
  columns.start_time.push(span.startNs);
  columns.trace_id.push(span.traceId);
  columns.span_id.push(span.spanId);
  columns.parent_span_id.push(span.parentSpanId);
  columns.name.push(span.name);
  columns.kind.push(span.kind);
  columns.duration_ns.push(span.endNs - span.startNs);
  columns.status.push(span.status);
  columns.status_message.push(span.statusMessage);
  columns.service.push(facts.service);
  columns.environment.push(facts.environment);
  columns.release.push(facts.release);
  columns.scope_name.push(span.scope.name);
  columns.scope_version.push(span.scope.version);
  columns.dialect.push(facts.dialect);
  columns.role.push(facts.role);
  addAttributes(columns.attributes, span, folded);
  addResource(columns.resource, span.resource);
  columns.events.push(eventsText(span));
  columns.links.push(linksText(span));
  // What went into the attribute for all others is not read from there.
  columns.facts.push(rederivable && !folded ? '' : encodeFacts(facts));
  columns.received_at.push(span.receivedAtMs);
  columns.version.push(versionOf(span.receivedAtMs));
  block.endRow();
}

/** The attributes when some of their names are beyond the limit, else null. */
function foldedAttributes(span: Span, names: AttributeNames): Attributes | null {
  const range = rangeOf(span);
  if (range !== null && admitsAll(names, range)) return null;
  const { attributes } = span;
  const folded = names.fold(attributes);
  return folded === attributes ? null : folded;
}

function admitsAll(names: AttributeNames, { list, from, to }: AttributeRange): boolean {
  for (let entry = from; entry < to; entry++) if (!names.admits(list.key(entry))) return false;
  return true;
}

function addAttributes(column: MapColumn<string>, span: Span, folded: Attributes | null): void {
  const range = rangeOf(span);
  if (folded !== null || range === null || span.flags.length > 0) {
    const attributes = folded ?? span.attributes;
    const { flags } = span;
    column.push(flags.length > 0 ? { ...attributes, [flagsAttribute]: flags.join(',') } : attributes);
    return;
  }
  addRange(column, range);
  column.endRow();
}

// The values go from the request's bytes to the block's without becoming text in between.
function addRange(column: MapColumn<string>, { list, from, to }: AttributeRange): void {
  const { starts, ends, texts, bytes } = list;
  const { values, serial } = column;
  for (let entry = from; entry < to; entry++) {
    const key = list.key(entry);
    // Its number in the column's dictionary, for as long as there is none but this one.
    if (key.block !== serial) {
      key.block = serial;
      key.blockIndex = column.keyIndex(key.text);
    }
    column.key(key.blockIndex);
    const start = starts[entry]!;
    const end = ends[entry]!;
    if (start === wholeNumber) values.digits(end);
    else if (start < 0) values.text(texts[end]!);
    else addUtf8(values, bytes, start, end);
  }
}

/** Senders may send bytes that are no UTF-8: those go through text, which replaces what is wrong. */
function addUtf8(values: ByteSink, bytes: Buffer, start: number, end: number): void {
  if (!values.ascii(bytes, start, end)) values.text(bytes.toString('utf8', start, end));
}

/** Spans of one request share their resource, whose entries are therefore copied and not written again. */
interface WrittenResource {
  column: MapColumn<string>;
  serial: number;
  resource: Resource;
  keys: number[];
  values: Buffer;
}

let written: WrittenResource | null = null;

function addResource(column: MapColumn<string>, resource: Resource): void {
  if (written?.resource !== resource || written.column !== column || written.serial !== column.serial) {
    const before = column.values.size;
    column.push(resource.attributes);
    const values = Buffer.from(column.values.view().subarray(before));
    const keys = Object.keys(resource.attributes).map(key => column.keyIndex(key));
    written = { column, serial: column.serial, resource, keys, values };
    return;
  }
  for (const key of written.keys) column.key(key);
  column.values.bytes(written.values);
  column.endRow();
}

function eventsText({ events }: Span): string {
  if (events.length === 0) return '[]';
  return JSON.stringify(
    events.map(({ timeNs, name, attributes }) => ({ time: clickhouseTime(timeNs), name, attributes })),
  );
}

function linksText({ links }: Span): string {
  if (links.length === 0) return '[]';
  return JSON.stringify(
    links.map(({ traceId, spanId, attributes }) => ({ trace_id: traceId, span_id: spanId, attributes })),
  );
}
