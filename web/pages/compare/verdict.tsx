import type { Comparison } from '#contract/compare.ts';
import { format } from '../../format.ts';
import { StatusIcon } from '../../ui/status.tsx';
import { confidenceText, neededText, verdictStatus } from './words.ts';

/** Ship, hold or roll back, why, and how sure that is. */
export function Verdict({ data }: { data: Comparison }) {
  const status = verdictStatus[data.verdict];
  const needed = neededText(format, data.needed);
  return (
    <section aria-label="Verdict" className="mb-4">
      <h1 className="flex items-center gap-2 text-h1">
        <StatusIcon status={status} size={20} />
        {data.sentence}
      </h1>
      {data.reasons.length > 0 && (
        <ul className="mt-1 max-w-text list-disc pl-5">
          {data.reasons.map(reason => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {needed && <p className="mt-1 max-w-text">{needed}</p>}
      <p className="mt-1 max-w-text text-muted">{confidenceText(format, data.level)}</p>
      {data.sample_ratio && (
        <p
          className={`mt-1 flex max-w-text items-start gap-2 ${data.sample_ratio.mismatch ? 'font-semibold text-warning' : 'text-muted'}`}
        >
          {data.sample_ratio.mismatch && <StatusIcon status="warning" />}
          {data.sample_ratio.sentence}
        </p>
      )}
    </section>
  );
}
