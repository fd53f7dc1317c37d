/** What one ingest key may send: a rate in the long run, and how much of it may come at once. */
export interface KeyLimit {
  bytesPerS: number;
  burstBytes: number;
}

/** Twice the rate at once: a sender that comes back after a pause has gathered data. */
export function keyLimitOf(bytesPerS: number): KeyLimit {
  return { bytesPerS, burstBytes: 2 * bytesPerS };
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Beyond so many keys, those that have been silent long enough to be full again are forgotten. */
const manyBuckets = 1000;

/**
 * A token bucket of bytes for each key. A request is let in while anything is left and may overdraw the bucket, so that a
 * request larger than the burst gets through; what it overdrew is waited for by those behind it.
 */
export class KeyLimits {
  private readonly limit: KeyLimit | null;
  private readonly buckets = new Map<string, Bucket>();

  /** Null limits nobody. */
  constructor(limit: KeyLimit | null) {
    this.limit = limit;
  }

  /** Milliseconds until this key may send again; 0 when it may now. */
  waitMs(key: string, nowMs: number): number {
    if (!this.limit) return 0;
    const { tokens } = this.bucket(key, this.limit, nowMs);
    return tokens > 0 ? 0 : Math.max(1, Math.ceil((-tokens / this.limit.bytesPerS) * 1000));
  }

  charge(key: string, bytes: number, nowMs: number): void {
    if (this.limit) this.bucket(key, this.limit, nowMs).tokens -= bytes;
  }

  private bucket(key: string, limit: KeyLimit, nowMs: number): Bucket {
    let bucket = this.buckets.get(key);
    if (!bucket) {
      if (this.buckets.size >= manyBuckets) this.forgetFull(limit, nowMs);
      bucket = { tokens: limit.burstBytes, atMs: nowMs };
      this.buckets.set(key, bucket);
    }
    refill(bucket, limit, nowMs);
    return bucket;
  }

  private forgetFull(limit: KeyLimit, nowMs: number): void {
    for (const [key, bucket] of this.buckets) {
      refill(bucket, limit, nowMs);
      if (bucket.tokens >= limit.burstBytes) this.buckets.delete(key);
    }
  }
}

function refill(bucket: Bucket, limit: KeyLimit, nowMs: number): void {
  // A clock that was set back adds nothing, and takes nothing away.
  const elapsedS = Math.max(0, nowMs - bucket.atMs) / 1000;
  bucket.tokens = Math.min(limit.burstBytes, bucket.tokens + elapsedS * limit.bytesPerS);
  bucket.atMs = nowMs;
}
