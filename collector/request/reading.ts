import { keyOfText } from '../otlp/attribute-key.ts';
import { rangeOf } from '../otlp/decoded-span.ts';
import type { Attributes, Span, SpanEvent } from '../telemetry.ts';
import { type Column, columnOf, dialectOf } from './dialect.ts';
import type { Dialect } from './facts.ts';
import { placeCount, placeOf } from './places.ts';

/** One span on its way to facts: its dialect is known, and JSON hidden in attributes is parsed at most once. */
export interface Reading {
  span: Span;
  /** All of them, for what no table can name. Making this object costs more than reading all facts. */
  readonly attributes: Attributes;
  events: readonly SpanEvent[];
  dialect: Dialect;
  column: Column;
  /** The attributes that some table names, by place; see `sources` and places.ts. */
  values: readonly (string | undefined)[];
  /** What the names of the attributes tell together; see `trait` in attribute-key.ts. */
  traits: number;
  /** The parsed JSON of the attribute at a place; undefined when absent, too large or not JSON. */
  json(place: number): unknown;
  /** Nobody reads it any more: its memory may serve the next reading. */
  end(): void;
}

/** What is hidden deeper than in an attribute's own text. */
export type LookUp = (reading: Reading) => unknown;

/** Where a value may be found: an attribute key, or a look-up. */
export type Source = string | LookUp;

/** The keys of one field in order of preference, by the columns of the mapping's field table. */
export type FieldTable = Record<Column, readonly Source[]>;

/** Sources ready for reading: keys are replaced by their place. */
export type Sources = readonly (number | LookUp)[];

export type Field = Record<Column, Sources>;

/** Makes sources ready. Only while modules load: a key named later has no place in readings already begun. */
export function sources(...of: readonly Source[]): Sources {
  return of.map(source => (typeof source === 'string' ? placeOf(source) : source));
}

/** Makes a table of the mapping ready. */
export function field(table: FieldTable): Field {
  return {
    gen_ai: sources(...table.gen_ai),
    openinference: sources(...table.openinference),
    vercel_ai: sources(...table.vercel_ai),
    langfuse: sources(...table.langfuse),
  };
}

/** JSON inside attributes is only parsed up to this size; a larger one stays what it was sent as: text. */
const MAX_JSON_CHARS = 1_000_000;

/** Starts reading a span. */
export function readSpan(span: Span): Reading {
  return new SpanReading(span);
}

/** The values of one span by place. */
class Places {
  readonly values: (string | undefined)[] = new Array(placeCount()).fill(undefined);
  private readonly filled = new Uint16Array(256);
  private count = 0;

  set(place: number, value: string | undefined): void {
    this.values[place] = value;
    this.filled[this.count++] = place;
  }

  clear(): void {
    const { values, filled, count } = this;
    this.count = 0;
    if (count > filled.length) values.fill(undefined);
    else for (let at = 0; at < count; at++) values[filled[at]!] = undefined;
  }
}

/** There are more places than a span has attributes: making the list anew would be most of the garbage of a span. */
let spare: Places | null = null;
const ended: (string | undefined)[] = [];

class SpanReading implements Reading {
  readonly span: Span;
  readonly events: readonly SpanEvent[];
  values: (string | undefined)[];
  readonly dialect: Dialect;
  readonly column: Column;
  traits = 0;
  private readonly places: Places;
  private parsed: Map<number, unknown> | null = null;

  constructor(span: Span) {
    this.span = span;
    this.events = span.events;
    this.places = spare ?? new Places();
    this.values = this.places.values;
    spare = null;
    this.readValues(this.places);
    this.dialect = dialectOf(this);
    this.column = columnOf(this.dialect);
  }

  get attributes(): Attributes {
    return this.span.attributes;
  }

  json(place: number): unknown {
    // Asked of every span in several places, and nearly none has any.
    if (this.values[place] === undefined) return undefined;
    this.parsed ??= new Map();
    if (!this.parsed.has(place)) this.parsed.set(place, parseJson(this.values[place]));
    return this.parsed.get(place);
  }

  end(): void {
    if (this.values === ended) return;
    this.places.clear();
    spare = this.places;
    this.values = ended;
  }

  private readValues(places: Places): void {
    const range = rangeOf(this.span);
    if (range === null) {
      const { attributes } = this.span;
      for (const name in attributes) {
        const key = keyOfText(name);
        this.traits |= key.traits;
        if (key.place >= 0) places.set(key.place, attributes[name]);
      }
      return;
    }
    const { list } = range;
    this.traits = range.traits;
    for (let entry = range.from; entry < range.to; entry++) {
      const { place } = list.key(entry);
      if (place >= 0) places.set(place, list.text(entry));
    }
  }
}

/** JSON text as a value; undefined instead of an error, since senders put anything into strings. */
export function parseJson(text: string | undefined): unknown {
  if (!text || text.length > MAX_JSON_CHARS || !looksLikeJson(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A look-up inside the JSON of an attribute, e.g. `inJson('metadata', 'tenant')`. */
export function inJson(key: string, ...path: (string | number)[]): LookUp {
  const place = placeOf(key);
  return reading => dig(reading.json(place), path);
}

/** The value at a path of keys and indexes; undefined where the path ends early. */
export function dig(value: unknown, path: readonly (string | number)[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.hasOwn(here, step) ? (here as Record<string | number, unknown>)[step] : undefined;
  }
  return here;
}

/** A table entry under a word chosen by the sender; `constructor` and the like are not entries. */
export function entry<T>(table: Readonly<Record<string, T>>, word: string | undefined): T | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** The first source that holds a non-blank text. */
export function firstText(reading: Reading, from: Sources): string | undefined {
  return first(reading, from, asText);
}

/** The first source that holds a whole number of at least zero; a number in a string or `12.0` counts. */
export function firstCount(reading: Reading, from: Sources): number | undefined {
  return first(reading, from, asCount);
}

/** The first source that holds a finite number. */
export function firstNumber(reading: Reading, from: Sources): number | undefined {
  return first(reading, from, asNumber);
}

/** The first source that holds true or false. */
export function firstFlag(reading: Reading, from: Sources): boolean | undefined {
  return first(reading, from, asFlag);
}

/** A non-blank text, or a number or boolean as text; else undefined. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A finite number, also from its decimal text; else undefined. */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A whole number from 0 to 2^53; else undefined, so that a broken sender is unknown rather than negative. */
export function asCount(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const count = digits(value);
    if (count >= 0) return count;
  }
  const number = asNumber(value);
  return number !== undefined && number >= 0 && Number.isSafeInteger(number) ? number : undefined;
}

/** The number that up to 15 digits and nothing else write; -1 for any other text. */
function digits(text: string): number {
  const { length } = text;
  if (length === 0 || length > 15) return -1;
  let value = 0;
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function asFlag(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}

function first<T>(reading: Reading, from: Sources, valid: (value: unknown) => T | undefined): T | undefined {
  for (const source of from) {
    const raw = typeof source === 'number' ? reading.values[source] : source(reading);
    const value = raw === undefined ? undefined : valid(raw);
    if (value !== undefined) return value;
  }
  return undefined;
}

function looksLikeJson(text: string): boolean {
  return /^\s*[[{"\-\dtfn]/.test(text);
}
