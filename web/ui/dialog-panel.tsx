import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { Button } from './button.tsx';
import { classes } from './classes.ts';
import type { DialogProps } from './dialog.tsx';

const SHAPES = {
  center:
    'left-1/2 top-[12vh] w-[min(560px,calc(100vw-16px))] max-h-[76vh] -translate-x-1/2 rounded-card border shadow-popover',
  side: 'inset-y-0 right-0 w-full md:w-[480px] md:border-l shadow-popover',
};

/** The dialog itself. Default export because it is loaded lazily. */
export default function DialogPanel({ title, onClose, shape = 'center', quietTitle, children }: DialogProps) {
  return (
    <Dialog.Root open onOpenChange={open => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.4)]" />
        <Dialog.Content
          aria-describedby={undefined}
          className={classes('fixed z-50 flex flex-col overflow-hidden border-line bg-bg', SHAPES[shape])}
        >
          <div
            className={classes('flex items-center justify-between gap-4 px-4 pt-3', quietTitle && 'sr-only')}
          >
            <Dialog.Title className="text-lead">{title}</Dialog.Title>
            <Dialog.Close asChild>
              <Button look="quiet" square aria-label="Close">
                <X size={16} aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
