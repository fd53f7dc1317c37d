import type { Cause, CauseDimension } from '#contract/explanation.ts';
import { getIncident } from '#store/state/incidents.ts';
import type { FailingCase } from '../channels/channel.ts';
import { cut } from '../channels/notice.ts';
import { chartSeries } from '../chart-series.ts';
import type { AlertsDeps } from '../deps.ts';
import { examplePairs } from '../examples.ts';
import { evidenceOf, explanationOf } from '../explain.ts';
import { unitOf } from '../figures.ts';
import { changedBetween, type Finding } from '../finding.ts';
import { leadOf } from '../incident.ts';
import { fromRow } from '../incident-rows.ts';
import { figure } from '../numbers.ts';
import { changesNear, type NearbyChange } from '../where/changes-near.ts';
import { drawAlertChart } from '../where/draw-alert-chart.ts';
import { title } from '../words.ts';
import { pngOf } from './chart-image.ts';

/** What a message of an incident can have beside its text. Null or empty for ids that are no incident's. */
export interface AboutIncident {
  /** PNG, 1,280 pixels wide. */
  chartOf(id: string): Promise<Buffer | null>;
  casesOf(id: string): Promise<FailingCase[]>;
  /** Which calls moved and what came near the change, a line each. */
  whereOf(id: string): Promise<{ segment?: string; changes: string[] } | null>;
}

const size = { width: 640, height: 240 };
const changesTold = 3;
/** Shares below this do not explain a change. */
const leastShare = 0.2;

export function aboutIncident(deps: AlertsDeps): AboutIncident {
  return {
    async chartOf(id) {
      const lead = await leadFinding(deps, id);
      if (!lead) return null;
      const points = await chartSeries(deps, lead);
      if (!points.some(({ value }) => value !== null)) return null;
      const unit = unitOf(lead);
      const chart = {
        title: title(lead),
        write: (value: number) => figure(value, unit),
        points,
        changedMs: lead.changedAtMs,
        changedBetween: changedBetween(lead),
        endedMs: lead.closedAtMs,
      };
      // Twice as many pixels as points: for screens that are sharper than that.
      return pngOf(drawAlertChart(chart, { ...size, theme: 'light' }), 2 * size.width);
    },
    async casesOf(id) {
      const lead = await leadFinding(deps, id);
      if (!lead) return [];
      const evidence = await evidenceOf(deps, id, lead);
      const pairs = await examplePairs(deps, lead, evidence?.statistics.where?.causes[0], false);
      return pairs.map(({ after }) => {
        const { trace_id, span_id, start_time, value, model, prompt } = after;
        return { trace_id, span_id, start_time, value, model, prompt };
      });
    },
    async whereOf(id) {
      const lead = await leadFinding(deps, id);
      if (!lead) return null;
      const evidence = await evidenceOf(deps, id, lead);
      const causes = (evidence && explanationOf(evidence)?.causes) ?? null;
      const near = await changesNear(deps, lead, causes ?? []);
      const changes = near.slice(0, changesTold).map(changeLine);
      return causes === null ? { changes } : { segment: segmentWords(causes), changes };
    },
  };
}

function segmentWords([cause]: readonly Cause[]): string {
  if (!cause || cause.explained < leastShare) return 'No single segment explains this';
  const share = Math.round(100 * Math.min(cause.explained, 1));
  return `${cause.conditions.map(conditionWords).join(' and ')} explains ${share} %`;
}

/** `prompt answer v14 at 14:58 UTC, 2 min before it, 48 % of requests since`. */
function changeLine({ kind, value, at, minutes_from_interval: away, share, by }: NearbyChange): string {
  const clock = `${new Date(at).toISOString().slice(11, 16)} UTC`;
  const size = Math.abs(away) < 90 ? `${Math.abs(away)} min` : `${Math.round(Math.abs(away) / 60)} h`;
  const distance = away === 0 ? 'within that time' : `${size} ${away < 0 ? 'before' : 'after'} it`;
  const said = [
    `${kind.replaceAll('_', ' ')} ${cut(value, 120)} at ${clock}`,
    distance,
    share !== null && `${Math.round(100 * share)} % of requests since`,
    by !== null && `by ${cut(by, 60)}`,
  ];
  return said.filter(Boolean).join(', ');
}

async function leadFinding({ state, projectId }: AlertsDeps, id: string): Promise<Finding | null> {
  const row = await getIncident(state, id);
  return row && row.project_id === projectId ? leadOf(fromRow(row).incident) : null;
}

const conditionWords = ({ dimension, value }: { dimension: CauseDimension; value: string }) =>
  `${dimension.replaceAll('_', ' ')} ${value || '(none)'}`;
