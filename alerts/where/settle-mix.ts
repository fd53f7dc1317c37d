import type { AlertsDeps } from '../deps.ts';
import { keptEvidence, renewEvidence } from '../explain.ts';
import type { Finding } from '../finding.ts';
import { type Incident, type IncidentChange, leadOf, recordBeyondMix, recordMix } from '../incident.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { isNoPage } from './mix-only.ts';

/** Without news an incident held to be other traffic is looked at again this often: more calls may tell more. */
const againMs = 3_600_000;

/**
 * Before anybody is told: an incident that comes of other traffic alone is kept and shown, but pages nobody; one that was
 * held to be that and turns out to be more begins to fire. Changes incidents and their news in place. What cannot be
 * explained pages.
 */
export async function settleMix(
  deps: AlertsDeps,
  incidents: readonly Incident[],
  changes: IncidentChange[],
): Promise<void> {
  for (const incident of incidents) {
    const news = changes.filter(change => change.incident.id === incident.id);
    if (incident.state === 'firing') {
      const fired = news.find(({ kind }) => kind === 'fired');
      if (fired && (await isAllMix(deps, incident))) recordMix(incident, fired);
    } else if (incident.state === 'mixed') {
      if (news.length === 0 && !(await isDue(deps, incident))) continue;
      if (!(await isAllMix(deps, incident))) changes.push(recordBeyondMix(incident, lastMs(news, deps)));
    }
  }
}

/** Whether none of what got worse is worth telling: it is the mix, or what is left of it is too small. The evidence of the lead is kept, whatever it says. */
async function isAllMix(deps: AlertsDeps, incident: Incident): Promise<boolean> {
  const lead = leadOf(incident);
  const open = incident.findings.filter(one => one.closedAtMs === null && one.verdict !== 'better');
  if (!isHeld(await tried(deps, incident, () => renewEvidence(deps, incident.id, lead)))) return false;
  for (const finding of open) {
    if (finding !== lead && !isHeld(await tried(deps, incident, () => gather(deps, incident, finding))))
      return false;
  }
  return true;
}

const gather = (deps: AlertsDeps, { id }: Incident, finding: Finding) => gatherEvidence(deps, id, finding);

function isHeld(evidence: Evidence | null): boolean {
  const where = evidence?.statistics.where;
  return where ? isNoPage(where, evidence.parameters) : false;
}

async function tried(
  { log }: AlertsDeps,
  { id }: Incident,
  make: () => Promise<Evidence>,
): Promise<Evidence | null> {
  try {
    return await make();
  } catch (error) {
    log.warn({ error, incidentId: id }, 'an incident could not be explained');
    return null;
  }
}

async function isDue(deps: AlertsDeps, { id }: Incident): Promise<boolean> {
  const kept = await keptEvidence(deps, id);
  return kept === null || deps.clock.now() - kept.madeAtMs >= againMs;
}

const lastMs = (news: readonly IncidentChange[], { clock }: AlertsDeps) => news.at(-1)?.atMs ?? clock.now();
