import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type {
  createTrainingExport,
  deleteTrainingExport,
  LineageLine,
  listTrainingExports,
} from '#contract/training.ts';
import type {
  changeTrainingSchedule,
  createTrainingSchedule,
  deleteTrainingSchedule,
  listTrainingSchedules,
  runTrainingSchedule,
} from '#contract/training-schedule.ts';
import { apiKey } from './api-key.ts';
import { question, tell } from './ask.ts';
import { ApiError, problemOf } from './problem.ts';
import { queryClient } from './query-client.ts';

export type TrainingExport = ReplyOf<typeof listTrainingExports>['exports'][number];
export type TrainingInput = RequestOf<typeof createTrainingExport>;
export type TrainingSchedule = ReplyOf<typeof listTrainingSchedules>['schedules'][number];
export type TrainingRun = TrainingSchedule['runs'][number];
export type ScheduleInput = RequestOf<typeof createTrainingSchedule>;

const PATH = '/api/v1/training/exports';
const SCHEDULES = '/api/v1/training/schedules';
const SCHEDULE = `${SCHEDULES}/{schedule_id}` as const;

export const useTrainingExports = () => useQuery(question<typeof listTrainingExports>(PATH, { limit: 200 }));

/** Counts with `dry_run`; otherwise keeps the export. */
export const useMakeExport = () =>
  useMutation({
    mutationFn: (request: TrainingInput) => tell<typeof createTrainingExport>('POST', PATH, { request }),
    onSuccess: (_made, { dry_run }) =>
      dry_run ? undefined : queryClient.invalidateQueries({ queryKey: [PATH] }),
  });

export const useForgetExport = () =>
  useMutation({
    mutationFn: (export_id: string) =>
      tell<typeof deleteTrainingExport>('DELETE', `${PATH}/{export_id}`, { params: { export_id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [PATH] }),
  });

export const fileAddress = (id: string, what: 'file' | 'lineage') =>
  `${PATH}/${encodeURIComponent(id)}/${what}`;

/** The first lines of an export's lineage; the rest of the file is not read. */
export const useLineage = (exportId: string, most: number) =>
  useQuery({
    queryKey: [PATH, exportId, 'lineage', most] as const,
    queryFn: ({ signal }) => readLineage(exportId, most, signal),
    // What an export was made of never changes.
    staleTime: Number.POSITIVE_INFINITY,
  });

async function readLineage(exportId: string, most: number, signal: AbortSignal): Promise<LineageLine[]> {
  const key = apiKey();
  const headers: HeadersInit = key ? { authorization: `Bearer ${key}` } : {};
  const response = await fetch(fileAddress(exportId, 'lineage'), { headers, signal });
  if (!response.ok) throw await problemOf(response);
  if (!response.body) throw new ApiError(0, 'The lineage came without a body.', '');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  // The first line is the head, which is known already.
  for (let lines: string[] = []; ; ) {
    const { done, value } = await reader.read();
    text += value ?? '';
    lines = text.split('\n');
    if (done || lines.length > most + 1) {
      if (!done) await reader.cancel();
      const whole = lines.slice(1, done ? undefined : -1).filter(line => line !== '');
      return whole.slice(0, most).map(line => JSON.parse(line) as LineageLine);
    }
  }
}

const isUnderWay = ({ runs }: TrainingSchedule) =>
  runs.some(({ done_at, failed_at }) => done_at === null && failed_at === null);

/** What is exported by schedule, with what became of it; asked again while a run is on its way. */
export const useTrainingSchedules = () =>
  useQuery({
    ...question<typeof listTrainingSchedules>(SCHEDULES, {}),
    refetchInterval: ({ state }) => (state.data?.schedules.some(isUnderWay) ? 3_000 : false),
  });

const refresh = () =>
  Promise.all([SCHEDULES, PATH].map(path => queryClient.invalidateQueries({ queryKey: [path] })));

/** Without an id it is a new one. The reply holds the signing secret of a new webhook, which is shown once. */
export const useSaveSchedule = () =>
  useMutation({
    mutationFn: ({ id, request }: { id: string | null; request: ScheduleInput }) =>
      id === null
        ? tell<typeof createTrainingSchedule>('POST', SCHEDULES, { request })
        : tell<typeof changeTrainingSchedule>('PUT', SCHEDULE, { request, params: { schedule_id: id } }),
    onSuccess: refresh,
  });

export const useDeleteSchedule = () =>
  useMutation({
    mutationFn: (schedule_id: string) =>
      tell<typeof deleteTrainingSchedule>('DELETE', SCHEDULE, { params: { schedule_id } }),
    onSuccess: refresh,
  });

export const useRunSchedule = () =>
  useMutation({
    mutationFn: (schedule_id: string) =>
      tell<typeof runTrainingSchedule>('POST', `${SCHEDULE}/run`, { params: { schedule_id } }),
    onSuccess: refresh,
  });
