import { useQuery } from '@tanstack/react-query';
import type { health } from '#contract/health.ts';
import { question } from './ask.ts';

/** Whether Driftline works, and what ingest has done; asked every 30 s. */
export const useHealth = () =>
  useQuery({ ...question<typeof health>('/api/v1/health', {}), refetchInterval: 30_000 });
