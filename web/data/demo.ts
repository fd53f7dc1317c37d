import { useMutation } from '@tanstack/react-query';
import type { startDemo, stopDemo } from '#contract/onboarding.ts';
import { tell } from './ask.ts';
import { queryClient } from './query-client.ts';

const refresh = () => void queryClient.invalidateQueries();

export const useStartDemo = () =>
  useMutation({ mutationFn: () => tell<typeof startDemo>('POST', '/api/v1/demo'), onSettled: refresh });

export const useStopDemo = () =>
  useMutation({ mutationFn: () => tell<typeof stopDemo>('DELETE', '/api/v1/demo'), onSettled: refresh });
