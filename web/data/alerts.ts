import { useMutation, useQuery } from '@tanstack/react-query';
import type { alertById, listAlerts } from '#contract/alert.ts';
import type { verifyAlert } from '#contract/explanation.ts';
import { question, tell } from './ask.ts';

export const alertsQuestion = () =>
  question<typeof listAlerts>('/api/v1/alerts', { state: 'any', limit: 500 });

/** All incidents, firing first. */
export const useAlerts = () => useQuery(alertsQuestion());

export const alertQuestion = (id: string) => question<typeof alertById>('/api/v1/alerts/{id}', {}, { id });

/** One incident with its evidence. */
export const useAlert = (id: string) => useQuery(alertQuestion(id));

/** Computes an incident's numbers again. */
export const useVerify = (id: string) =>
  useMutation({
    mutationFn: () => tell<typeof verifyAlert>('POST', '/api/v1/alerts/{id}/verify', { params: { id } }),
  });
