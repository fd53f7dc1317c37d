import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type {
  addCaseFromTrace,
  addCasesFromCorrections,
  changeGoldenSet,
  collectGoldenResults,
  compareGoldenRuns,
  createGoldenRun,
  createGoldenSet,
  deleteGoldenRun,
  deleteGoldenSet,
  goldenSetByName,
  importGoldenCases,
  listGoldenCases,
  listGoldenResults,
  listGoldenRuns,
  listGoldenSets,
  putGoldenCases,
  removeGoldenCase,
  runGate,
} from '#contract/golden.ts';
import { ask, question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type GoldenSet = ReplyOf<typeof listGoldenSets>['sets'][number];
export type GoldenSetDetail = ReplyOf<typeof goldenSetByName>;
export type GoldenCase = ReplyOf<typeof listGoldenCases>['cases'][number];
export type GoldenRun = ReplyOf<typeof listGoldenRuns>['runs'][number];
export type ToolCall = NonNullable<GoldenCase['tool_calls']>[number];
export type RunResult = ReplyOf<typeof listGoldenResults>['results'][number];
export type RunScore = GoldenRun['scores'][number];
export type Comparison = ReplyOf<typeof compareGoldenRuns>;
export type ComparedCase = Comparison['cases'][number];

const SETS = '/api/v1/golden/sets';
const RUNS = '/api/v1/golden/runs';
const COMPARE = '/api/v1/golden/compare';
const GATE = '/api/v1/golden/gate';

/** Whatever changed in golden sets: everything shown of them is asked for again. */
const changed = () =>
  queryClient.invalidateQueries({
    predicate: ({ queryKey: [path] }) => typeof path === 'string' && path.startsWith('/api/v1/golden'),
  });

export const useGoldenSets = () => useQuery(question<typeof listGoldenSets>(SETS, {}));

export const useGoldenSet = (set: string) =>
  useQuery(question<typeof goldenSetByName>(`${SETS}/{set}`, {}, { set }));

export const useGoldenCases = (set: string, asked: RequestOf<typeof listGoldenCases>) =>
  useQuery({
    ...question<typeof listGoldenCases>(`${SETS}/{set}/cases`, asked, { set }),
    placeholderData: keepPreviousData,
  });

export const useGoldenRuns = (set: string) =>
  useQuery(question<typeof listGoldenRuns>(`${SETS}/{set}/runs`, { limit: 100 }, { set }));

/** What a run said to each case, page by page. */
export const useRunResults = (run_id: string) =>
  useInfiniteQuery({
    queryKey: [`${RUNS}/{run_id}/results`, run_id] as const,
    queryFn: ({ pageParam, signal }) =>
      ask<typeof listGoldenResults>(`${RUNS}/{run_id}/results`, {
        request: { after: pageParam, limit: 50 },
        params: { run_id },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next,
  });

export const useComparison = (asked: RequestOf<typeof compareGoldenRuns>) =>
  useQuery({ ...question<typeof compareGoldenRuns>(COMPARE, asked), placeholderData: keepPreviousData });

/** The verdict of the gate; asking changes nothing but what came over OTLP since. */
export const useGate = (request: RequestOf<typeof runGate>) =>
  useQuery({
    queryKey: [GATE, request],
    queryFn: () => tell<typeof runGate>('POST', GATE, { request }),
    placeholderData: keepPreviousData,
  });

export const useCreateSet = () =>
  useMutation({
    mutationFn: (request: RequestOf<typeof createGoldenSet>) =>
      tell<typeof createGoldenSet>('POST', SETS, { request }),
    onSuccess: changed,
  });

export const useChangeSet = (set: string) =>
  useMutation({
    mutationFn: (request: RequestOf<typeof changeGoldenSet>) =>
      tell<typeof changeGoldenSet>('PUT', `${SETS}/{set}`, { request, params: { set } }),
    onSuccess: changed,
  });

export const useFromTrace = () =>
  useMutation({
    mutationFn: ({ set, request }: { set: string; request: RequestOf<typeof addCaseFromTrace> }) =>
      tell<typeof addCaseFromTrace>('POST', `${SETS}/{set}/from-trace`, { request, params: { set } }),
    onSuccess: changed,
  });

export const useDeleteSet = (set: string) =>
  useMutation({
    mutationFn: () => tell<typeof deleteGoldenSet>('DELETE', `${SETS}/{set}`, { params: { set } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [SETS] }),
  });

export const usePutCases = (set: string) =>
  useMutation({
    mutationFn: (request: RequestOf<typeof putGoldenCases>) =>
      tell<typeof putGoldenCases>('POST', `${SETS}/{set}/cases`, { request, params: { set } }),
    onSuccess: changed,
  });

export const useRemoveCase = (set: string) =>
  useMutation({
    mutationFn: (case_id: string) =>
      tell<typeof removeGoldenCase>('DELETE', `${SETS}/{set}/cases/{case_id}`, { params: { set, case_id } }),
    onSuccess: changed,
  });

export const useImportCases = (set: string) =>
  useMutation({
    mutationFn: (request: RequestOf<typeof importGoldenCases>) =>
      tell<typeof importGoldenCases>('POST', `${SETS}/{set}/import`, { request, params: { set } }),
    onSuccess: changed,
  });

export const useFromCorrections = (set: string) =>
  useMutation({
    mutationFn: (request: RequestOf<typeof addCasesFromCorrections>) =>
      tell<typeof addCasesFromCorrections>('POST', `${SETS}/{set}/from-corrections`, {
        request,
        params: { set },
      }),
    onSuccess: changed,
  });

export const useCreateRun = (set: string) =>
  useMutation({
    mutationFn: (request: RequestOf<typeof createGoldenRun>) =>
      tell<typeof createGoldenRun>('POST', `${SETS}/{set}/runs`, { request, params: { set } }),
    onSuccess: changed,
  });

export const useCollect = () =>
  useMutation({
    mutationFn: (run_id: string) =>
      tell<typeof collectGoldenResults>('POST', `${RUNS}/{run_id}/collect`, {
        request: {},
        params: { run_id },
      }),
    onSuccess: changed,
  });

export const useDeleteRun = () =>
  useMutation({
    mutationFn: (run_id: string) =>
      tell<typeof deleteGoldenRun>('DELETE', `${RUNS}/{run_id}`, { params: { run_id } }),
    onSuccess: changed,
  });

export const exportAddress = (set: string, version: number) =>
  `${SETS}/${encodeURIComponent(set)}/export?version=${version}`;
