import { useQuery } from '@tanstack/react-query';
import type { ReplyOf } from '#contract/endpoint.ts';
import type { onboarding } from '#contract/onboarding.ts';
import { question } from './ask.ts';

export type Onboarding = ReplyOf<typeof onboarding>;

export const onboardingQuestion = () => question<typeof onboarding>('/api/v1/onboarding', {});

const waiting = (state: Onboarding | undefined) =>
  state !== undefined && (state.first_span === null || state.demo.state === 'filling');

/** Where to send, whether anything came, and the demo; asked every second while one waits for the first span. */
export const useOnboarding = () =>
  useQuery({
    ...onboardingQuestion(),
    refetchInterval: query => (waiting(query.state.data) ? 1000 : false),
  });

/** The zone that decides day and hour buckets. */
export const useReportingZone = () => useOnboarding().data?.reporting_zone ?? 'UTC';
