import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import { Button, type ButtonProps } from './button.tsx';

const Panel = lazy(() => import('./popover-panel.tsx'));

interface PopoverProps extends Omit<ButtonProps, 'children' | 'content'> {
  /** Name of the panel for screen readers. */
  label: string;
  children: ReactNode;
  content: (close: () => void) => ReactNode;
  align?: 'start' | 'end';
  /** Given together to open it from elsewhere, such as a key. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

/** A button with a panel. The panel's code is fetched when it is first wanted, so that it costs the first paint nothing. */
export function Popover({
  label,
  children,
  content,
  align = 'start',
  open,
  onOpenChange,
  ...button
}: PopoverProps) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [own, setOwn] = useState(false);
  const isOpen = open ?? own;
  const change = onOpenChange ?? setOwn;
  return (
    <>
      <Button
        {...button}
        ref={anchor}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onPointerEnter={() => void import('./popover-panel.tsx')}
        onClick={() => change(!isOpen)}
      >
        {children}
      </Button>
      {isOpen && (
        <Suspense>
          <Panel anchor={anchor} label={label} align={align} onClose={() => change(false)}>
            {content(() => change(false))}
          </Panel>
        </Suspense>
      )}
    </>
  );
}
