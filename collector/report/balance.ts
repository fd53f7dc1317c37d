/** Counters are told one after the other, and work under way may be between two of them. */
const lastingMs = 60_000;

/**
 * Whether acknowledged = stored + waiting + set aside. What is between two counters is in both, so that a sum which is too
 * small means items of which nobody knows where they are.
 */
export class Balance {
  private sinceMs: number | null = null;
  private least = 0;

  /** Takes the items that are missing now, and gives how many have been for a minute without a break; 0 when none have. */
  lasting(missing: number, nowMs: number): number {
    if (missing <= 0) {
      this.sinceMs = null;
      return 0;
    }
    this.least = this.sinceMs === null ? missing : Math.min(this.least, missing);
    this.sinceMs ??= nowMs;
    return nowMs - this.sinceMs >= lastingMs ? this.least : 0;
  }
}
