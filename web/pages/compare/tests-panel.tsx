import type { compareTests, WindowTests } from '#contract/compare-tests.ts';
import type { RequestOf } from '#contract/endpoint.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { useWindowTests } from '../../data/compare.ts';
import { format } from '../../format.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { TestsTable } from './tests-table.tsx';

interface TestsPanelProps {
  title: string;
  request: RequestOf<typeof compareTests>;
}

/** Every measure tested once, so that one looks at all of them and is fooled by few. */
export function TestsPanel({ title, request }: TestsPanelProps) {
  const query = useWindowTests(request);
  return (
    <Panel
      title={title}
      what="the tests"
      query={query}
      height={240}
      empty={({ control, candidate }) =>
        control.calls === 0 || candidate.calls === 0 ? (
          <Note title={control.calls === 0 ? 'A has no calls.' : 'B has no calls.'} />
        ) : null
      }
    >
      {data => (
        <>
          <p className="px-4 pb-2 text-muted">{summaryOf(data)}</p>
          <TestsTable rows={data.rows} adjustment={data.adjustment} />
          <div className="border-t border-line px-4 py-1">
            <Disclosure summary="How to read this">
              <ul className="max-w-text list-disc pb-2 pl-5 text-muted">
                <li>
                  Effects first: with many calls a difference too small to matter still has a small p. What
                  differs stands first, each part in the order of its strength.
                </li>
                <li>
                  {adjustmentWords[data.adjustment]} Of the rows that differ, at most{' '}
                  {format.percent(data.level)} are expected to be chance.
                </li>
                <li>
                  This holds for one look at windows that were chosen beforehand. Whether a candidate may
                  ship, however often one looks, is the verdict on two versions.
                </li>
                {data.notes.map(note => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </Disclosure>
          </div>
        </>
      )}
    </Panel>
  );
}

const adjustmentWords: Record<WindowTests['adjustment'], string> = {
  bh: 'p is adjusted for the number of rows by Benjamini–Hochberg.',
  by: 'Calls are in both, so p is adjusted by Benjamini–Yekutieli, which holds under any dependence.',
};

function summaryOf({ rows, control, candidate }: WindowTests): string {
  const tested = rows.filter(({ p }) => p !== null).length;
  const differ = rows.filter(({ differs }) => differs).length;
  const zone = viewerZone();
  const span = ({ from, to, calls, complete }: WindowTests['control']) =>
    `${dayTime(Date.parse(from), zone)} – ${dayTime(Date.parse(to), zone)}, ${format.count(calls)} calls${complete ? '' : ', provisional'}`;
  return `${differ} of ${tested} tests differ. A: ${span(control)}. B: ${span(candidate)}.`;
}
