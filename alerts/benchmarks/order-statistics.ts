/** Values kept in order as they arrive: any rank or quantile of the past in logarithmic time. */
export class OrderStatistics {
  #values = new Float64Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The largest value; undefined when empty. */
  get largest(): number | undefined {
    return this.#size === 0 ? undefined : this.#values[this.#size - 1];
  }

  /** How many values are below `value`. */
  below(value: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The upper median; undefined when empty. */
  get median(): number | undefined {
    return this.#size === 0 ? undefined : this.#values[this.#size >> 1];
  }

  add(value: number): void {
    if (this.#size === this.#values.length) {
      const larger = new Float64Array(2 * this.#size);
      larger.set(this.#values);
      this.#values = larger;
    }
    const at = this.below(value);
    this.#values.copyWithin(at + 1, at, this.#size);
    this.#values[at] = value;
    this.#size += 1;
  }
}
