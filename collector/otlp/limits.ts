import { Buffer } from 'node:buffer';
import { isContentKey } from '../request/content-keys.ts';

/** A start further ahead of our clock than this is moved to the time of receipt. */
export const futureLimitMs = 10 * 60 * 1000;

/** Sizes beyond which parts of a span are cut (section 5 of the reliability design). Lengths are UTF-8 bytes. */
export const limits = {
  attributes: 256,
  /** Prompts flattened to one key per message part would push the token counts out, so they are counted apart. */
  contentAttributes: 1024,
  /** Entries that are looked at to find those, repeated keys included. */
  attributeEntries: 4096,
  events: 128,
  links: 128,
  eventAttributes: 128,
  keyBytes: 256,
  valueBytes: 8 * 1024,
  contentBytes: 64 * 1024,
  nesting: 32,
  futureMs: futureLimitMs,
} as const;

/** Attributes of our own, in spans and records that are not kept as they came; see rewrite.ts. */
export const factsAttribute = 'driftline.facts';
export const scoresAttribute = 'driftline.scores';
/** A span's reading notes, some of which come from what was taken off. */
export const flagsAttribute = 'driftline.flags';
/** A log record's id, which is a hash of what was there before something was taken off. */
export const logIdAttribute = 'driftline.log_id';

/** They count towards no limit, so that an item with them is read as it was without. */
export const ownAttributes: ReadonlySet<string> = new Set([
  factsAttribute,
  scoresAttribute,
  flagsAttribute,
  logIdAttribute,
]);

/** JSON that is read whole, or texts that are worth their length. */
const longKeys: ReadonlySet<string> = new Set([
  ...ownAttributes,
  'llm.invocation_parameters',
  'ai.response.providerMetadata',
  'exception.message',
  'exception.stacktrace',
]);

/** Keys that carry prompt, answer or document text, and a few others: these may be long. */
export function mayBeLong(key: string): boolean {
  return isContentKey(key) || longKeys.has(key);
}

/** The longest prefix of at most `maxBytes` UTF-8 bytes that does not split a character. */
export function cutText(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.from(text);
  return bytes.length <= maxBytes ? text : bytes.toString('utf8', 0, cutPoint(bytes, 0, maxBytes));
}

/** Like cutText for UTF-8 bytes that start at `start`: the offset to cut at. */
export function cutPoint(bytes: Buffer, start: number, maxBytes: number): number {
  let end = Math.min(bytes.length, start + maxBytes);
  // 10xxxxxx bytes continue a character, so the cut moves back to where it began.
  if (end < bytes.length) while (end > start && (bytes[end]! & 0xc0) === 0x80) end--;
  return end;
}
