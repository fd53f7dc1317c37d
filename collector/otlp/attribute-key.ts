import { isContentKey, isSecretKey } from '../request/content-keys.ts';
import { knownPlace } from '../request/places.ts';
import { KnownBytes, type KnownValue } from './known-bytes.ts';
import { mayBeLong, ownAttributes } from './limits.ts';

/** What a span is about, as far as the names of its attributes tell; a set of bits, so that most questions cost nothing. */
export const trait = {
  genAi: 1,
  llm: 2,
  traceloop: 4,
  /** Content: prompts, answers, tool arguments and results. */
  content: 8,
  /** JSON settings in which some senders leave content. */
  settings: 16,
  /** Evaluations of OpenInference. */
  judgement: 32,
  /** Answers flattened to one key per part. */
  indexedAnswer: 64,
  /** Reserved for what we add ourselves. */
  own: 128,
} as const;

/** Settings of a request as JSON, in which some senders leave content. */
export const settingsKeys: readonly string[] = [
  'llm.invocation_parameters',
  'langfuse.observation.model.parameters',
];

const settings = new Set(settingsKeys);

/** One attribute name with everything that follows from it alone, made once per name and not once per span. */
export class AttributeKey {
  readonly text: string;
  readonly utf8: Buffer;
  /** The same bytes for comparing four at a time. */
  readonly known: KnownBytes;
  readonly traits: number;
  /** Its values may be long: content, and JSON that is read whole. */
  readonly isLong: boolean;
  readonly isSecret: boolean;
  /** Where readings keep its value; -1 when the mapping does not ask for it. */
  readonly place: number;
  /** The span that had it last and which of its entries that was, so that a repeated key is noticed without a set. */
  seenBy = 0;
  entry = 0;
  /** The names among which it was counted last; see settle/attribute-names.ts. */
  admittedBy: object | null = null;
  /** The column it was written into last, and its number there; see settle/span-block.ts. */
  block = 0;
  blockIndex = 0;
  /** Its last value that was neither text nor a number. */
  lastNested: KnownValue | null = null;
  /** Values of it that hold nothing private; see redact/harmless.ts. */
  harmless: object | null = null;
  /** The same for lists and maps, as they are written. */
  harmlessNested: object | null = null;
  /** Of the one key of this name; -1 for others, which are made anew each time they come. */
  number = -1;
  /** What followed it last time: senders write their attributes in the same order again and again. */
  next: AttributeKey | null = null;

  get isKept(): boolean {
    return this.number >= 0;
  }

  constructor(text: string) {
    this.text = text;
    this.utf8 = Buffer.from(text);
    this.known = new KnownBytes(this.utf8);
    this.traits = traitsOf(text);
    this.isLong = mayBeLong(text);
    this.isSecret = isSecretKey(text);
    this.place = knownPlace(text);
  }
}

function traitsOf(key: string): number {
  let traits = 0;
  if (key.startsWith('gen_ai.')) traits |= trait.genAi;
  if (key.startsWith('llm.')) traits |= trait.llm;
  if (key.startsWith('traceloop.')) traits |= trait.traceloop;
  if (isContentKey(key)) traits |= trait.content;
  if (settings.has(key)) traits |= trait.settings;
  if (key.includes('.evaluation.') || key.includes('.annotation.')) traits |= trait.judgement;
  if (key.startsWith('gen_ai.completion.') || key.startsWith('llm.output_messages.'))
    traits |= trait.indexedAnswer;
  if (ownAttributes.has(key)) traits |= trait.own;
  return traits;
}

/** Senders choose names: beyond this many, names are not kept and cost what they cost. */
const maxKept = 8_192;
const slotCount = 4 * maxKept;
/** Names that were chosen to share their hash are not looked for one by one. */
const maxProbes = 16;
const slots: (AttributeKey | null)[] = new Array(slotCount).fill(null);
const kept: AttributeKey[] = [];
const byText = new Map<string, AttributeKey>();

/** The key with this name. */
export function keyOfText(text: string): AttributeKey {
  const known = byText.get(text);
  if (known) return known;
  const key = new AttributeKey(text);
  if (byText.size < maxKept) {
    key.number = kept.push(key) - 1;
    byText.set(text, key);
    let slot = hashOf(key.utf8, 0, key.utf8.length) % slotCount;
    for (let probe = 0; probe < maxProbes; probe++, slot = (slot + 1) % slotCount) {
      if (slots[slot]) continue;
      slots[slot] = key;
      break;
    }
  }
  return key;
}

/** The key with this number; see AttributeKey. */
export function keyOfNumber(number: number): AttributeKey {
  return kept[number]!;
}

/**
 * The key whose name is these bytes. `after`, the key before it in the span, usually knows the answer. `view` is of the
 * same bytes.
 */
export function keyOfBytes(
  bytes: Buffer,
  view: DataView,
  from: number,
  to: number,
  after: AttributeKey | null,
): AttributeKey {
  const guess = after?.next;
  if (guess?.known.isAt(bytes, view, from, to)) return guess;
  let slot = hashOf(bytes, from, to) % slotCount;
  for (let probe = 0; probe < maxProbes; probe++, slot = (slot + 1) % slotCount) {
    const key = slots[slot];
    if (!key) break;
    if (!key.known.isAt(bytes, view, from, to)) continue;
    if (after) after.next = key;
    return key;
  }
  const key = keyOfText(bytes.toString('utf8', from, to));
  // What is not kept must not be held by what is.
  if (after && key.isKept) after.next = key;
  return key;
}

function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = to - from;
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return hash >>> 0;
}
