import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { AlertDetail, AlertExample } from '#contract/alert.ts';
import { timeNear, viewerZone } from '../../clock.ts';
import { Block } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { writeFigure } from './alert-figures.ts';

/** An ordinary call from before beside a bad one since that was asked alike, a pair at a time, the worst first. */
export function ExamplePairs({ alert }: { alert: AlertDetail }) {
  const { pairs } = alert;
  const [at, setAt] = useState(0);
  const count = pairs.length;
  const shown = pairs[Math.min(at, count - 1)];
  if (!shown) return null;
  return (
    <Block
      title="Before and after"
      actions={
        count > 1 && (
          <div className="flex items-center gap-1">
            <Button
              look="quiet"
              square
              aria-label="Previous pair"
              disabled={at === 0}
              onClick={() => setAt(at - 1)}
            >
              <ChevronLeft size={16} aria-hidden />
            </Button>
            <span className="text-label text-muted" aria-live="polite">
              {at + 1} of {count}
            </span>
            <Button
              look="quiet"
              square
              aria-label="Next pair"
              disabled={at === count - 1}
              onClick={() => setAt(at + 1)}
            >
              <ChevronRight size={16} aria-hidden />
            </Button>
          </div>
        )
      }
    >
      <div className="grid grid-cols-2 gap-px overflow-hidden rounded-control border border-line bg-line">
        <Example title="Before" example={shown.before ?? undefined} alert={alert} />
        <Example title="After" example={shown.after} alert={alert} after />
      </div>
    </Block>
  );
}

interface ExampleProps {
  title: string;
  example: AlertExample | undefined;
  alert: AlertDetail;
  after?: boolean;
}

function Example({ title, example, alert, after = false }: ExampleProps) {
  return (
    <div
      className={classes(
        'flex min-w-0 flex-col gap-2 border-t-2 bg-bg p-3',
        after ? 'border-accent' : 'border-muted',
      )}
    >
      <h3 className="text-label">{title}</h3>
      {example ? (
        <>
          {example.input !== null && <p className="line-clamp-3 break-words text-muted">{example.input}</p>}
          <p className="line-clamp-6 break-words">
            {example.answer === null ? (
              <span className="text-muted">Answers were not captured.</span>
            ) : (
              `“${example.answer}”`
            )}
          </p>
          <p className="text-label text-muted">
            {alert.metric_label.toLowerCase()}{' '}
            <span className="font-semibold text-ink">{writeFigure(example.value, alert.unit)}</span>
            <br />
            {[example.model, example.prompt].filter(Boolean).join(' · ')}
            <br />
            {timeNear(Date.parse(example.start_time), Date.now(), viewerZone())}
          </p>
          <Link
            to="/traces/$traceId"
            params={{ traceId: example.trace_id }}
            search={{ span: example.span_id }}
            className="mt-auto inline-flex items-center text-accent hover:underline pointer-coarse:min-h-11"
          >
            Open trace<span className="sr-only"> from {title.toLowerCase()}</span>
          </Link>
        </>
      ) : (
        <p className="text-muted">None stored.</p>
      )}
    </div>
  );
}
