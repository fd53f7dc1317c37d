/** Traces one generation holds with few false answers. */
const tracesPerGeneration = 1 << 23;
const bitsPerGeneration = tracesPerGeneration * 10;

class Generation {
  readonly sinceMs: number;
  count = 0;
  private readonly bits = new Uint32Array(Math.ceil(bitsPerGeneration / 32));

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs;
  }

  has(a: number, b: number): boolean {
    for (let i = 0; i < 5; i++) if (!this.isSet(spot(a, b, i))) return false;
    return true;
  }

  add(a: number, b: number): void {
    this.count++;
    for (let i = 0; i < 5; i++) {
      const at = spot(a, b, i);
      this.bits[at >>> 5]! |= 1 << (at & 31);
    }
  }

  private isSet(at: number): boolean {
    return (this.bits[at >>> 5]! & (1 << (at & 31))) !== 0;
  }
}

// Double hashing: Kirsch and Mitzenmacher, "Less hashing, same performance", 2006.
function spot(a: number, b: number, i: number): number {
  return ((a + Math.imul(i, b)) >>> 0) % bitsPerGeneration;
}

/**
 * Which traces this process has stored spans of: two Bloom filters, 20 MB. `mayHold` is never wrong when it says no, as
 * far back as `sinceMs`; a wrong yes, about one in a hundred, only costs a look into the store.
 */
export class TraceMemory {
  private older: Generation;
  private newer: Generation;
  private readonly capacity: number;

  constructor(nowMs: number, capacity = tracesPerGeneration) {
    this.capacity = capacity;
    this.older = new Generation(nowMs);
    this.newer = this.older;
  }

  /** Everything since then is remembered; what came before is not known. */
  get sinceMs(): number {
    return this.older.sinceMs;
  }

  /** Whether spans of the trace may have been stored since `sinceMs`, and from now on yes. */
  mayHoldThenAdd(traceId: string, nowMs: number): boolean {
    const a = hash(traceId, 0x811c9dc5);
    const b = hash(traceId, 0x9e3779b9) | 1;
    if (this.newer.has(a, b)) return true;
    const held = this.older !== this.newer && this.older.has(a, b);
    if (this.newer.count >= this.capacity) {
      this.older = this.newer;
      this.newer = new Generation(nowMs);
    }
    // What the older one holds goes into the newer one too: it has just had news, and the older one will be forgotten.
    this.newer.add(a, b);
    return held;
  }
}

/** FNV-1a with a seed. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value ^= value >>> 15;
  return Math.imul(value, 0x2c1b3c6d) >>> 0;
}
