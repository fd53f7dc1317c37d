import { describe, expect, test } from 'vitest';
import { redactionKinds } from '#contract/privacy.ts';
import { createRedactor, type Redactor, redactNothing } from '#store/redact/redactor.ts';
import { readScenarios } from '../../test/support/captures.ts';
import { mutated, smallRequests } from '../../test/support/mutated-request.ts';
import { seeded } from '../../test/support/seeded.ts';
import { jsonToProtobuf } from '../otlp/json.ts';
import { allSteps, type DecodeContext } from '../otlp/request.ts';
import { readTraces } from '../otlp/traces.ts';
import { MalformedBody } from '../otlp/wire.ts';
import { redactRequest } from '../redact/request.ts';
import { describeOneSpan } from '../settle/described.ts';
import { scanTraces } from './scan-traces.ts';
import { spanVerdicts } from './verdicts.ts';

const ctx: DecodeContext = {
  projectId: 'default',
  receivedAtMs: Date.UTC(2026, 10, 21),
  retentionDays: 90,
};

const redactors: Record<string, () => Redactor> = {
  'all kinds': () => createRedactor({ redact: [...redactionKinds], custom: [] }, Buffer.from('key')),
  'a pattern of the user': () =>
    createRedactor(
      { redact: [...redactionKinds], custom: [{ name: 'account', pattern: 'acme-\\d+' }] },
      Buffer.from('key'),
    ),
  nothing: () => redactNothing,
};

const captures = readScenarios()
  .flatMap(({ name, bodies }) => bodies.map(body => ({ name, ...body })))
  .filter(({ signal }) => signal === 'traces')
  .map(({ name, encoding, body }) => ({
    name,
    body: encoding === 'json' ? jsonToProtobuf('traces', body) : body,
  }));

const small = captures
  .flatMap(({ body }) => smallRequests('traces', body))
  .filter(one => one.length < 20_000);

const { DRIFTLINE_TEST_SEED = '20261121', DRIFTLINE_TEST_RUNS = '100' } = process.env;
const perBatch = 30;

const scan = (body: Uint8Array, redactor: Redactor, capturesContent: boolean) =>
  allSteps(scanTraces(body, redactor, ctx, capturesContent));

type Changed = 'redacted' | 'rejected' | 'stripped' | 'malformed';

/** The number of spans when the long way leaves the request as it is; otherwise what it does about it. */
function longWay(body: Uint8Array, redactor: Redactor, captureContent: boolean): number | Changed {
  try {
    const redacted = allSteps(redactRequest('traces', body, redactor));
    if (redacted !== body) return 'redacted';
    const { spans, rejected, refused } = allSteps(readTraces(redacted, ctx));
    if (rejected.length > 0) return 'rejected';
    if (captureContent) return spans.length;
    const described = spans.map(span => describeOneSpan(span, { captureContent, mapping: undefined }));
    return spanVerdicts(spans, described, refused) === null ? spans.length : 'stripped';
  } catch (error) {
    if (error instanceof MalformedBody) return 'malformed';
    throw error;
  }
}

describe.each([true, false])('content captured: %s', capturesContent => {
  test.each(Object.keys(redactors))('recorded requests stay whenever the long way leaves them: %s', kind => {
    const [redactor, other] = [redactors[kind]!(), redactors[kind]!()];
    // The second time with what was remembered from the first.
    for (let round = 0; round < 2; round++) {
      const found = captures.map(({ name, body }) => ({
        name,
        stays: scan(body, redactor, capturesContent),
      }));
      const expected = captures.map(({ name, body }) => {
        const outcome = longWay(body, other, capturesContent);
        return { name, stays: typeof outcome === 'number' ? outcome : null };
      });
      expect(found).toEqual(expected);
      // With content off most SDKs' requests have some that must go.
      expect(found.filter(({ stays }) => stays !== null)).toHaveLength(capturesContent ? 35 : 7);
    }
  });

  test.each(Object.keys(redactors))('mutated requests stay only when the long way leaves them: %s', kind => {
    const random = seeded(Number(DRIFTLINE_TEST_SEED) + Number(capturesContent));
    const oracle = redactors[kind]!;
    const clean = small.filter(body => scan(body, oracle(), capturesContent) !== null);
    const seen = { stays: 0, slow: 0, redacted: 0, rejected: 0, stripped: 0, malformed: 0 };
    for (let batch = 0; batch < Number(DRIFTLINE_TEST_RUNS) / 4; batch++) {
      // What one redactor remembers is nothing to another: within a batch the scan remembers, and the long way does not.
      const redactor = oracle();
      const scanned = Array.from({ length: perBatch }, () => {
        const body = mutated('traces', random.pick(clean), random, ctx.receivedAtMs);
        return { body, found: scan(body, redactor, capturesContent) };
      });
      for (const { body, found } of scanned) {
        // Whatever it is, a null is right.
        if (found === null && random.integer(2) > 0) continue;
        const outcome = longWay(body, oracle(), capturesContent);
        if (found !== null) expect(found, body.toString('hex')).toBe(outcome);
        if (typeof outcome === 'number') seen[found === null ? 'slow' : 'stays']++;
        else seen[outcome]++;
      }
    }
    // The mutations go both ways, and the scan is no stricter than it has to be.
    expect(seen.stays).toBeGreaterThan(100);
    expect(seen.slow).toBeLessThan(seen.stays / 2);
    for (const outcome of ['rejected', 'malformed'] as const) expect(seen[outcome]).toBeGreaterThan(0);
    expect(seen.redacted > 0).toBe(kind !== 'nothing');
    expect(seen.stripped > 0).toBe(!capturesContent);
  });

  test('requests of the ingest benchmark stay', async () => {
    const path = new URL('../../test/bench/request-template.js', import.meta.url).href;
    const { requestTemplate, renew } = (await import(path)) as BenchRequests;
    const template = requestTemplate(300, 'support-bot', seeded(7).next);
    const body = renew(template, ctx.receivedAtMs);
    expect(scan(body, redactors['all kinds']!(), capturesContent)).toBe(300);
  });
});

interface Template {
  body: Buffer;
}
interface BenchRequests {
  requestTemplate: (spans: number, service: string, random: () => number) => Template;
  renew: (template: Template, nowMs: number) => Buffer;
}
