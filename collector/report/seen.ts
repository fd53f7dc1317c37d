/** Slots of two words: 32 MiB, of which only what is used takes memory. */
const slotBits = 14;
const slots = 1 << slotBits;
const rememberedS = 10 * 60;
/** Bits of the second word that hold the second of the last sight; the rest is more fingerprint. */
const clockMask = (1 << slotBits) - 1;

/**
 * Which ids came before within about ten minutes: a direct-mapped table of 64-bit fingerprints, in which a newer id takes
 * the slot of an older one. So it may forget an id early (above some thousand ids a second it does), and takes one id for
 * another about once in 2^42: good enough to count with, never to drop by.
 */
export class Seen {
  private table: Uint32Array | null = null;
  /** Spans of one trace come together, so the first part is mostly the one before. */
  private lastSeed = 0;
  private lastOne = '';
  private lastA = 0;
  private lastB = 0;

  /**
   * Notes an id of two parts, of which the last 16 characters each are looked at, and says whether it was noted before.
   * `seed` keeps projects apart.
   */
  add(seed: number, one: string, other: string, nowMs: number): boolean {
    if (one !== this.lastOne || seed !== this.lastSeed) this.start(seed, one);
    let a = this.lastA;
    let b = this.lastB;
    for (let i = Math.max(0, other.length - 16); i < other.length; i += 2) {
      const code = other.charCodeAt(i) | (other.charCodeAt(i + 1) << 8);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b + code, 0x85ebca6b);
    }
    return this.note(mixed(a), mixed(b), Math.floor(nowMs / 1000));
  }

  private start(seed: number, one: string): void {
    this.lastSeed = seed;
    this.lastOne = one;
    let a = seed;
    let b = ~seed;
    for (let i = Math.max(0, one.length - 16); i < one.length; i += 2) {
      const code = one.charCodeAt(i) | (one.charCodeAt(i + 1) << 8);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b + code, 0x85ebca6b);
    }
    this.lastA = a;
    this.lastB = b;
  }

  private note(a: number, b: number, nowS: number): boolean {
    this.table ??= new Uint32Array(2 * slots);
    const table = this.table;
    const at = 2 * (a & (slots - 1));
    const stamp = table[at + 1]!;
    const known = table[at] === b && (stamp ^ a) >>> slotBits === 0;
    const ageS = (nowS - stamp) & clockMask;
    table[at] = b;
    table[at + 1] = (a & ~clockMask) | (nowS & clockMask);
    return known && ageS <= rememberedS;
  }
}

/** A seed for the ids of a project. */
export function seedOf(projectId: string): number {
  let seed = 0x811c9dc5;
  for (let i = 0; i < projectId.length; i++) seed = Math.imul(seed ^ projectId.charCodeAt(i), 0x01000193);
  return mixed(seed);
}

/** Every bit of the input moves every bit of the result. */
function mixed(word: number): number {
  let x = word ^ (word >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
