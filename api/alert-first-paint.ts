import { alertPicture } from '#alerts/alert-picture.ts';
import type { AlertsDeps } from '#alerts/deps.ts';
import { drawAlertChart } from '#alerts/where/draw-alert-chart.ts';

/** A phone and a desk: the reader's width is not known when the page is sent. */
const widths = [
  { width: 356, media: '(max-width: 767.98px)' },
  { width: 720, media: '(min-width: 768px)' },
];
const shell = /<div class="shell-main">[\s\S]*?<\/div>\s*<\/div>\s*<\/div>\s*<\/div>/;

/**
 * The page of the dashboard with what happened and its chart in place of the empty shell: on a slow phone that is read before
 * any script has come. Null when there is no such alert or the page has no shell.
 */
export async function alertFirstPaint(
  deps: AlertsDeps,
  incidentId: string,
  page: string,
): Promise<string | null> {
  if (!shell.test(page)) return null;
  const picture = await alertPicture(deps, incidentId);
  if (!picture) return null;
  const { chart, environment, calls, sure, firing } = picture;
  const since = new Date(chart.changedMs).toUTCString().slice(5, 22);
  const facts = [`Since ${since} UTC`, environment, `${calls.toLocaleString('en-US')} requests`].filter(
    Boolean,
  );
  const charts = widths.map(({ width, media }) => {
    const svg = drawAlertChart(chart, { width, height: 220, theme: 'page' });
    return `<style>@media not all and ${media}{.first-${width}{display:none}}</style><div class="first-${width}">${svg}</div>`;
  });
  const main = [
    '<div class="shell-main">',
    `<p style="margin:0 0 4px;color:var(--${firing ? 'critical' : 'muted'});font-weight:600">${firing ? 'Firing' : 'Not firing'}</p>`,
    `<h1 style="margin:0;font-size:1.25rem;line-height:1.75rem;max-width:60ch">${escaped(chart.title)}</h1>`,
    `<p style="margin:4px 0 0">${escaped(facts.join(' · '))}</p>`,
    `<p style="margin:0 0 16px;color:var(--muted)">${escaped(sure[0]!.toUpperCase() + sure.slice(1))}</p>`,
    ...charts,
    '</div></div></div>',
  ].join('');
  return page
    .replace(shell, () => main)
    .replace('<div class="shell" aria-hidden="true">', '<div class="shell">')
    .replace('<title>Driftline</title>', () => `<title>${escaped(chart.title)}</title>`);
}

const escaped = (text: string) => text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`);
