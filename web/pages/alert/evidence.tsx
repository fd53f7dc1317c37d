import type { AlertDetail } from '#contract/alert.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { useVerify } from '../../data/alerts.ts';
import { useDownload } from '../../data/download.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
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
        <Verify alert={alert} />
      </Disclosure>
    </section>
  );
}

/** All of it in one file, and the proof that the numbers follow from what is stored. */
function Verify({ alert }: { alert: AlertDetail }) {
  const verify = useVerify(alert.id);
  const download = useDownload();
  const found = verify.data;
  const save = () =>
    download.mutate({ address: `/api/v1/alerts/${alert.id}/evidence`, name: `${alert.id}.evidence.json` });
  return (
    <div className="flex flex-col gap-2 border-t border-line py-3">
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => verify.mutate()} disabled={verify.isPending}>
          {verify.isPending ? 'Computing again' : 'Compute again'}
        </Button>
        <Button onClick={save} disabled={download.isPending}>
          Save evidence
        </Button>
      </div>
      {found && (
        <div role="status">
          <p>
            {found.reproduced
              ? `All ${format.count(found.numbers)} numbers come out the same.`
              : 'Not the same: what was stored has changed since.'}
          </p>
          {found.differences.length > 0 && (
            <ul className="mt-1 font-mono text-label break-words text-muted">
              {found.differences.map(line => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          )}
        </div>
      )}
      {verify.error && <Failure what="It could not be computed again." error={verify.error} />}
      {download.error && <Failure what="The evidence could not be saved." error={download.error} />}
    </div>
  );
}
