import { readPalette } from '../palette.ts';
import type { SketchProps } from '../sketch.tsx';
import { connect, init } from './echarts.ts';
import { timeOption } from './time-option.ts';

/** A chart that answers the pointer. */
export interface LiveChart {
  draw(drawing: SketchProps): void;
  /** Explains the values at a place of the chart, in pixels. */
  explain(x: number, y: number): void;
  dispose(): void;
}

const GROUP = 'page';

/** Makes one in an element; charts of a page share the line under the pointer. */
export function createLiveChart(element: HTMLElement): LiveChart {
  const chart = init(element, null, { width: 1, height: 1 });
  chart.group = GROUP;
  connect(GROUP);
  const isHovered = () => element.matches(':hover');
  return {
    draw: drawing => {
      const { width, height } = drawing;
      chart.resize({ width, height });
      chart.setOption(timeOption(drawing, readPalette(), isHovered), { notMerge: true });
      // At once: the sketch goes when this is there.
      chart.getZr().flush();
    },
    explain: (x, y) => chart.dispatchAction({ type: 'showTip', x, y }),
    dispose: () => chart.dispose(),
  };
}
