import { getIncident } from '#store/state/incidents.ts';
import { chartSeries } from './chart-series.ts';
import type { AlertsDeps } from './deps.ts';
import { explanationOf, keptEvidence } from './explain.ts';
import { figuresOf } from './figures.ts';
import { changedBetween } from './finding.ts';
import { leadOf } from './incident.ts';
import { fromRow } from './incident-rows.ts';
import { figure } from './numbers.ts';
import { changesNear } from './where/changes-near.ts';
import { type AlertChart, type ChartLook, drawAlertChart } from './where/draw-alert-chart.ts';
import { certainty, title } from './words.ts';

/** What an incident's chart shows and the words around it; draw it with `drawAlertChart`. Null when there is no such incident. */
export async function alertPicture(
  deps: AlertsDeps,
  incidentId: string,
): Promise<{ chart: AlertChart; environment: string; calls: number; sure: string; firing: boolean } | null> {
  const row = await getIncident(deps.state, incidentId);
  if (!row || row.project_id !== deps.projectId) return null;
  const { incident, calls } = fromRow(row);
  const lead = leadOf(incident);
  const { unit } = figuresOf(lead);
  const kept = await keptEvidence(deps, incidentId);
  const causes = (kept && explanationOf(kept)?.causes) ?? [];
  const [points, changes] = await Promise.all([chartSeries(deps, lead), changesNear(deps, lead, causes)]);
  const chart: AlertChart = {
    title: title(lead),
    write: value => figure(value, unit),
    points,
    changedMs: lead.changedAtMs,
    changedBetween: changedBetween(lead),
    endedMs: lead.closedAtMs,
    markers: changes.map(({ kind, value, at }) => ({ atMs: Date.parse(at), label: `${kind} ${value}` })),
  };
  const { environment } = incident;
  return { chart, environment, calls, sure: certainty(lead), firing: incident.state === 'firing' };
}

/** An incident's chart as SVG; null when there is no such incident. */
export async function alertChartSvg(
  deps: AlertsDeps,
  incidentId: string,
  look: ChartLook,
): Promise<string | null> {
  const picture = await alertPicture(deps, incidentId);
  return picture && drawAlertChart(picture.chart, look);
}
