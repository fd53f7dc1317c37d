import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';

/** The prices of one tier, in a frame of their own. */
export function TierCard({
  name,
  onRemove,
  children,
}: {
  name: string;
  onRemove: () => void;
  children: ReactNode;
}) {
  return (
    <fieldset className="rounded-card border border-line p-3">
      <legend className="sr-only">{name}</legend>
      <div className="mb-2 flex items-center justify-between gap-2">
        <p aria-hidden className="min-w-0 font-semibold break-words">
          {name}
        </p>
        <Button look="quiet" square aria-label={`Remove the prices of ${name}`} onClick={onRemove}>
          <Trash2 size={16} aria-hidden />
        </Button>
      </div>
      {children}
    </fieldset>
  );
}
