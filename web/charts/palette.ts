/** Colour of a series: a number of the palette, or a role. */
export type SeriesColor = number | 'muted' | 'accent' | 'critical';

const NAMES = ['bg', 'surface', 'ink', 'muted', 'accent', 'critical', 'line', 'control'] as const;
export type Palette = Record<(typeof NAMES)[number], string> & { series: string[] };

/** The values behind the tokens, for a canvas, which knows no CSS variables. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const roles = Object.fromEntries(NAMES.map(name => [name, read(name)])) as Record<
    (typeof NAMES)[number],
    string
  >;
  return { ...roles, series: [1, 2, 3, 4, 5, 6, 7].map(number => read(`series-${number}`)) };
}

export const colorOf = (color: SeriesColor, palette: Palette) =>
  typeof color === 'number' ? (palette.series[color - 1] ?? palette.muted) : palette[color];

/** The same as a CSS value, for legends and tables. */
export const cssColor = (color: SeriesColor) =>
  typeof color === 'number' ? `var(--series-${color})` : `var(--${color})`;
