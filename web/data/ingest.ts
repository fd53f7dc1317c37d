import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { ingest, ingestFindings } from '#contract/ingest.ts';
import type { Range } from '../state/range.ts';
import { question } from './ask.ts';

export type Ingest = ReplyOf<typeof ingest>;
export type IngestSource = Ingest['sources'][number];
export type Reject = Ingest['rejects'][number];
type Findings = ReplyOf<typeof ingestFindings>;
export type TokenAccounting = Findings['tokens'][number];
export type Unmapped = Findings['unmapped'][number];

/** Asked again without a hint too: what is refused, and what waits while the store is away, sends none. */
const REFRESH_MS = 10_000;
const FINDINGS_REFRESH_MS = 60_000;

/** What each sender sent, what became of it, and whether ingest is well. */
export const useIngest = ({ from, to }: Range) =>
  useQuery({
    ...question<typeof ingest>('/api/v1/ingest', { from, to }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });

/** How tokens were counted and what nobody reads. Nothing in it turns on a second, so live hints do not refetch it. */
export const useIngestFindings = ({ from, to }: Range) =>
  useQuery({
    ...question<typeof ingestFindings>('/api/v1/ingest/findings', { from, to }),
    placeholderData: keepPreviousData,
    refetchInterval: FINDINGS_REFRESH_MS,
    meta: { live: false },
  });
