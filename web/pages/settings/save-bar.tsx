import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { StatusIcon } from '../../ui/status.tsx';

interface SaveBarProps {
  /** What the button says, e.g. `Save mapping`. */
  label: string;
  changed: boolean;
  saving: boolean;
  /** Shown until the next change; null while nothing was saved. */
  saved: string | null;
  /** Shown when nothing else is to say. */
  children?: ReactNode;
  /** The bar is in a form, which Enter sends: `onSave` is then the form's to call. */
  inForm?: boolean;
  onSave: () => void;
  onDiscard: () => void;
}

/** Save and discard, and how things stand. In sight while there is something to save, wherever the reader is. */
export function SaveBar(props: SaveBarProps) {
  const { label, changed, saving, saved, children, inForm = false, onSave, onDiscard } = props;
  return (
    <div
      className={classes(
        'flex flex-wrap items-center gap-2 bg-bg py-2',
        changed && 'sticky bottom-0 z-10 border-t border-line max-md:bottom-14',
      )}
    >
      <Button
        look="primary"
        type={inForm ? 'submit' : 'button'}
        disabled={!changed || saving}
        onClick={inForm ? undefined : onSave}
      >
        {saving ? 'Saving' : label}
      </Button>
      <Button disabled={!changed || saving} onClick={onDiscard}>
        Discard
      </Button>
      <p role="status" className="flex items-center gap-2 text-muted">
        {changed ? (
          <>
            <StatusIcon status="warning" />
            Not saved yet
          </>
        ) : saved !== null ? (
          <>
            <StatusIcon status="good" />
            {saved}
          </>
        ) : (
          children
        )}
      </p>
    </div>
  );
}
