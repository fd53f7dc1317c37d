/** Counters are since the start of the collector; items are spans, log records and data points. */
export interface ForwardStatus {
  /** Where to, without anything secret. */
  url: string;
  /** Bytes on disk that are not known to have arrived. */
  waitingBytes: number;
  waitingFiles: number;
  sentItems: number;
  /** Refused by the other side; dropped because too much waited; not kept or not readable on disk (there, records count). */
  dropped: { refused: number; limit: number; disk: number };
  lastSentAtMs: number | null;
  lastError: { atMs: number; message: string } | null;
}
