import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReplyOf, RequestOf } from '#contract/endpoint.ts';
import type { createTrainingExport, deleteTrainingExport, listTrainingExports } from '#contract/training.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

export type TrainingExport = ReplyOf<typeof listTrainingExports>['exports'][number];
export type TrainingInput = RequestOf<typeof createTrainingExport>;

const PATH = '/api/v1/training/exports';

export const useTrainingExports = () => useQuery(question<typeof listTrainingExports>(PATH, {}));

/** Counts with `dry_run`; otherwise keeps the export. */
export const useMakeExport = () =>
  useMutation({
    mutationFn: (request: TrainingInput) => tell<typeof createTrainingExport>('POST', PATH, { request }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [PATH] }),
  });

export const useForgetExport = () =>
  useMutation({
    mutationFn: (export_id: string) =>
      tell<typeof deleteTrainingExport>('DELETE', `${PATH}/{export_id}`, { params: { export_id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [PATH] }),
  });

export const fileAddress = (id: string, what: 'file' | 'lineage') =>
  `${PATH}/${encodeURIComponent(id)}/${what}`;
