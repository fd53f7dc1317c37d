import { useQuery } from '@tanstack/react-query';
import type { traceById } from '#contract/trace.ts';
import { question } from './ask.ts';

/** One trace with its spans, calls, messages and scores. */
export const useTrace = (traceId: string) =>
  useQuery(question<typeof traceById>('/api/v1/traces/{trace_id}', {}, { trace_id: traceId }));
