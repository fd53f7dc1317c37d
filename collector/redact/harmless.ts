import type { Redactor } from '#store/redact/redactor.ts';
import type { AttributeKey } from '../otlp/attribute-key.ts';
import { KnownBytes } from '../otlp/known-bytes.ts';

/** Models, hosts and the like are short, and what is shorter than this is looked through as fast as it is compared. */
const shortest = 6;
const longest = 256;
/** An attribute has one of a few values, or always another. */
const places = 4;
/** Ids never come again: of values that are not known, only one in so many is remembered. */
const oneIn = 64;

/** The values of one attribute that were looked through in vain. */
class HarmlessValues {
  readonly redactor: Redactor;
  private readonly known: (KnownBytes | null)[] = [null, null, null, null];
  private unknown = 0;

  constructor(redactor: Redactor) {
    this.redactor = redactor;
  }

  has(bytes: Buffer, view: DataView, from: number, to: number): boolean {
    const { known } = this;
    for (let place = 0; place < places; place++) {
      const value = known[place]!;
      if (value === null) return false;
      if (value.isAt(bytes, view, from, to)) return true;
    }
    return false;
  }

  add(bytes: Buffer, from: number, to: number): void {
    const turn = this.unknown++;
    if (turn >= places && turn % oneIn !== 0) return;
    const place = turn < places ? turn : (turn / oneIn) % places;
    this.known[place] = KnownBytes.copyOf(bytes, from, to);
  }
}

/** Texts and nested values may be the same bytes and are not looked through in the same way. */
type Memory = 'harmless' | 'harmlessNested';

/** Whether the redactor is known to change nothing about this value. */
export function isHarmless(
  key: AttributeKey,
  redactor: Redactor,
  bytes: Buffer,
  view: DataView,
  from: number,
  to: number,
  memory: Memory = 'harmless',
): boolean {
  const values = key[memory];
  return (
    values instanceof HarmlessValues && values.redactor === redactor && values.has(bytes, view, from, to)
  );
}

/** Remembers that the redactor changes nothing about this value. */
export function noteHarmless(
  key: AttributeKey,
  redactor: Redactor,
  bytes: Buffer,
  from: number,
  to: number,
  memory: Memory = 'harmless',
): void {
  if (!key.isKept || to - from < shortest || to - from > longest) return;
  const known = key[memory];
  const isOf = known instanceof HarmlessValues && known.redactor === redactor;
  const values = isOf ? known : new HarmlessValues(redactor);
  key[memory] = values;
  values.add(bytes, from, to);
}
