import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { TraceDetail } from '#contract/trace.ts';
import { leakProbe } from '../../doctor/leak-probe/probe.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { chatSpan, jsonBody, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { send } from '../support/otlp-requests.ts';
import { seeded } from '../support/seeded.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

async function doctor(...flags: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [main, 'doctor', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // Not `exit`, which comes before the last of what it said.
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

const plainAddress = 'ada@example.com';
const random = seeded(4);

/** What becomes of an e-mail address that is sent now. */
async function sentAndStored({ otlpHttp, get }: Driftline): Promise<string | undefined> {
  const traceId = random.hex(16);
  const span = chatSpan(traceId, random.hex(8), 'probe', { 'app.note': plainAddress });
  await send(otlpHttp, jsonBody('an address', traceRequest([otlpSpan(span)])));
  const { spans } = await eventually(
    () => get<TraceDetail>(`/api/v1/traces/${traceId}`),
    trace => trace.spans.length > 0,
  );
  return spans[0]!.attributes['app.note'];
}

test('no planted value gets to the disk, whatever way it comes in', async () => {
  const { code, said } = await doctor('--leak-probe', '--values', '450');
  expect(said).toMatch(/control: (\d+) of \1 harmless markers are in the tables/);
  expect(said).toMatch(/control: ([1-9]\d*) of \1 requests were seen in the write-ahead log/);
  expect(said.trim().split('\n').at(-1), said).toBe('0 of 450 planted values found');
  expect(code).toBe(0);
});

test('without redaction the probe finds what it planted, and settings that are saved hold without a restart', async () => {
  const driftline = await startDriftline({ DRIFTLINE_CAPTURE_CONTENT: 'on' });
  try {
    const save = (redact: string[]) =>
      fetch(`${driftline.url}/api/v1/privacy`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ privacy: { capture_content: 'on', redact, custom: [] } }),
      });
    expect((await save([])).status).toBe(200);
    // The collector looks again every two seconds, and holds to it then.
    await eventually(
      () => sentAndStored(driftline),
      address => address === plainAddress,
    );
    const { leaks } = await leakProbe({
      target: driftline,
      dataDir: driftline.dataDir,
      values: 450,
      draw: seeded(3).integer,
      report: () => {},
    });
    expect(new Set(leaks.map(({ kind }) => kind)).size).toBe(7);
    expect(leaks.length).toBeGreaterThan(350);
    expect(leaks.some(({ places }) => places.some(place => place.startsWith('write-ahead log')))).toBe(true);
    const tables = new Set(leaks.flatMap(({ places }) => places));
    for (const name of ['spans', 'contents', 'logs', 'scores', 'rejects', 'metrics']) {
      expect(tables).toContain(`table driftline.${name}`);
    }
  } finally {
    await driftline.stop();
  }
});

test('the doctor says what is there, and ends with 1 when something is missing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-doctor-'));
  try {
    const fine = await doctor('--data-dir', folder);
    expect(fine.said).toContain(`data folder: ${folder}`);
    expect(fine.said).toContain('engine: embedded');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const broken = await doctor('--data-dir', join(file, 'data'));
    expect(broken.said).toContain(`FAILED  data folder: ${file} is not writable`);
    expect(broken.code).toBe(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
