import { lazy, type ReactNode, Suspense } from 'react';

const Panel = lazy(() => import('./dialog-panel.tsx'));

export interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  /** `side` is a sheet on the right, full width on a phone. */
  shape?: 'center' | 'side';
  /** Hide the visible title, keep it for screen readers. */
  quietTitle?: boolean;
  children: ReactNode;
}

/** A modal dialog or side sheet; its code is fetched when it first opens. */
export function Dialog(props: DialogProps) {
  return props.open ? (
    <Suspense>
      <Panel {...props} />
    </Suspense>
  ) : null;
}
