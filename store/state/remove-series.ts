import type { StateDb } from './open.ts';

/** Forgets what is remembered of some series: detector states, and incidents with their timeline and messages. */
export async function removeSeries(
  db: StateDb,
  projectId: string,
  series: readonly { feature: string; model: string; environment: string }[],
): Promise<void> {
  for (const { feature, model, environment } of series) {
    const incidents = db
      .selectFrom('incidents')
      .select('incident_id')
      .where('project_id', '=', projectId)
      .where('feature', '=', feature)
      .where('model', '=', model)
      .where('environment', '=', environment);
    await db.deleteFrom('incident_events').where('incident_id', 'in', incidents).execute();
    await db.deleteFrom('outbox').where('incident_id', 'in', incidents).execute();
    await db.deleteFrom('incidents').where('incident_id', 'in', incidents).execute();
    await db
      .deleteFrom('detector_states')
      .where('project_id', '=', projectId)
      .where('feature', '=', feature)
      .where('model', '=', model)
      .where('environment', '=', environment)
      .execute();
    for (const table of ['quiet_series', 'quiet_findings'] as const) {
      await db
        .deleteFrom(table)
        .where('project_id', '=', projectId)
        .where('feature', '=', feature)
        .where('environment', '=', environment)
        .execute();
    }
  }
}
