/** Slots of two words: 16 MiB, of which only what is used takes memory. */
const slotBits = 21;
const slots = 1 << slotBits;
const rememberedS = 10 * 60;
/** Bits of the second word that hold the second of the last sight; the rest is more fingerprint. */
const clockMask = (1 << slotBits) - 1;

/**
 * Which ids came before within about ten minutes: a direct-mapped table of 64-bit fingerprints, in which a newer id takes
 * the slot of an older one. So it may forget an id early (above some thousand ids a second it does), and takes one id for
 * another about once in 2^43: good enough to count with, never to drop by.
 *
 * Ids are added, then looked up together: the table is larger than the processor's caches, and look-ups that follow each
 * other closely wait for memory together.
 */
export class Seen {
  private table: Uint32Array | null = null;
  /** Fingerprints of the ids that were added, two words each. */
  private added = new Uint32Array(2 * 1024);
  private count = 0;
  /** Spans of one trace come together, so the first part is mostly the one before. */
  private lastSeed = 0;
  private lastOne = '';
  private lastA = 0;
  private lastB = 0;

  /** Adds an id of two parts, of which the last 16 characters each are looked at; `seed` keeps projects apart. */
  add(seed: number, one: string, other: string): void {
    if (one !== this.lastOne || seed !== this.lastSeed) this.start(seed, one);
    let a = this.lastA;
    let b = this.lastB;
    for (let i = Math.max(0, other.length - 16); i < other.length; i += 2) {
      const code = other.charCodeAt(i) | (other.charCodeAt(i + 1) << 8);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b + code, 0x85ebca6b);
    }
    const at = 2 * this.count++;
    if (at === this.added.length) this.grow();
    this.added[at] = mixed(a);
    this.added[at + 1] = mixed(b);
  }

  /** Notes the added ids and calls `onKnown` with the place of each that was noted before, in the order of adding. */
  note(nowMs: number, onKnown: (index: number) => void): void {
    this.table ??= new Uint32Array(2 * slots);
    const { table, added, count } = this;
    this.count = 0;
    const nowS = Math.floor(nowMs / 1000);
    for (let i = 0; i < count; i++) {
      const a = added[2 * i]!;
      const b = added[2 * i + 1]!;
      const at = 2 * (a & (slots - 1));
      const stamp = table[at + 1]!;
      if (table[at] === b && (stamp ^ a) >>> slotBits === 0 && ((nowS - stamp) & clockMask) <= rememberedS)
        onKnown(i);
      table[at] = b;
      table[at + 1] = (a & ~clockMask) | (nowS & clockMask);
    }
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

  private grow(): void {
    const larger = new Uint32Array(2 * this.added.length);
    larger.set(this.added);
    this.added = larger;
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
