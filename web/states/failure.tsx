import { RotateCw } from 'lucide-react';
import { ApiError } from '../data/problem.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { StatusIcon } from '../ui/status.tsx';

interface FailureProps {
  /** What could not be done: `Could not load the features.` */
  what: string;
  error: unknown;
  onRetry?: () => void;
}

/** What failed, what to do, and the id under which the server logged it. Everything else on the page keeps working. */
export function Failure({ what, error, onRetry }: FailureProps) {
  const api = error instanceof ApiError ? error : null;
  const why =
    api?.status === 403
      ? 'This key may not see it. Ask whoever administers Driftline for access.'
      : (api?.message ?? 'Something unexpected happened in this page.');
  return (
    <div role="alert" className="flex flex-col items-start gap-2 p-4">
      <p className="flex items-center gap-2 font-semibold">
        <StatusIcon status="critical" />
        {what}
      </p>
      <p className="max-w-text text-muted">{why}</p>
      <div className="flex flex-wrap items-center gap-2">
        {onRetry && (
          <Button onClick={onRetry}>
            <RotateCw size={16} aria-hidden />
            Retry
          </Button>
        )}
        {api?.requestId && (
          <CopyButton
            look="quiet"
            text={api.requestId}
            label={`Copy request id ${api.requestId.slice(0, 8)}`}
          />
        )}
      </div>
    </div>
  );
}
