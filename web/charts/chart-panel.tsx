import { ChartColumn, Table2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { type Asked, Panel } from '../states/panel.tsx';
import { Button } from '../ui/button.tsx';
import { Legend } from './legend.tsx';
import { SeriesTable } from './series-table.tsx';
import { TimeChart, type TimeChartProps } from './time-chart.tsx';

/** What a chart shows once its data is there. */
export type Drawing = Pick<TimeChartProps, 'label' | 'series' | 'scale' | 'axis' | 'partialFromMs'>;

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
  const { data } = query;
  const drawing = useMemo(() => (data === undefined ? null : draw(data)), [data, draw]);
  const words = asTable ? 'Show as chart' : 'Show as table';
  return (
    <Panel
      title={title}
      what={what}
      query={query}
      empty={empty}
      height={height + LEGEND_PX}
      actions={
        <Button
          look="quiet"
          square
          aria-label={`${words}: ${title}`}
          title={words}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? <ChartColumn size={16} aria-hidden /> : <Table2 size={16} aria-hidden />}
        </Button>
      }
    >
      {() =>
        drawing && (
          <>
            <Legend series={drawing.series} />
            {asTable ? (
              <SeriesTable caption={drawing.label} {...drawing} height={height} onPick={chart.onPick} />
            ) : (
              <TimeChart {...drawing} {...chart} height={height} />
            )}
          </>
        )
      }
    </Panel>
  );
}
