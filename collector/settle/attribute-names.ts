import { type AttributeKey, keyOfText } from '../otlp/attribute-key.ts';
import { emptyAttributes } from '../otlp/attributes.ts';
import { limits } from '../otlp/limits.ts';
import type { Attributes } from '../telemetry.ts';

/** Holds what is beyond the limit, as a JSON object. */
export const otherAttribute = '_other';

const maxExamples = 3;

/** The attribute names that a project has used in one day. */
export class AttributeNames {
  private readonly names = new Set<string>();
  private readonly limit: number;
  /** Names of which some table of the mapping knows are few and do not count. */
  private uncounted = 0;
  /** Attributes that went into the other one, and names of some. */
  folded = 0;
  readonly examples: string[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether attributes of this name have a column entry of their own, which is decided when it is first seen. */
  admits(key: AttributeKey): boolean {
    // Spans have their names from one another, so this is nearly always known by looking at the key alone.
    if (key.admittedBy === this) return true;
    if (!this.names.has(key.text) && !this.add(key)) return false;
    key.admittedBy = this;
    return true;
  }

  /** What the store has of this day already. */
  remember(name: string): void {
    if (name !== otherAttribute && !this.names.has(name)) this.insert(keyOfText(name));
  }

  /** The attributes, or when some names are beyond the limit, the others and `_other`. */
  fold(attributes: Attributes): Attributes {
    for (const name in attributes) if (!this.knows(name)) return this.folding(attributes);
    return attributes;
  }

  private knows(name: string): boolean {
    return this.names.has(name) || this.add(keyOfText(name));
  }

  private folding(attributes: Attributes): Attributes {
    const kept = emptyAttributes();
    const others: [string, string][] = [];
    for (const name in attributes) {
      if (this.knows(name)) kept[name] = attributes[name]!;
      else others.push([name, attributes[name]!]);
    }
    for (const [name] of others) this.note(name);
    kept[otherAttribute] = jsonWithin(others, limits.valueBytes);
    return kept;
  }

  private note(name: string): void {
    this.folded++;
    if (this.examples.length < maxExamples && !this.examples.includes(name)) this.examples.push(name);
  }

  private add(key: AttributeKey): boolean {
    if (key.place < 0 && this.names.size - this.uncounted >= this.limit) return false;
    this.insert(key);
    return true;
  }

  private insert({ text, place }: AttributeKey): void {
    if (place >= 0) this.uncounted++;
    this.names.add(text);
  }
}

/** As many of the pairs as fit, as a JSON object. */
function jsonWithin(pairs: readonly [string, string][], maxChars: number): string {
  const members: string[] = [];
  let chars = 2;
  for (const [name, value] of pairs) {
    const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    chars += member.length + 1;
    if (chars > maxChars) break;
    members.push(member);
  }
  return `{${members.join(',')}}`;
}

const dayMs = 86_400_000;

/** Attribute names by project and day, of which the last two that were asked for are kept. */
export class AttributeLimit {
  private readonly days = new Map<string, { day: number; names: AttributeNames }>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The names of a project on the day something was received. */
  namesOf(projectId: string, receivedAtMs: number): AttributeNames {
    const day = Math.floor(receivedAtMs / dayMs);
    const key = `${day} ${projectId}`;
    const known = this.days.get(key);
    if (known) return known.names;
    for (const [old, entry] of this.days) if (entry.day < day - 1) this.days.delete(old);
    const names = new AttributeNames(this.limit);
    this.days.set(key, { day, names });
    return names;
  }

  /** Projects that are beyond the limit on the day of `nowMs`. */
  exceeded(nowMs: number): { projectId: string; folded: number; examples: readonly string[] }[] {
    const today = Math.floor(nowMs / dayMs);
    return [...this.days].flatMap(([key, { day, names }]) => {
      const { folded, examples } = names;
      return day === today && folded > 0
        ? [{ projectId: key.slice(key.indexOf(' ') + 1), folded, examples }]
        : [];
    });
  }
}
