export const traceSorts = ['newest', 'slowest', 'costliest', 'worst_score'] as const;
export const traceStatuses = ['any', 'error', 'ok'] as const;

/** What the Traces page adds to the view. */
export interface TraceQuery {
  q: string;
  status: (typeof traceStatuses)[number];
  sort: (typeof traceSorts)[number];
  /** Score name of `worst_score`; empty for the API's default. */
  score: string;
}
