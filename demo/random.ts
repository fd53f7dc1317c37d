/** Seeded randomness: the same seed gives the same traffic on every machine and day. */
export class Random {
  #state: [number, number, number, number];
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
    this.#state = hash128(seed);
    for (let warmUp = 0; warmUp < 12; warmUp += 1) this.next();
  }

  /** An independent stream. It depends on the seed and the label only, not on what was drawn before. */
  fork(label: string): Random {
    return new Random(`${this.#seed}/${label}`);
  }

  /** Uniform in [0, 1), by sfc32 (Chris Doty-Humphrey, PractRand). */
  next(): number {
    const state = this.#state;
    const sum = (((state[0] + state[1]) | 0) + state[3]) | 0;
    state[3] = (state[3] + 1) | 0;
    state[0] = state[1] ^ (state[1] >>> 9);
    state[1] = (state[2] + (state[2] << 3)) | 0;
    state[2] = (((state[2] << 21) | (state[2] >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  integer(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)] as T;
  }

  /** One of the entries, with probability in proportion to its weight. */
  weighted<T>(entries: readonly (readonly [T, number])[]): T {
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of entries) {
      left -= weight;
      if (left < 0) return value;
    }
    return (entries.at(-1) as readonly [T, number])[0];
  }

  /** Box-Muller; one of the pair is thrown away to keep the draws countable. */
  normal(mean: number, sd: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + sd * radius * Math.cos(2 * Math.PI * this.next());
  }

  /** Log-normal by its median and the standard deviation of its logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(this.normal(0, sigma));
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  hex(bytes: number): string {
    let text = '';
    for (let at = 0; at < bytes; at += 1)
      text += Math.floor(this.next() * 256)
        .toString(16)
        .padStart(2, '0');
    return text;
  }
}

/** Four 32-bit words that differ for seeds that differ in one character (FNV-1a with four offsets and a finish). */
function hash128(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    for (let word = 0; word < 4; word += 1) {
      words[word] = Math.imul((words[word] as number) ^ (code + word * 31), 0x01000193 + 2 * word);
    }
  }
  return words.map(word => Math.imul(word ^ (word >>> 15), 0x2c1b3c6d)) as typeof words;
}
