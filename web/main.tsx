import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { alertsQuestion } from './data/alerts.ts';
import { onboardingQuestion } from './data/onboarding.ts';
import { queryClient } from './data/query-client.ts';
import { ruleAlertsQuestion } from './data/rules.ts';
import { router } from './router.tsx';
import { followTheme } from './state/theme.ts';
import './styles.css';

/** Longest the shell of index.html stays while the first answers are on their way. */
const FIRST_ANSWER_MS = 2000;

followTheme();

void start();

/**
 * Draws the page when its code, the banners and the alerts are known: the first paint is the final one and nothing moves after it.
 * Nothing here is awaited outside of a function: pages import from this file, and would wait for it while it waits for them.
 */
async function start(): Promise<void> {
  // Reading the scripts was work enough for one turn of the browser.
  await new Promise(done => setTimeout(done));
  await Promise.race([
    Promise.all([
      router.load(),
      queryClient.prefetchQuery(onboardingQuestion()),
      queryClient.prefetchQuery(alertsQuestion()),
      queryClient.prefetchQuery(ruleAlertsQuestion()),
    ]),
    new Promise(done => setTimeout(done, FIRST_ANSWER_MS)),
  ]);
  // As a transition it is drawn in slices, between which a tap is heard.
  startTransition(() =>
    createRoot(document.getElementById('root') as HTMLElement, { onRecoverableError: recovered }).render(
      <StrictMode>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}

/**
 * What failed in a slice and could be drawn at the second try is no failure of the page; what fails again is caught by its panel.
 * It is told where a caught one is told, not as an uncaught exception.
 */
function recovered(error: unknown): void {
  console.error(error);
}
