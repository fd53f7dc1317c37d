import { type ReactNode, useState } from 'react';
import { Button } from './button.tsx';

interface FormFootProps {
  /** What the button that sends the form says: `Save`, `Create rule`. */
  submit: string;
  saving: boolean;
  onCancel: () => void;
  /** Left of the others: deleting what is edited. */
  children?: ReactNode;
}

/** The buttons of a form in a dialog; they stay in sight while it is scrolled. */
export function FormFoot({ submit, saving, onCancel, children }: FormFootProps) {
  return (
    <div className="sticky bottom-0 -mx-4 -mb-4 flex flex-wrap justify-end gap-2 border-t border-line bg-bg px-4 py-3">
      {children}
      <Button onClick={onCancel}>Cancel</Button>
      <Button type="submit" look="primary" disabled={saving}>
        {saving ? 'Saving' : submit}
      </Button>
    </div>
  );
}

interface DeleteButtonProps {
  /** What it says when it asks once more: what else goes. */
  sure: string;
  busy: boolean;
  onDelete: () => void;
  /** A failure to delete. */
  children?: ReactNode;
}

/** Asks once more before something is gone. */
export function DeleteButton({ sure, busy, onDelete, children }: DeleteButtonProps) {
  const [asked, setAsked] = useState(false);
  return (
    <div className="mr-auto">
      <Button
        look={asked ? 'danger' : 'quiet'}
        disabled={busy}
        onClick={() => (asked ? onDelete() : setAsked(true))}
      >
        {asked ? sure : 'Delete'}
      </Button>
      {children}
    </div>
  );
}
