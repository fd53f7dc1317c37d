import { type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

interface AddDialogProps {
  /** What the button and the dialog say. */
  title: string;
  icon: ReactNode;
  form: (close: () => void) => ReactNode;
}

/** A button that opens a form to put something somewhere. */
export function AddDialog({ title, icon, form }: AddDialogProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        {icon}
        {title}
      </Button>
      <Dialog title={title} open={open} onClose={close}>
        {form(close)}
      </Dialog>
    </>
  );
}

/** What became of it, in place of the form. */
export function Added({ children, onClose }: { children: ReactNode; onClose: () => void }) {
  return (
    <div className="flex w-full flex-col gap-3 p-4">
      <p role="status">{children}</p>
      <Button className="self-end" onClick={onClose}>
        Done
      </Button>
    </div>
  );
}
