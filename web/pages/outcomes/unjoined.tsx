import { dayTime } from '../../clock.ts';
import { useReportingZone } from '../../data/onboarding.ts';
import type { Outcomes } from '../../data/outcomes.ts';
import { format } from '../../format.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';

/** Outcomes that are in no number on the page, and some of them to look at. */
export function Unjoined({ data }: { data: Outcomes }) {
  const zone = useReportingZone();
  const { outcomes, value_usd, examples } = data.unjoined;
  if (outcomes === 0) return null;
  const worth = value_usd === null ? '' : `, worth ${format.usd(value_usd)},`;
  return (
    <div className="mb-4 rounded-card border border-line px-4 py-2">
      <p className="flex items-start gap-2">
        <span className="pt-0.5">
          <StatusIcon status="warning" />
        </span>
        <span>
          {format.full(outcomes)} {outcomes === 1 ? 'outcome' : 'outcomes'}
          {worth} led to no call that is known, and {outcomes === 1 ? 'is' : 'are'} not counted below. The
          calls may still be on their way; else the trace, session or user is not the one on the spans.
        </span>
      </p>
      <Disclosure summary="The latest of them">
        <ul className="pb-2">
          {examples.map(({ outcome_id, name, time, named }) => (
            <li key={outcome_id} className="flex flex-wrap gap-x-3 py-1">
              <span className="font-semibold">{name}</span>
              <span className="font-mono break-all text-muted">{named}</span>
              <span className="text-muted">{dayTime(Date.parse(time), zone)}</span>
            </li>
          ))}
        </ul>
      </Disclosure>
    </div>
  );
}
