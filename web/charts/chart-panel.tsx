import { useMemo, useState } from 'react';
import { type Asked, Panel } from '../states/panel.tsx';
import { Legend } from './legend.tsx';
import { SeriesTable } from './series-table.tsx';
import { TableToggle } from './table-toggle.tsx';
import { TimeChart, type TimeChartProps } from './time-chart.tsx';

/** What a chart shows once its data is there. */
export type Drawing = Pick<
  TimeChartProps,
  'label' | 'series' | 'scale' | 'axis' | 'partialFromMs' | 'partialToMs'
>;

interface ChartPanelProps<Data>
  extends Pick<TimeChartProps, 'height' | 'markers' | 'onZoom' | 'onBack' | 'onPick'> {
  title: string;
  what: string;
  query: Asked<Data>;
  empty: (data: Data) => React.ReactNode;
  draw: (data: Data) => Drawing;
}

const LEGEND_PX = 24;

/** A chart in its panel, with its legend and the same figures as a table. */
export function ChartPanel<Data>({
  title,
  what,
  query,
  empty,
  draw,
  height,
  ...chart
}: ChartPanelProps<Data>) {
  const [asTable, setAsTable] = useState(false);
  return (
    <Panel
      title={title}
      what={what}
      query={query}
      empty={empty}
      height={height + LEGEND_PX}
      actions={<TableToggle title={title} asTable={asTable} onChange={setAsTable} />}
    >
      {data => <Drawn {...chart} data={data} draw={draw} height={height} asTable={asTable} />}
    </Panel>
  );
}

type DrawnProps<Data> = Pick<TimeChartProps, 'height' | 'markers' | 'onZoom' | 'onBack' | 'onPick'> &
  Pick<ChartPanelProps<Data>, 'draw'> & { data: Data; asTable: boolean };

const isProvisional = ({ partialFromMs, scale }: Drawing) =>
  partialFromMs !== null && partialFromMs < scale.toMs;

/** Inside the panel, which says so when a drawing fails. */
function Drawn<Data>({ data, draw, height, asTable, ...chart }: DrawnProps<Data>) {
  const drawing = useMemo(() => draw(data), [data, draw]);
  return (
    <>
      <Legend series={drawing.series} provisional={isProvisional(drawing)} />
      {asTable ? (
        <SeriesTable caption={drawing.label} {...drawing} height={height} onPick={chart.onPick} />
      ) : (
        <TimeChart {...drawing} {...chart} height={height} />
      )}
    </>
  );
}
