import type { AlertDetail } from '#contract/alert.ts';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { usePeople } from '../../data/rules.ts';
import { Block } from '../../ui/block.tsx';
import { VerdictButtons } from '../alerts/verdict-buttons.tsx';

const MEANING = {
  real: 'something was wrong',
  noise: 'nothing was wrong',
  expected: 'it was known or wanted',
} as const;

/** Whether it was worth a page, and who said so. */
export function Judgement({ alert }: { alert: AlertDetail }) {
  const given = usePeople(alert.id).data?.verdict;
  const atMs = given ? Date.parse(given.at) : 0;
  return (
    <Block title="Verdict">
      <VerdictButtons id={alert.id} />
      <p className="mt-2 text-muted">
        {given ? (
          <>
            {given.by} said so{' '}
            <time dateTime={given.at} title={exact(atMs, viewerZone())}>
              {timeNear(atMs, Date.now(), viewerZone())}
            </time>
            : {MEANING[given.verdict]}
            {given.note && `. “${given.note}”`}
          </>
        ) : (
          'Nobody has judged it yet. Verdicts say how much the rule can be trusted.'
        )}
      </p>
    </Block>
  );
}
