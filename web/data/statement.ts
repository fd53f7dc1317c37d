import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { RequestOf } from '#contract/endpoint.ts';
import type { getStatement, listCentres } from '#contract/statement.ts';
import { question } from './ask.ts';

/** What one cost centre spent in one month. */
export const useStatement = (request: RequestOf<typeof getStatement>, enabled = true) =>
  useQuery({ ...question<typeof getStatement>('/api/v1/statement', request), enabled });

/** Cost centres with spend in a month, the dearest first. */
export const useCentres = (request: RequestOf<typeof listCentres>, enabled = true) =>
  useQuery({
    ...question<typeof listCentres>('/api/v1/statement/centres', request),
    enabled,
    placeholderData: keepPreviousData,
  });
