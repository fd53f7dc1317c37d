import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { loadEngineWhenIdle } from './charts/load-engine.ts';
import { onboardingQuestion } from './data/onboarding.ts';
import { queryClient } from './data/query-client.ts';
import { router } from './router.tsx';
import { followTheme } from './state/theme.ts';
import './styles.css';

/** Longest the shell of index.html stays while the first answers are on their way. */
const FIRST_ANSWER_MS = 1000;

followTheme();

// With the page's code and the banners known, the first paint is the final one and nothing moves after it.
await Promise.race([
  Promise.all([router.load(), queryClient.prefetchQuery(onboardingQuestion())]),
  new Promise(done => setTimeout(done, FIRST_ANSWER_MS)),
]);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

// Only the overview has charts of the library; on a phone that opens an alert it is never needed.
if (location.pathname === '/') loadEngineWhenIdle();
