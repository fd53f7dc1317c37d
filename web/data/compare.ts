import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { compare } from '#contract/compare.ts';
import type { comparePairs } from '#contract/compare-pairs.ts';
import type { compareTests } from '#contract/compare-tests.ts';
import type { RequestOf } from '#contract/endpoint.ts';
import { question } from './ask.ts';

/** Is the candidate good enough, surely? Asked once both arms are named. */
export const useCompare = (request: RequestOf<typeof compare>) =>
  useQuery({
    ...question<typeof compare>('/api/v1/compare', request),
    enabled: Boolean(request.control && request.candidate),
    placeholderData: keepPreviousData,
  });

/** Calls of both arms that were asked nearly the same. */
export const usePairs = (request: RequestOf<typeof comparePairs>) =>
  useQuery({
    ...question<typeof comparePairs>('/api/v1/compare/pairs', request),
    placeholderData: keepPreviousData,
  });

/** Every measure of two windows or two groups of calls, tested once. */
export const useWindowTests = (request: RequestOf<typeof compareTests>) =>
  useQuery({
    ...question<typeof compareTests>('/api/v1/compare/tests', request),
    placeholderData: keepPreviousData,
    // It reads every call of both, and one looks once.
    meta: { live: false },
  });
