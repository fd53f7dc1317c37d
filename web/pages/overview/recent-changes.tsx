import { useState } from 'react';
import type { Marker } from '#contract/feature.ts';
import { markerLetters } from '../../charts/markers.tsx';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { useMarkers } from '../../data/markers.ts';
import { useView } from '../../state/use-view.ts';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';

const WORDS: Record<Marker['kind'], string> = {
  prompt: 'Prompt',
  model: 'Model',
  release: 'Release',
  finish_reason: 'Finish reason',
  error_type: 'Error type',
  tool: 'Tool',
  alert: 'Alert:',
};
const SHOWN = 6;

/** `Prompt v14 in support-bot`. */
export const markerText = ({ kind, label, feature }: Marker) =>
  `${WORDS[kind]} ${label}${feature && kind !== 'alert' ? ` in ${feature}` : ''}`;

/** First sights and alerts of the shown time in words, newest first: what the letters on the charts mean. */
export function RecentChanges() {
  const { view, zone: reporting } = useView();
  const zone = viewerZone();
  const query = useMarkers(view);
  const [all, setAll] = useState(false);
  if (query.data?.length === 0) return null;
  return (
    <Panel title="First seen in this time" what="the changes" query={query} className="mt-4">
      {markers => {
        const newest = [...markers].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
        return (
          <>
            <ol className="px-4 pb-2">
              {newest.slice(0, all ? 200 : SHOWN).map(one => (
                <li
                  key={`${one.at} ${one.kind} ${one.label} ${one.feature}`}
                  className="flex min-h-8 items-center gap-3"
                >
                  <span
                    aria-hidden
                    className={classes(
                      'flex size-4 shrink-0 items-center justify-center rounded-[4px] border border-current text-[0.6875rem]/none font-semibold',
                      one.kind === 'alert' ? 'text-critical' : 'text-muted',
                    )}
                  >
                    {markerLetters[one.kind]}
                  </span>
                  <span className="min-w-0 flex-1">{markerText(one)}</span>
                  <time
                    dateTime={one.at}
                    title={exact(Date.parse(one.at), reporting)}
                    className="shrink-0 text-muted"
                  >
                    {timeNear(Date.parse(one.at), Date.now(), zone)}
                  </time>
                </li>
              ))}
            </ol>
            {!all && newest.length > SHOWN && (
              <Button look="quiet" className="mb-2 ml-2" onClick={() => setAll(true)}>
                Show all {newest.length}
              </Button>
            )}
          </>
        );
      }}
    </Panel>
  );
}
