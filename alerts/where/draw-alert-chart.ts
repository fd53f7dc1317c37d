/** What the chart of an incident shows, in the unit of its figures. */
export interface AlertChart {
  title: string;
  /** How a figure of the axis is written. */
  write: (value: number) => string;
  /** In time order; null where nothing was measured. */
  points: readonly { time: string; value: number | null; expected: number | null }[];
  changedMs: number;
  /** Where the change lies with 90 %; drawn as a band. */
  changedBetween?: { fromMs: number; toMs: number } | null;
  /** End of the incident, null while it lasts. */
  endedMs: number | null;
  /** First sights and the like near the change, the likeliest first. */
  markers?: readonly { atMs: number; label: string }[];
}

export interface ChartLook {
  width: number;
  height: number;
  /** `auto` follows the reader's system, which pictures for chat cannot; `page` takes the colours of the dashboard around it. */
  theme: 'light' | 'dark' | 'auto' | 'page';
  /** IANA time zone of the axis, `UTC` by default. */
  zone?: string;
}

const margin = { left: 64, right: 14, top: 26, bottom: 28 };
const light = {
  bg: '#ffffff',
  band: '#f6f8fa',
  ink: '#171b22',
  muted: '#57606a',
  line: '#d0d7de',
  accent: '#1f66d1',
  bad: '#b3261e',
};
const dark: typeof light = {
  bg: '#0f1318',
  band: '#171c23',
  ink: '#e8ecf1',
  muted: '#9aa6b2',
  line: '#2c343d',
  accent: '#6aa9ff',
  bad: '#ff8a80',
};

const page: typeof light = {
  bg: 'var(--bg)',
  band: 'var(--surface)',
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  line: 'var(--line)',
  accent: 'var(--accent)',
  bad: 'var(--critical)',
};
const colours = { light, dark, page };

/** The watched metric, what was normal and when it changed, as one SVG document without scripts. */
export function drawAlertChart(chart: AlertChart, look: ChartLook): string {
  const scale = scaleOf(chart, look);
  const parts = scale
    ? body(chart, look, scale)
    : [text(look.width / 2, look.height / 2, 'No values', 'm', 'middle')];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${look.width}" height="${look.height}"`,
    ` viewBox="0 0 ${look.width} ${look.height}" role="img" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12">`,
    `<title>${escaped(chart.title)}</title>${styles(look.theme)}`,
    `<rect width="100%" height="100%" class="b"/>`,
    ...parts,
    '</svg>',
  ].join('');
}

function styles(theme: ChartLook['theme']): string {
  const rules = (c: typeof light) =>
    `.b{fill:${c.bg}}.s{fill:${c.band}}.k{fill:${c.ink}}.m{fill:${c.muted}}.g{stroke:${c.line};stroke-opacity:.6}` +
    `.v{fill:none;stroke:${c.accent};stroke-width:2;stroke-linejoin:round}.e{fill:none;stroke:${c.muted};stroke-width:1.5;stroke-dasharray:5 4}` +
    `.c{stroke:${c.bad}}.i{fill:${c.bad};fill-opacity:.12}.t{stroke:${c.muted};stroke-dasharray:2 3}.p{fill:${c.accent}}`;
  if (theme === 'auto') {
    return `<style>${rules(light)}@media(prefers-color-scheme:dark){${rules(dark)}}</style>`;
  }
  return `<style>${rules(colours[theme])}</style>`;
}

interface Scale {
  fromMs: number;
  toMs: number;
  low: number;
  high: number;
  x: (ms: number) => number;
  y: (value: number) => number;
}

function scaleOf({ points }: AlertChart, { width, height }: ChartLook): Scale | null {
  const values = points.flatMap(({ value, expected }) => [value, expected]).filter(value => value !== null);
  if (values.length === 0) return null;
  const fromMs = Date.parse(points[0]!.time);
  const toMs = Math.max(Date.parse(points.at(-1)!.time), fromMs + 1);
  const lowest = values.reduce((least, value) => Math.min(least, value));
  const highest = values.reduce((most, value) => Math.max(most, value));
  const room = (highest - lowest) / 10 || Math.abs(highest) / 10 || 1;
  const low = lowest >= 0 ? Math.max(0, lowest - room) : lowest - room;
  const high = highest + room;
  const x = (ms: number) =>
    margin.left +
    Math.min(1, Math.max(0, (ms - fromMs) / (toMs - fromMs))) * (width - margin.left - margin.right);
  const y = (value: number) =>
    margin.top + ((high - value) / (high - low)) * (height - margin.top - margin.bottom);
  return { fromMs, toMs, low, high, x, y };
}

function body(chart: AlertChart, look: ChartLook, scale: Scale): string[] {
  const { width, height } = look;
  const [top, bottom] = [margin.top, height - margin.bottom];
  const changedX = scale.x(chart.changedMs);
  const between = chart.changedBetween;
  const band = between && rect(scale.x(between.fromMs), scale.x(between.toMs), top, bottom, 'i');
  return [
    rect(changedX, scale.x(chart.endedMs ?? scale.toMs), top, bottom, 's'),
    ...roundTicks(scale.low, scale.high).flatMap(value => [
      line(margin.left, width - margin.right, scale.y(value), scale.y(value), 'g'),
      text(margin.left - 8, scale.y(value) + 4, chart.write(value), 'm', 'end'),
    ]),
    ...timeLabels(scale, look),
    band ?? '',
    path(chart.points, point => point.expected, scale, 'e'),
    path(chart.points, point => point.value, scale, 'v'),
    ...markerLines(chart, look, scale),
    line(changedX, changedX, top - 4, bottom, 'c'),
    aside(changedX, top - 9, nameOf(chart) ?? 'change', width),
  ];
}

const nearMs = 2 * 3_600_000;

/** Not further than two hours from when the change may have begun. */
function isNear(atMs: number, { changedMs, changedBetween }: AlertChart): boolean {
  const { fromMs, toMs } = changedBetween ?? { fromMs: changedMs, toMs: changedMs };
  return atMs >= fromMs - nearMs && atMs <= toMs + nearMs;
}

/** The change is named after the likeliest of what came with it. */
const nameOf = (chart: AlertChart): string | null =>
  chart.markers?.find(({ atMs }) => isNear(atMs, chart))?.label ?? null;

/** First sights that are too far from the change to name it. */
function markerLines(chart: AlertChart, look: ChartLook, scale: Scale): string[] {
  return (chart.markers ?? [])
    .filter(({ atMs }) => atMs > scale.fromMs && !isNear(atMs, chart))
    .slice(0, 5)
    .map(({ atMs, label }) => {
      const x = scale.x(atMs);
      return `<g><title>${escaped(label)}</title>${line(x, x, margin.top, look.height - margin.bottom, 't')}</g>`;
    });
}

function timeLabels(scale: Scale, { width, height, zone = 'UTC' }: ChartLook): string[] {
  const hourMs = 3_600_000;
  const steps = [1, 3, 6, 12, 24, 48, 168, 336, 672].map(hours => hours * hourMs);
  const most = Math.max(2, Math.floor(width / 110));
  const step = steps.find(one => (scale.toMs - scale.fromMs) / one <= most) ?? steps.at(-1)!;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    ...(step < 24 * hourMs
      ? { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
      : { day: 'numeric', month: 'short' }),
  });
  const labels: string[] = [];
  for (let at = Math.ceil(scale.fromMs / step) * step; at <= scale.toMs && labels.length < 50; at += step) {
    const x = scale.x(at);
    if (x > margin.left + 20 && x < width - 30)
      labels.push(text(x, height - 8, format.format(at), 'm', 'middle'));
  }
  return labels;
}

function path(
  points: AlertChart['points'],
  read: (point: AlertChart['points'][number]) => number | null,
  scale: Scale,
  look: string,
): string {
  let pen = 'M';
  let drawn = '';
  const dots: string[] = [];
  points.forEach((point, at) => {
    const value = read(point);
    if (value === null) {
      pen = 'M';
      return;
    }
    const [x, y] = [scale.x(Date.parse(point.time)).toFixed(1), scale.y(value).toFixed(1)];
    drawn += `${pen}${x} ${y}`;
    // A value between two gaps would be a line without length.
    const [previous, next] = [points[at - 1], points[at + 1]];
    const isAlone = !(previous && read(previous) !== null) && !(next && read(next) !== null);
    if (isAlone && look === 'v') dots.push(`<circle cx="${x}" cy="${y}" r="1.5" class="p"/>`);
    pen = 'L';
  });
  return drawn === '' ? '' : `<path d="${drawn}" class="${look}"/>${dots.join('')}`;
}

/** Round values inside the limits, about three. */
function roundTicks(low: number, high: number): number[] {
  const rough = (high - low) / 3;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find(factor => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high && ticks.length < 20; at += 1) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}

const line = (x1: number, x2: number, y1: number, y2: number, look: string) =>
  `<line x1="${short(x1)}" x2="${short(x2)}" y1="${short(y1)}" y2="${short(y2)}" class="${look}"/>`;

const rect = (x1: number, x2: number, y1: number, y2: number, look: string) =>
  `<rect x="${short(x1)}" y="${short(y1)}" width="${short(Math.max(0, x2 - x1))}" height="${short(y2 - y1)}" class="${look}"/>`;

const text = (x: number, y: number, content: string, look: string, anchor: 'start' | 'middle' | 'end') =>
  `<text x="${short(x)}" y="${short(y)}" class="${look}" text-anchor="${anchor}">${escaped(content)}</text>`;

/** A label beside a line, on the side with more room. */
const aside = (x: number, y: number, content: string, width: number) =>
  x > width / 2 ? text(x - 4, y, content, 'k', 'end') : text(x - 2, y, content, 'k', 'start');

const short = (value: number) => String(Math.round(value * 10) / 10);

const escaped = (content: string) =>
  content.replace(/\p{Cc}/gu, ' ').replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`);
