import { dayTime, viewerZone } from '../../clock.ts';
import type { GoldenSetDetail } from '../../data/golden.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { plural } from './words.ts';

interface VersionsProps {
  query: Asked<GoldenSetDetail>;
  onShow: (version: number) => void;
}

/** How the set came to be, newest first; every version can still be read and run. */
export function Versions({ query, onShow }: VersionsProps) {
  return (
    <Panel
      title="Versions"
      what="the versions"
      query={query}
      height={120}
      empty={({ versions }) => (versions.length === 0 ? <Note title="The set has no cases yet." /> : null)}
    >
      {({ versions }) => (
        <ul>
          {versions.map(one => (
            <li
              key={one.version}
              className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-t border-line px-4 py-2"
            >
              <div className="min-w-0">
                <p>
                  <span className="font-semibold">Version {one.version}</span>
                  {one.note && <span className="text-muted">: {one.note}</span>}
                </p>
                <p className="text-label text-muted">
                  {[
                    one.added > 0 && `${one.added} added`,
                    one.changed > 0 && `${one.changed} changed`,
                    one.removed > 0 && `${one.removed} removed`,
                  ]
                    .filter(Boolean)
                    .join(', ')}
                  , {plural(one.cases, 'case')} since {dayTime(Date.parse(one.created_at), viewerZone())}
                </p>
              </div>
              <Button onClick={() => onShow(one.version)}>Show cases</Button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
