import { Calculator } from 'lucide-react';
import type { TrainingInput, useMakeExport } from '../../data/training.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Counts } from './counts.tsx';
import { bytesText } from './words.ts';

interface PreviewProps {
  make: ReturnType<typeof useMakeExport>;
  /** What would be asked, or what is wrong with it. */
  request: TrainingInput | string;
}

/** What an export would hold, without making it. */
export function Preview({ make, request }: PreviewProps) {
  const count = () => {
    if (typeof request !== 'string') make.mutate({ ...request, dry_run: true });
  };
  return (
    <section aria-label="Preview" className="rounded-card border border-line p-3">
      <Button disabled={make.isPending || typeof request === 'string'} onClick={count}>
        <Calculator size={16} aria-hidden />
        {make.isPending ? 'Counting' : 'Preview'}
      </Button>
      <div role="status" className="empty:hidden">
        {make.data && (
          <div className="mt-3">
            <Counts counts={make.data.counts} />
            {make.data.counts.pairs > 0 && (
              <p className="mt-2 text-label text-muted">A file of {bytesText(make.data.bytes)}.</p>
            )}
          </div>
        )}
      </div>
      {make.error && <Failure what="It could not be counted." error={make.error} />}
    </section>
  );
}
