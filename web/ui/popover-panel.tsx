import { Popover } from 'radix-ui';
import type { ReactNode, RefObject } from 'react';

interface PanelProps {
  anchor: RefObject<HTMLButtonElement | null>;
  label: string;
  align: 'start' | 'end';
  onClose: () => void;
  children: ReactNode;
}

/** The panel of a popover, placed at its button. Default export because it is loaded lazily. */
export default function PopoverPanel({ anchor, label, align, onClose, children }: PanelProps) {
  return (
    <Popover.Root open onOpenChange={open => !open && onClose()}>
      <Popover.Anchor virtualRef={anchor as RefObject<HTMLButtonElement>} />
      <Popover.Portal>
        <Popover.Content
          aria-label={label}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-popover-content-available-height) max-w-[calc(100vw-16px)] overflow-y-auto rounded-card border border-line bg-bg p-2 shadow-popover"
          onCloseAutoFocus={event => {
            event.preventDefault();
            anchor.current?.focus();
          }}
          onInteractOutside={event => {
            // The button closes the panel itself; closing here would let its click open it again.
            if (anchor.current?.contains(event.target as Node)) event.preventDefault();
          }}
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
