import { useOnboarding } from '../../data/onboarding.ts';
import { Failure } from '../../states/failure.tsx';
import { PagePending } from '../../states/page-states.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { OnboardingColumns } from './onboarding-columns.tsx';

/** How to send data, at any time. */
export function GetStarted() {
  const { data, error, refetch } = useOnboarding();
  return (
    <>
      <PageTitle title="Send data">
        <p className="mt-1 max-w-text text-muted">
          Driftline reads the OpenTelemetry data your AI application can already emit.
        </p>
      </PageTitle>
      {data ? (
        <OnboardingColumns state={data} />
      ) : error ? (
        <Failure what="Could not load where to send data." error={error} onRetry={() => void refetch()} />
      ) : (
        <PagePending />
      )}
    </>
  );
}
