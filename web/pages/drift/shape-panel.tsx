import { useState } from 'react';
import type { DriftShape } from '#contract/drift-shape.ts';
import { ago, viewerZone } from '../../clock.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon, statusText } from '../../ui/status.tsx';
import { ShapeCard } from './shape-card.tsx';
import { seriesName, seriesWords } from './words.ts';

const FEW = 8;

/** How inputs and outputs of the last day differ from four weeks before, series by series. */
export function ShapePanel({ query }: { query: Asked<DriftShape> }) {
  const [all, setAll] = useState(false);
  return (
    <Panel
      title="Inputs and outputs, last 24 h against the 28 days before"
      what="the shapes"
      query={query}
      height={160}
      className="mb-4"
      empty={data => (data.series.length === 0 ? <Nothing data={data} /> : null)}
    >
      {data => {
        const ordered = [...data.series].sort((one, other) => weight(other) - weight(one));
        const shown = all ? ordered : ordered.slice(0, FEW);
        return (
          <>
            <p className="max-w-text px-4 pb-2 text-muted">
              Bands, not tests: nothing here pages anybody. Histograms are read {readUntil(data)}.
            </p>
            <ul>
              {shown.map((series, at) => (
                <Series key={seriesName(series)} series={series} open={at === 0} />
              ))}
            </ul>
            {ordered.length > shown.length && (
              <div className="border-t border-line px-4 py-2">
                <Button onClick={() => setAll(true)}>Show all {ordered.length}</Button>
              </div>
            )}
          </>
        );
      }}
    </Panel>
  );
}

function readUntil({ rolled_up_until }: DriftShape): string {
  return rolled_up_until === null
    ? 'for the first time'
    : `up to ${ago(Date.parse(rolled_up_until), Date.now(), viewerZone())}`;
}

function Nothing({ data }: { data: DriftShape }) {
  return (
    <Note
      title={
        data.rolled_up_until === null
          ? 'Calls are being read for the first time.'
          : `There were no calls of the last 29 days when they were read, ${ago(Date.parse(data.rolled_up_until), Date.now(), viewerZone())}.`
      }
    >
      They are read every five minutes.
    </Note>
  );
}

type OneSeries = DriftShape['series'][number];

/** Those that moved far first, then those that moved; otherwise in the order of their calls. */
const weight = ({ shapes }: OneSeries) =>
  shapes.reduce((sum, { band }) => Math.max(sum, band === 'far' ? 2 : band === 'moved' ? 1 : 0), 0);

function Series({ series, open }: { series: OneSeries; open: boolean }) {
  const { feature, model, environment } = series;
  const { text, status } = seriesWords(series.shapes);
  const told = series.shapes.filter(({ state }) => state === 'compared');
  const rest = series.shapes.filter(({ state }) => state !== 'compared');
  return (
    <li className="border-t border-line px-4 py-2">
      <Disclosure
        open={open}
        summary={
          <span className="flex min-w-0 flex-1 flex-wrap items-baseline justify-between gap-x-4">
            <span className="min-w-0 font-semibold break-words text-ink">{seriesName(series)}</span>
            <span
              className={`flex items-center gap-1.5 ${status === 'warning' ? statusText.warning : 'text-muted'}`}
            >
              <StatusIcon status={status === 'warning' ? 'warning' : 'neutral'} />
              {text}
            </span>
          </span>
        }
      >
        <div className="grid gap-3 pt-1 pb-2 md:grid-cols-2 xl:grid-cols-3">
          {told.map(shape => (
            <ShapeCard key={shape.shape} series={{ feature, model, environment }} shape={shape} />
          ))}
        </div>
        {rest.length > 0 && (
          <dl className="grid gap-x-4 gap-y-1 pb-2 text-label text-muted md:grid-cols-[max-content_minmax(0,1fr)]">
            {rest.map(({ shape, label, text: why }) => (
              <div key={shape} className="md:contents">
                <dt className="font-semibold">{label}</dt>
                <dd>{why}</dd>
              </div>
            ))}
          </dl>
        )}
      </Disclosure>
    </li>
  );
}
