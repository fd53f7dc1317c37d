import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './problem.ts';

/** Answers go stale through the socket, not by age; a request the server refused is not tried again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      retryDelay: failures => 500 * 2 ** failures,
    },
  },
});
