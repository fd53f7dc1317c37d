import type { ClickHouse } from '#store/engine/client.ts';
import { type FirstSpan, firstSpan } from '#store/queries/onboarding.ts';

export interface FirstSpanDeps {
  clickhouse: ClickHouse;
  projectId: string;
  /** Unix milliseconds. */
  nowMs(): number;
  /** False once it was removed. */
  hasDemo(): boolean;
}

/** By then the trace is whole and priced. */
const settledMs = 10 * 60_000;
const demoForMs = 60_000;

/**
 * Asks for the trace that came first, demo traffic aside when anything else came. Every page asks, and it takes a look at every span: what
 * came first once stays first, so it is remembered as soon as it changes no more, and that of the demo for a minute.
 */
export function createFirstSpan({ clickhouse, projectId, nowMs, hasDemo }: FirstSpanDeps) {
  let settled: FirstSpan | null = null;
  let demo: { span: FirstSpan | null; untilMs: number } | null = null;

  async function ofDemo(): Promise<FirstSpan | null> {
    if (!hasDemo()) demo = null;
    else if (demo && nowMs() < demo.untilMs) return demo.span;
    const span = await firstSpan(clickhouse, { projectId, ofDemo: true });
    if (span && hasDemo()) demo = { span, untilMs: nowMs() + demoForMs };
    return span;
  }

  return async (): Promise<FirstSpan | null> => {
    if (settled) return settled;
    const span = await firstSpan(clickhouse, { projectId, ofDemo: false });
    if (!span) return ofDemo();
    if (nowMs() - Date.parse(span.received_at) > settledMs) settled = span;
    return span;
  };
}
