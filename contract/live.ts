/** Messages of the socket: hints to ask again, never data. */
export interface LiveEvents {
  /** New spans or calls were stored. */
  data: (hint: { until: string }) => void;
  /** An incident changed. */
  alert: (hint: { id: string }) => void;
}
