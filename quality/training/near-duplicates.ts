import { createHash } from 'node:crypto';
import { kindOfPlaceholder, placeholder } from '#store/redact/pseudonym.ts';

/** Words without case, punctuation and spacing: texts with the same ones are equal. */
export function normalWords(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Hashes of overlapping word triples; of shorter texts the whole. */
export function shinglesOf(words: readonly string[]): Set<number> {
  // Languages that write without spaces come as few long words: their letters are the words.
  const isDense = words.length > 0 && words.join('').length / words.length > 15;
  const units = isDense ? [...words.join(' ')] : words;
  const width = Math.min(isDense ? 5 : 3, Math.max(1, units.length));
  const shingles = new Set<number>();
  for (let at = 0; at + width <= units.length; at += 1)
    shingles.add(hashOf(units.slice(at, at + width).join(' ')));
  return shingles;
}

/** FNV-1a, 32 bits, stirred so that neighbouring texts are far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return stir(hash);
}

/** Finalizer of MurmurHash3: every bit of the input reaches every bit of the result. */
function stir(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const bands = 32;
const rows = 4;
const width = bands * rows;
const salts = Array.from({ length: width }, (_, at) => stir(at + 1));

/** MinHash (Broder 1997): the share of equal places estimates the Jaccard index of two sets, to about 0.03. */
export function signatureOf(shingles: ReadonlySet<number>): Uint32Array {
  const signature = new Uint32Array(width).fill(0xffffffff);
  for (const shingle of shingles)
    for (let at = 0; at < width; at += 1) {
      const hash = stir(shingle ^ salts[at]!);
      if (hash < signature[at]!) signature[at] = hash;
    }
  return signature;
}

export function similarity(one: Uint32Array, other: Uint32Array): number {
  let equal = 0;
  for (let at = 0; at < width; at += 1) if (one[at] === other[at]) equal += 1;
  return equal / width;
}

export interface Duplicates {
  /** Whether the redacted text was seen before, equal or nearly; a new one is remembered. */
  see(text: string): 'new' | 'equal' | 'near';
}

/**
 * Remembers texts by hashes only. Near means a Jaccard index of word triples of at least `threshold`, estimated; texts that share
 * one of 32 bands of their signatures are compared, which finds those above 0.6 nearly always. 1 looks for equal ones only.
 * Whose value was redacted makes no text less near: its name differs from one key to the next, and so would the choice.
 */
export function createDuplicates(threshold: number): Duplicates {
  const equal = new Set<string>();
  const byBand = new Map<string, Uint32Array[]>();
  return {
    see(text) {
      const words = normalWords(text);
      const key = createHash('sha256').update(words.join(' ')).digest('base64');
      if (equal.has(key)) return 'equal';
      equal.add(key);
      if (threshold >= 1 || words.length === 0) return 'new';
      const signature = signatureOf(shinglesOf(normalWords(text.replace(placeholder, kindOfPlaceholder))));
      const keys = Array.from({ length: bands }, (_, band) =>
        [band, ...signature.subarray(band * rows, (band + 1) * rows)].join(','),
      );
      const compared = new Set<Uint32Array>();
      for (const band of keys)
        for (const other of byBand.get(band) ?? []) {
          if (compared.has(other)) continue;
          compared.add(other);
          if (similarity(signature, other) >= threshold) return 'near';
        }
      for (const band of keys) {
        const list = byBand.get(band);
        // A band that hundreds share tells nothing more; the others still do.
        if (!list) byBand.set(band, [signature]);
        else if (list.length < 200) list.push(signature);
      }
      return 'new';
    },
  };
}
