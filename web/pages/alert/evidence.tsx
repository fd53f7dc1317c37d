import type { AlertDetail } from '#contract/alert.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { writeFigure, writeShift } from './alert-figures.ts';

/** The figures behind "very sure". */
export function Evidence({ alert }: { alert: AlertDetail }) {
  const { evidence, shift, unit } = alert;
  const zone = viewerZone();
  const facts: [string, string][] = [
    ['Before', writeFigure(alert.before, unit)],
    ['After', writeFigure(alert.after, unit)],
    [
      'Change, with 95 % limits',
      `${writeShift(shift.value, unit)} (${writeShift(shift.low, unit)} to ${writeShift(shift.high, unit)})`,
    ],
    ['Log evidence, needed', `${format.plain(evidence.log_evidence)}, ${format.plain(evidence.threshold)}`],
    [
      'Learned from',
      `${dayTime(Date.parse(evidence.baseline_from), zone)} – ${dayTime(Date.parse(evidence.baseline_to), zone)}`,
    ],
    [
      'Requests before, after',
      `${format.count(evidence.requests_before)}, ${format.count(evidence.requests_after)}`,
    ],
  ];
  return (
    <section aria-label="Evidence" className="rounded-card border border-line px-4 py-1">
      <Disclosure summary="How sure, in figures">
        <dl className="pb-3">
          {facts.map(([name, value]) => (
            <div key={name} className="flex flex-wrap justify-between gap-x-4 border-t border-line py-1.5">
              <dt className="text-muted">{name}</dt>
              <dd className="text-right">{value}</dd>
            </div>
          ))}
        </dl>
      </Disclosure>
    </section>
  );
}
