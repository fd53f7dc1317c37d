import type { Onboarding } from '../../data/onboarding.ts';
import { DemoCard } from './demo-card.tsx';
import { FirstSpan } from './first-span.tsx';
import { Senders } from './senders.tsx';

/** Left how to send, right what has arrived. A phone shows what has arrived first. */
export function OnboardingColumns({ state }: { state: Onboarding }) {
  return (
    <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_380px]">
      <div className="flex min-w-0 flex-col gap-4 lg:order-2">
        <FirstSpan state={state} />
        <DemoCard demo={state.demo} />
      </div>
      <div className="min-w-0">
        <Senders state={state} />
      </div>
    </div>
  );
}
