import { useMutation, useQuery } from '@tanstack/react-query';
import type { alertById, listAlerts } from '#contract/alert.ts';
import type { verifyAlert } from '#contract/explanation.ts';
import { question, tell } from './ask.ts';

export const alertsQuestion = () =>
  question<typeof listAlerts>('/api/v1/alerts', { state: 'any', limit: 500 });

/** All incidents, firing first. */
export const useAlerts = () => useQuery(alertsQuestion());

export const alertQuestion = (id: string) => question<typeof alertById>('/api/v1/alerts/{id}', {}, { id });

const LATE_MS = 10_000;

/** One incident with its evidence; asked again while that could not be worked out. */
export const useAlert = (id: string) =>
  useQuery({
    ...alertQuestion(id),
    refetchInterval: ({ state }) => (state.data?.explanation_is_late ? LATE_MS : false),
  });

/** Computes an incident's numbers again. */
export const useVerify = (id: string) =>
  useMutation({
    mutationFn: () => tell<typeof verifyAlert>('POST', '/api/v1/alerts/{id}/verify', { params: { id } }),
  });
