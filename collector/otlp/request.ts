import type { Resource, Scope } from '../telemetry.ts';
import { AttributeReader, emptyAttributes, NestedTooDeep, type Notes } from './attributes.ts';
import { limits } from './limits.ts';
import { WireReader } from './wire.ts';

/** What the decoders need to know besides the bytes. */
export interface DecodeContext {
  projectId: string;
  receivedAtMs: number;
  /** Items that began longer ago than this would be deleted at once, so they are refused. */
  retentionDays: number;
  /** The bytes were rewritten by us, so that attributes of our own are honoured; see rewrite.ts. */
  reencoded?: boolean;
}

/** Items refused for one reason; `sample` is a short JSON object that identifies the first of them. */
export interface Rejection {
  reason: string;
  count: number;
  sample: string;
  service: string;
}

/** Counts refusals by reason and service. */
export class Rejections {
  private readonly byKey = new Map<string, Rejection>();

  add(reason: string, service: string, sample: Record<string, string>): void {
    const key = `${reason}\0${service}`;
    const known = this.byKey.get(key);
    if (known) known.count++;
    else this.byKey.set(key, { reason, count: 1, sample: JSON.stringify(sample), service });
  }

  list(): Rejection[] {
    return [...this.byKey.values()];
  }
}

/** The resource and scope an item hangs under. */
export interface Owner {
  resource: Resource;
  scope: Scope;
  /** The resource itself could not be read, so nothing under it can be kept. */
  tooDeep: boolean;
}

type ReadItem = (reader: WireReader, owner: Owner) => void;

/** Items between two steps of a walk: about half a millisecond of work. */
const itemsPerStep = 128;

/**
 * Walks the shape all three requests share, `request.1* { resource = 1, scope.2* { scope = 1, item.2* } }`, and calls
 * `readItem` with the cursor at each item. Fields may come in any order, so the owner is looked up before its items.
 * Yields every now and then, so that a large request need not keep the event loop.
 */
export function* walkRequest(reader: WireReader, readItem: ReadItem): Generator<void> {
  let untilStep = itemsPerStep;
  while (reader.more) {
    const tag = reader.uint32();
    if (tag !== 10) {
      reader.skip(tag);
      continue;
    }
    const outer = reader.enter();
    const start = reader.pos;
    const found = readResource(reader);
    reader.pos = start;
    while (reader.more) {
      const inner = reader.uint32();
      if (inner !== 18) {
        reader.skip(inner);
        continue;
      }
      const outerScope = reader.enter();
      const scopeStart = reader.pos;
      const owner: Owner = { ...found, scope: readScope(reader) };
      reader.pos = scopeStart;
      while (reader.more) {
        const item = reader.uint32();
        if (item !== 18) {
          reader.skip(item);
          continue;
        }
        readItem(reader, owner);
        if (--untilStep > 0) continue;
        untilStep = itemsPerStep;
        yield;
      }
      reader.leave(outerScope);
    }
    reader.leave(outer);
  }
}

/** The same in one go. */
export function readItems(body: Uint8Array, readItem: ReadItem): void {
  allSteps(walkRequest(new WireReader(body), readItem));
}

/** Does all steps of some work at once. */
export function allSteps<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

function forEach(reader: WireReader, wanted: number, visit: () => void): void {
  while (reader.more) {
    const tag = reader.uint32();
    if (tag === wanted) visit();
    else reader.skip(tag);
  }
}

function readResource(reader: WireReader): { resource: Resource; tooDeep: boolean } {
  const notes: Notes = { truncated: false };
  const attributes = new AttributeReader(notes);
  let tooDeep = false;
  forEach(reader, 10, () => {
    const outer = reader.enter();
    const end = reader.end;
    try {
      forEach(reader, 10, () => attributes.read(reader));
    } catch (error) {
      if (!(error instanceof NestedTooDeep)) throw error;
      tooDeep = true;
      reader.end = end;
    }
    reader.leave(outer);
  });
  return { resource: describeResource(attributes.attributes), tooDeep };
}

/** Picks what every row carries out of the resource's attributes. */
function describeResource(attributes: Record<string, string> = emptyAttributes()): Resource {
  return {
    attributes,
    service: attributes['service.name'] ?? '',
    environment: attributes['deployment.environment.name'] ?? attributes['deployment.environment'] ?? '',
    release: attributes['service.version'] ?? '',
  };
}

function readScope(reader: WireReader): Scope {
  const scope: Scope = { name: '', version: '' };
  forEach(reader, 10, () => {
    const outer = reader.enter();
    while (reader.more) {
      const tag = reader.uint32();
      if (tag === 10) scope.name = reader.string();
      else if (tag === 18) scope.version = reader.string();
      else reader.skip(tag);
    }
    reader.leave(outer);
  });
  return scope;
}

/** How long the values of attributes of our own may be: what we wrote is read back whole. */
export function ownBytes({ reencoded }: DecodeContext): number {
  return reencoded ? Number.POSITIVE_INFINITY : limits.contentBytes;
}

/** A usable id: the right length and not all zero. It is hex already, the reader made it from bytes. */
export function isValidId(hex: string, digits: 16 | 32): boolean {
  return hex.length === digits && hex !== zeroIds[digits];
}

const zeroIds = { 16: '0'.repeat(16), 32: '0'.repeat(32) };
