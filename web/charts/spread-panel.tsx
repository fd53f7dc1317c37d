import { type ReactNode, useState } from 'react';
import { type Asked, Panel } from '../states/panel.tsx';
import type { SpreadSeries } from './spread.ts';
import { SpreadChart, SpreadTable } from './spread-chart.tsx';
import { TableToggle } from './table-toggle.tsx';

/** What histograms show once they are there. */
export interface SpreadDrawing {
  label: string;
  edges: readonly number[];
  series: readonly SpreadSeries[];
  /** A sentence below the chart, for what the shape alone does not tell. */
  note?: ReactNode;
}

interface SpreadPanelProps<Data> {
  title: string;
  what: string;
  query: Asked<Data>;
  height: number;
  empty: (data: Data) => ReactNode;
  draw: (data: Data) => SpreadDrawing;
  className?: string;
}

const AROUND_PX = 64;

/** Histograms in their panel, and the same figures as a table. */
export function SpreadPanel<Data>({ title, height, draw, ...panel }: SpreadPanelProps<Data>) {
  const [asTable, setAsTable] = useState(false);
  return (
    <Panel
      {...panel}
      title={title}
      height={height + AROUND_PX}
      actions={<TableToggle title={title} asTable={asTable} onChange={setAsTable} />}
    >
      {data => {
        const { note, ...drawing } = draw(data);
        return (
          <>
            {asTable ? <SpreadTable {...drawing} /> : <SpreadChart {...drawing} height={height} />}
            {note && <p className="px-4 pb-3 text-label text-muted">{note}</p>}
          </>
        );
      }}
    </Panel>
  );
}
