import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { watermarks } from '#contract/watermark.ts';
import { question } from './ask.ts';

const REFRESH_MS = 15_000;

/** Up to when the data of each sender are complete. */
export const useWatermarks = () =>
  useQuery({
    ...question<typeof watermarks>('/api/v1/watermarks', {}),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
    meta: { live: false },
  });
