/** Bytes that all receivers together hold in memory at once. */
export class ByteBudget {
  readonly maximum: number;
  private used = 0;

  constructor(maximum: number) {
    this.maximum = maximum;
  }

  get held(): number {
    return this.used;
  }

  hasRoom(bytes: number): boolean {
    return this.used + bytes <= this.maximum;
  }

  /** Counts the bytes in any case, since they are in memory already; false when that is more than allowed. */
  take(bytes: number): boolean {
    this.used += bytes;
    return this.used <= this.maximum;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}
