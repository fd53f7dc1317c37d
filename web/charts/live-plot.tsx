import { useEffect, useRef, useState } from 'react';
import { useShownTheme } from '../state/theme.ts';
import type { LiveChart } from './engine/live-chart.ts';
import { inTurn, loadEngine } from './load-engine.ts';
import type { SketchProps } from './sketch.tsx';

interface LivePlotProps {
  drawing: SketchProps;
  /** Where a finger has woken it, in pixels of the chart. */
  touched: { x: number; y: number } | null;
  /** It is drawn; until then something else must be shown. */
  onShown: () => void;
}

/** The drawing by the charting library, which answers the pointer. Nothing is lost while it cannot be fetched. */
export function LivePlot({ drawing, touched, onShown }: LivePlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useShownTheme();
  const [chart, setChart] = useState<LiveChart | null>(null);
  const explained = useRef(false);

  useEffect(() => {
    let gone = false;
    let made: LiveChart | undefined;
    loadEngine().then(
      engine =>
        inTurn(() => {
          if (gone || !box.current) return;
          made = engine.createLiveChart(box.current);
          setChart(made);
        }),
      () => undefined,
    );
    return () => {
      gone = true;
      made?.dispose();
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read while drawing
  useEffect(() => {
    if (!chart) return;
    chart.draw(drawing);
    onShown();
    if (touched && !explained.current) chart.explain(touched.x, touched.y);
    explained.current = true;
  }, [chart, drawing, theme]);

  return <div ref={box} className="absolute inset-0" />;
}
