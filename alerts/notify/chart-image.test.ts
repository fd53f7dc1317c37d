import { expect, test } from 'vitest';
import { drawAlertChart } from '../where/draw-alert-chart.ts';
import { pngOf } from './chart-image.ts';

const startMs = Date.UTC(2026, 10, 20);
const hourMs = 3_600_000;
const chart = (write: (value: number) => string) =>
  drawAlertChart(
    {
      title: 'Answer quality of support-bot fell 9 points',
      write,
      points: Array.from({ length: 72 }, (_, hour) => ({
        time: new Date(startMs + hour * hourMs).toISOString(),
        value: (hour < 48 ? 0.91 : 0.82) + 0.01 * Math.sin(hour),
        expected: 0.91,
      })),
      changedMs: startMs + 48 * hourMs,
      endedMs: null,
    },
    { width: 640, height: 240, theme: 'light' },
  );

/** Width and height from the header of a PNG. */
const sizeOf = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];

test('the chart of an incident is a picture with its words in it, also where there is no font', () => {
  const png = pngOf(
    chart(value => value.toFixed(2)),
    1280,
  );
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(sizeOf(png)).toEqual([1280, 480]);
  // Without its figures there is less to draw: the words are really there.
  expect(png.length).toBeGreaterThan(
    pngOf(
      chart(() => ''),
      1280,
    ).length + 500,
  );
  expect(png.length).toBeLessThan(200_000);
});
