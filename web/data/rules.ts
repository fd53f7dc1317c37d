import { useMutation, useQuery } from '@tanstack/react-query';
import type { DriftSettings, driftBudget, putDriftSettings } from '#contract/drift.ts';
import type { RequestOf } from '#contract/endpoint.ts';
import type { getRouting, putRouting, Routing } from '#contract/route.ts';
import type {
  acknowledgeRuleAlert,
  backtestRule,
  createRule,
  deleteRule,
  listRuleAlerts,
  listRules,
  RuleInput,
  replaceRule,
  ruleAlertById,
  snoozeRuleAlert,
} from '#contract/rule.ts';
import type { createSilence, endSilence, listSilences } from '#contract/silence.ts';
import type { alertPeopleById, postNote, postVerdict, Verdict } from '#contract/verdict.ts';
import { question, tell } from './ask.ts';
import { queryClient } from './query-client.ts';

const ours = [
  '/api/v1/rules',
  '/api/v1/rule-alerts',
  '/api/v1/silences',
  '/api/v1/routes',
  '/api/v1/alerts',
  '/api/v1/drift',
];
const refresh = () =>
  queryClient.invalidateQueries({
    predicate: ({ queryKey }) => ours.some(path => String(queryKey[0]).startsWith(path)),
  });

export const useRules = () => useQuery(question<typeof listRules>('/api/v1/rules', {}));
export const ruleAlertsQuestion = () =>
  question<typeof listRuleAlerts>('/api/v1/rule-alerts', { state: 'any', limit: 500 });
export const useRuleAlerts = () => useQuery(ruleAlertsQuestion());
export const useRuleAlert = (id: string) =>
  useQuery(question<typeof ruleAlertById>('/api/v1/rule-alerts/{id}', {}, { id }));
export const useSilences = () => useQuery(question<typeof listSilences>('/api/v1/silences', {}));
export const useRouting = () => useQuery(question<typeof getRouting>('/api/v1/routes', {}));
export const useFalseAlarmBudget = () => useQuery(question<typeof driftBudget>('/api/v1/drift/budget', {}));
/** Another budget is another threshold: what rules can see changes with it. */
export const useSaveDriftSettings = () =>
  useMutation({
    mutationFn: (request: DriftSettings) =>
      tell<typeof putDriftSettings>('PUT', '/api/v1/drift/settings', { request }),
    onSuccess: refresh,
  });
/** Verdict and notes of an alert. */
export const usePeople = (id: string) =>
  useQuery(question<typeof alertPeopleById>('/api/v1/alerts/{id}/people', {}, { id }));

export const useSaveRule = (id: string | null) =>
  useMutation({
    mutationFn: (request: RuleInput) =>
      id === null
        ? tell<typeof createRule>('POST', '/api/v1/rules', { request })
        : tell<typeof replaceRule>('PUT', '/api/v1/rules/{id}', { params: { id }, request }),
    onSuccess: refresh,
  });
export const useDeleteRule = () =>
  useMutation({
    mutationFn: (id: string) => tell<typeof deleteRule>('DELETE', '/api/v1/rules/{id}', { params: { id } }),
    onSuccess: refresh,
  });
const wouldHaveFired = (times: number, days: number): string =>
  times === 0 ? `would not have fired in ${days} days` : `would have fired ${times} times in ${days} days`;

/** So long an answer may take before it says how far it is. */
const backtestStretchMs = 1500;

/** `onProgress` hears how many series have been gone through while there are more than one answer can tell of. */
export const useBacktest = (onProgress: (progress: { done: number; of: number } | null) => void) =>
  useMutation({
    mutationFn: async (request: RequestOf<typeof backtestRule>) => {
      onProgress(null);
      const ask = (after?: string) =>
        tell<typeof backtestRule>('POST', '/api/v1/rules/backtest', {
          request: { ...request, within_ms: backtestStretchMs, ...(after !== undefined && { after }) },
        });
      let whole = await ask();
      while (whole.next !== null) {
        onProgress(whole.progress);
        const more = await ask(whole.next);
        const fired = [...whole.fired, ...more.fired];
        whole = {
          ...more,
          sentence: wouldHaveFired(fired.length, request.days ?? 60),
          fired: fired.sort((one, other) => (one.fired_at < other.fired_at ? -1 : 1)),
          judged: Math.min(whole.judged, more.judged),
          took_ms: whole.took_ms + more.took_ms,
        };
      }
      return whole;
    },
  });
export const useCreateSilence = () =>
  useMutation({
    mutationFn: (request: RequestOf<typeof createSilence>) =>
      tell<typeof createSilence>('POST', '/api/v1/silences', { request }),
    onSuccess: refresh,
  });
export const useEndSilence = () =>
  useMutation({
    mutationFn: ({ id, by }: { id: string; by: string }) =>
      tell<typeof endSilence>('POST', '/api/v1/silences/{id}/end', { params: { id }, request: { by } }),
    onSuccess: refresh,
  });
export const useSaveRouting = () =>
  useMutation({
    mutationFn: (request: Routing) => tell<typeof putRouting>('PUT', '/api/v1/routes', { request }),
    onSuccess: refresh,
  });
export const useTakeRuleAlert = (id: string) =>
  useMutation({
    mutationFn: (by: string) =>
      tell<typeof acknowledgeRuleAlert>('POST', '/api/v1/rule-alerts/{id}/ack', {
        params: { id },
        request: { by },
      }),
    onSuccess: refresh,
  });
export const useSnoozeRuleAlert = (id: string) =>
  useMutation({
    mutationFn: (hours: number) =>
      tell<typeof snoozeRuleAlert>('POST', '/api/v1/rule-alerts/{id}/snooze', {
        params: { id },
        request: { hours },
      }),
    onSuccess: refresh,
  });
export const useVerdict = (id: string) =>
  useMutation({
    mutationFn: (request: { verdict: Verdict; by: string; note: string }) =>
      tell<typeof postVerdict>('POST', '/api/v1/alerts/{id}/verdict', { params: { id }, request }),
    onSuccess: refresh,
  });
export const useNote = (id: string) =>
  useMutation({
    mutationFn: (request: { text: string; by: string }) =>
      tell<typeof postNote>('POST', '/api/v1/alerts/{id}/notes', { params: { id }, request }),
    onSuccess: refresh,
  });
