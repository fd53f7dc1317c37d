import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ChangeMarkerRow, listChangeMarkers, putChangeMarker } from './change-markers.ts';
import { openState, type StateDb } from './open.ts';

let folder: string;
let state: StateDb;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'driftline-markers-'));
  state = await openState({ dataDir: folder });
});
afterEach(async () => {
  await state.destroy();
  await rm(folder, { recursive: true, force: true });
});

const row = (marker_id: string, more: Partial<ChangeMarkerRow> = {}): ChangeMarkerRow => ({
  project_id: 'p',
  marker_id,
  kind: 'config',
  title: 'temperature',
  at: '2026-11-21T14:00:00.000Z',
  feature: null,
  environment: null,
  set_by: 'ci',
  url: null,
  ...more,
});

test('a marker set again is one marker, and one without a feature concerns all', async () => {
  await putChangeMarker(state, row('a', { title: 'first try' }));
  await putChangeMarker(state, row('a'));
  await putChangeMarker(
    state,
    row('b', { feature: 'bot', environment: 'prod', at: '2026-11-21T15:00:00.000Z' }),
  );
  await putChangeMarker(state, row('c', { feature: 'other' }));
  await putChangeMarker(state, row('a', { project_id: 'q' }));
  const found = async (filter: object) =>
    (await listChangeMarkers(state, { projectId: 'p', limit: 10, ...filter })).map(
      ({ marker_id, title }) => `${marker_id} ${title}`,
    );
  expect(await found({})).toEqual(['b temperature', 'a temperature', 'c temperature']);
  expect(await found({ feature: 'bot' })).toEqual(['b temperature', 'a temperature']);
  expect(await found({ feature: 'bot', environment: 'test' })).toEqual(['a temperature']);
  expect(await found({ from: '2026-11-21T14:30:00.000Z' })).toEqual(['b temperature']);
  expect(await found({ to: '2026-11-21T15:00:00.000Z', limit: 1 })).toEqual(['a temperature']);
});
