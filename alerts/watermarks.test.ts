import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IngestSourceRow } from '#store/rows.ts';
import { writeIngestStatus } from '#store/state/ingest-status.ts';
import { openState, type StateDb } from '#store/state/open.ts';
import { startTestEngine, type TestEngine } from '../test/support/engine.ts';
import { ingestSourceRow } from '../test/support/ingest-rows.ts';
import { callRow } from '../test/support/rows.ts';
import { readWatermarks } from './watermarks.ts';

const nowMs = Date.parse('2026-11-20T12:00:30Z');
const minuteMs = 60_000;
const ago = (minutes: number) => new Date(nowMs - 30_000 - minutes * minuteMs).toISOString();

const quietReport = {
  duplicates: 0,
  truncated: 0,
  refusedRequests: 0,
  quarantined: 0,
  walBytes: 0,
  walLimitBytes: 1e9,
  check: { verdict: 'ok' as const, checked_at: null, checked: 0, missing: 0 },
  problems: [],
  stopped: false,
};

let engine: TestEngine;
let folder: string;
let state: StateDb;
beforeAll(async () => {
  engine = await startTestEngine();
  folder = await mkdtemp(join(tmpdir(), 'driftline-watermarks-'));
  state = await openState({ dataDir: folder });
});
afterAll(async () => {
  await state?.destroy();
  await engine?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A sender with data in every minute from `from` to `to` minutes ago. */
function everyMinute(
  from: number,
  to: number,
  given: Partial<IngestSourceRow> & { project_id: string; service: string },
): IngestSourceRow[] {
  const rows: IngestSourceRow[] = [];
  for (let minutes = from; minutes >= to; minutes -= 1)
    rows.push(ingestSourceRow({ at: ago(minutes), ...given }));
  return rows;
}

const read = (projectId: string, service?: string) =>
  readWatermarks(
    { clickhouse: engine.clickhouse, state, projectId },
    service === undefined ? [] : [{ dimension: 'service', value: service }],
    nowMs,
  );
const iso = (ms: number | null) => ms && new Date(ms).toISOString();

describe('the watermark', () => {
  test('of nobody is not known', async () => {
    expect(await read('nobody')).toEqual({ completeUntilMs: null, sources: [] });
  });

  test('of senders that report as usual is the usual delay ago', async () => {
    const slow = { delay_ms_sum: 10 * 90_000, delay_ms_max: 120_000 };
    await engine.clickhouse.insert('ingest_sources', [
      ...everyMinute(60, 0, { project_id: 'usual', service: 'app' }),
      ...everyMinute(60, 0, { project_id: 'usual', service: 'batches', ...slow }),
    ]);
    const { completeUntilMs, sources } = await read('usual');
    expect(sources.map(({ service, state: is, holds }) => [service, is, holds])).toEqual([
      ['app', 'current', true],
      ['batches', 'current', true],
    ]);
    expect(sources[0]).toMatchObject({ usual_delay_ms: 250, usual_pause_ms: 60_000, waiting: 0 });
    expect(iso(completeUntilMs)).toBe('2026-11-20T11:58:30.000Z');
  });

  test('is held back by a sender that is behind, for calls like its own', async () => {
    const hourOld = { delay_ms_sum: 10 * 3_000_000, delay_ms_max: 3_100_000 };
    await engine.clickhouse.insert('ingest_sources', [
      ...everyMinute(60, 0, { project_id: 'behind', service: 'app' }),
      ...everyMinute(600, 61, { project_id: 'behind', service: 'queue' }),
      ...everyMinute(5, 0, { project_id: 'behind', service: 'queue', ...hourOld }),
    ]);
    await engine.clickhouse.insert('calls', [
      callRow({ project_id: 'behind', at: ago(50), span_id: '1', service: 'app' }),
      callRow({ project_id: 'behind', at: ago(50), span_id: '2', service: 'queue' }),
    ]);
    const { completeUntilMs, sources } = await read('behind');
    expect(sources[1]).toMatchObject({ service: 'queue', state: 'behind', holds: true });
    expect(iso(completeUntilMs)).toBe('2026-11-20T11:09:30.000Z');
    expect(iso((await read('behind', 'app')).completeUntilMs)).toBe('2026-11-20T12:00:00.000Z');
    expect(iso((await read('behind', 'queue')).completeUntilMs)).toBe('2026-11-20T11:09:30.000Z');
  });

  test('waits for a sender that pauses longer than it used to, and not for ever', async () => {
    await engine.clickhouse.insert('ingest_sources', [
      ...everyMinute(60, 0, { project_id: 'pause', service: 'app' }),
      ...everyMinute(60, 8, { project_id: 'pause', service: 'late' }),
      ...everyMinute(300, 120, { project_id: 'pause', service: 'gone' }),
    ]);
    const { completeUntilMs, sources } = await read('pause');
    expect(sources.map(({ service, state: is, holds }) => [service, is, holds])).toEqual([
      ['app', 'current', true],
      ['gone', 'silent', false],
      ['late', 'late', true],
    ]);
    expect(iso(completeUntilMs)).toBe('2026-11-20T11:51:30.000Z');
  });

  test('is held back by what a collector has accepted and not stored', async () => {
    const rows = everyMinute(60, 0, { project_id: 'backlog', service: 'app' });
    // Ten items were set aside long ago; what waits is the last twenty minutes.
    const stuck = rows.map((row, at) => (at === 3 || at > 40 ? { ...row, stored: 0 } : row));
    await engine.clickhouse.insert('ingest_sources', stuck);
    const status = { at: ago(0), acked: 610, stored: 400, rejected: {}, last_received_at: ago(0) };
    await writeIngestStatus(state, { ...status, collector_id: 'one', waiting: 200 });
    const { completeUntilMs, sources } = await read('backlog');
    await writeIngestStatus(state, { ...status, collector_id: 'one', waiting: 0 });
    expect(sources[0]).toMatchObject({ state: 'behind', waiting: 200 });
    expect(iso(completeUntilMs)).toBe('2026-11-20T11:40:30.000Z');
  });

  test('is held back by what a collector has accepted and not even read, which any sender may have sent', async () => {
    await engine.clickhouse.insert('ingest_sources', [
      // What a process that died had counted and never said to be stored is not what waits now.
      ...everyMinute(60, 5, { project_id: 'unread', service: 'app' }).map((row, at) =>
        at === 3 ? { ...row, stored: 0 } : row,
      ),
      ...everyMinute(60, 0, { project_id: 'unread later', service: 'app' }),
    ]);
    const status = { acked: 600, stored: 550, rejected: {}, last_received_at: ago(0), collector_id: 'one' };
    const report = { ...quietReport, unreadSince: ago(4), unread: 50 };
    await writeIngestStatus(state, { ...status, at: ago(0), waiting: 50, report });
    const { completeUntilMs, sources } = await read('unread');
    // A collector that has been gone for days is not waited for.
    await writeIngestStatus(state, { ...status, at: ago(3 * 1440), waiting: 50, report });
    const later = await read('unread later');
    await writeIngestStatus(state, { ...status, at: ago(0), waiting: 0 });
    expect(sources[0]).toMatchObject({ state: 'behind', holds: true });
    expect(iso(completeUntilMs)).toBe('2026-11-20T11:55:30.000Z');
    expect(iso(later.completeUntilMs)).toBe('2026-11-20T12:00:00.000Z');
  });

  test('does not wait for the rest of a history that is imported', async () => {
    await engine.clickhouse.insert(
      'ingest_sources',
      everyMinute(3, 0, {
        project_id: 'import',
        service: 'app',
        delay_ms_sum: 10 * 86_400_000,
        delay_ms_max: 86_500_000,
      }),
    );
    const { completeUntilMs, sources } = await read('import');
    expect(sources[0]).toMatchObject({ state: 'behind', holds: false, usual_delay_ms: null });
    expect(iso(completeUntilMs)).toBe('2026-11-20T12:00:00.000Z');
  });
});
