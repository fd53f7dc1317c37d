import { useBlocker } from '@tanstack/react-router';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';

interface LeaveGuardProps {
  active: boolean;
  /** A sentence about what would be lost. */
  what: string;
}

/** Asks before a page with unsaved changes is left; moving within the page is free. */
export function LeaveGuard({ active, what }: LeaveGuardProps) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => active && current.pathname !== next.pathname,
    enableBeforeUnload: () => active,
    withResolver: true,
  });
  return (
    <Dialog
      title="Leave without saving?"
      open={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
    >
      <div className="flex flex-col gap-4 p-4">
        <p>{what}</p>
        <div className="flex flex-wrap gap-2">
          <Button look="primary" onClick={() => blocker.reset?.()}>
            Stay
          </Button>
          <Button look="danger" onClick={() => blocker.proceed?.()}>
            Leave without saving
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
