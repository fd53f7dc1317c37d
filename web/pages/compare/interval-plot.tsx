import type { CompareCheck } from '#contract/compare.ts';
import { format } from '../../format.ts';
import { statusText } from '../../ui/status.tsx';
import { type Bar, barOf, reachOf } from './plot.ts';
import { betweenText, differenceText, metricLabels, stateLabels } from './words.ts';

const percentOf = (inMargins: number, reach: number) => `${((inMargins + reach) / (2 * reach)) * 100}%`;

/** Differences with their intervals against the margin, all on one scale: right is better, the dashed line is as much worse as is accepted. */
export function IntervalPlot({ checks }: { checks: readonly CompareCheck[] }) {
  const reach = reachOf(checks);
  return (
    <div role="img" aria-label={sentence(checks)} className="px-4 pb-3">
      <div aria-hidden className="grid grid-cols-[72px_1fr] gap-x-3">
        <span />
        <div className="relative h-5 text-label text-muted">
          <Tick at={-1} reach={reach} text="margin" />
          <Tick at={0} reach={reach} text="no difference" />
        </div>
        {checks.map(check => (
          <Row key={check.metric} check={check} reach={reach} />
        ))}
        <span />
        <div className="flex justify-between pt-1 text-label text-muted">
          <span>← worse</span>
          <span>better →</span>
        </div>
      </div>
    </div>
  );
}

function Tick({ at, reach, text }: { at: number; reach: number; text: string }) {
  const side = at < 0 ? '-translate-x-full -ml-1' : 'ml-1';
  return (
    <span className={`absolute whitespace-nowrap ${side}`} style={{ left: percentOf(at, reach) }}>
      {text}
    </span>
  );
}

function Row({ check, reach }: { check: CompareCheck; reach: number }) {
  const bar = barOf(check, reach);
  return (
    <>
      <span className="flex h-9 items-center text-body">{metricLabels[check.metric]}</span>
      <div className="relative h-9 border-t border-line">
        <span
          className="absolute inset-y-0 border-l border-dashed border-critical"
          style={{ left: percentOf(-1, reach) }}
        />
        <span className="absolute inset-y-0 border-l border-control" style={{ left: percentOf(0, reach) }} />
        <Interval bar={bar} reach={reach} />
      </div>
    </>
  );
}

function Interval({ bar, reach }: { bar: Bar; reach: number }) {
  const { state, middle, from, to, cutLeft, cutRight } = bar;
  const tone = statusText[stateLabels[state].status];
  if (middle === null)
    return (
      <span
        className="absolute inset-y-0 flex items-center bg-bg px-1 text-label text-muted"
        style={{ left: percentOf(0.2, reach) }}
      >
        {stateLabels[state].word}
      </span>
    );
  return (
    <span className={tone}>
      {from !== null && to !== null && (
        <span
          className="absolute top-1/2 h-1.5 -translate-y-1/2 rounded-full bg-current opacity-40"
          style={{ left: percentOf(from, reach), width: `${((to - from) / (2 * reach)) * 100}%` }}
        />
      )}
      {cutLeft && <span className="absolute top-1/2 left-0 -translate-y-1/2 text-label leading-none">◀</span>}
      {cutRight && (
        <span className="absolute top-1/2 right-0 -translate-y-1/2 text-label leading-none">▶</span>
      )}
      <span
        className="absolute top-1/2 size-3 -translate-x-1/2 -translate-y-1/2 rounded-full border-2 border-bg bg-current"
        style={{ left: percentOf(middle, reach) }}
      />
    </span>
  );
}

const sentence = (checks: readonly CompareCheck[]) =>
  checks
    .map(check => {
      const interval = betweenText(format, check);
      const figure =
        check.difference === null ? '' : ` ${differenceText(format, check.metric, check.difference)}`;
      return `${metricLabels[check.metric]}${figure}${interval && ` (${interval})`}: ${stateLabels[check.state].word}`;
    })
    .join('; ');
