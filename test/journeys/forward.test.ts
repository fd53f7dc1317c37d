import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freeLoopbackPort } from '#store/engine/free-port.ts';
import type { CapturedBody } from '../support/captures.ts';
import { type Driftline, eventually, startDriftline } from '../support/driftline.ts';
import { chatSpan, jsonBody, otlpSpan, traceRequest } from '../support/generated-spans.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { seeded } from '../support/seeded.ts';
import { sendStubbornly } from '../support/stubborn-sender.ts';

const random = seeded(20_261_121);
const secret = 'the answer nobody may keep';
let driftline: Driftline;
let receiver: OtlpReceiver;
beforeAll(async () => {
  // A port that nobody is given while it is closed.
  receiver = await startOtlpReceiver(await freeLoopbackPort());
  const { port, url } = receiver;
  await receiver.stop();
  driftline = await startDriftline({
    DRIFTLINE_FORWARD_URL: url,
    DRIFTLINE_FORWARD_HEADERS: 'x-team=payments',
    DRIFTLINE_CAPTURE_CONTENT: 'off',
    DRIFTLINE_LOG_LEVEL: 'warn',
  });
  receiver.port = port;
});
afterAll(async () => {
  await receiver.stop();
  await driftline.stop();
});

const spanIds: string[] = [];

/** One request of a few calls, some with a text that must not be kept. */
function request(): CapturedBody {
  const traceId = random.hex(16);
  const spans = Array.from({ length: 4 }, (_, n) => {
    const spanId = random.hex(8);
    spanIds.push(spanId);
    return otlpSpan(chatSpan(traceId, spanId, 'chat', n === 0 ? { 'gen_ai.output.messages': secret } : {}));
  });
  return jsonBody('forwarded', traceRequest(spans));
}

const requests = (count: number) => Array.from({ length: count }, request);
const send = (bodies: CapturedBody[], onAcknowledged = () => {}) =>
  sendStubbornly(bodies, {
    endpoint: () => driftline.otlpHttp,
    random,
    lanes: 4,
    pauseMs: 5,
    onAcknowledged,
  });

/** kill -9, once there is one: the supervisor may still be starting the next. */
async function killCollector(): Promise<void> {
  const attempt = async () => {
    try {
      driftline.kill('collector');
      return true;
    } catch {
      return false;
    }
  };
  await eventually(attempt, killed => killed);
}

test('every acknowledged span reaches the other backend, whatever it answers and whoever is killed', async () => {
  // Nobody listens there, and senders do not notice.
  expect(await send(requests(100))).toBe(100);

  receiver = await startOtlpReceiver(receiver.port);
  const moods = [503, 429, 200, 502, 200, 200] as const;
  receiver.answers = async () => {
    await sleep(random.integer(60));
    return random.pick(moods);
  };
  let acknowledged = 0;
  const kills: Promise<void>[] = [];
  const sending = send(requests(300), () => {
    acknowledged += 1;
    // While there is still much to send.
    if (acknowledged === 60 || acknowledged === 150) kills.push(killCollector());
  });
  expect(await sending).toBeGreaterThan(300);
  await Promise.all(kills);
  await driftline.killAll();
  await driftline.restart();
  receiver.answers = () => 200;

  const missing = () => {
    const arrived = receiver.spanIds();
    return spanIds.filter(id => !arrived.has(id));
  };
  await eventually(
    async () => missing().length,
    count => count === 0,
  );
  expect(missing()).toEqual([]);
  const text = JSON.stringify(receiver.taken.map(({ message }) => message));
  expect(text).not.toContain(secret);
  expect(text).not.toMatch(/driftline\.(facts|flags|scores)/);
  expect(receiver.taken[0]!.headers['x-team']).toBe('payments');
});

test('a record that is refused for good is dropped alone, and people are told', async () => {
  const [bad, good] = requests(2);
  const badIds = new Set(spanIds.slice(-8, -4));
  receiver.answers = ({ spanIds: ids }) => (ids.some(id => badIds.has(id)) ? 400 : 200);
  await send([bad!, good!]);
  await eventually(
    async () => spanIds.slice(-4).filter(id => !receiver.spanIds().has(id)).length,
    count => count === 0,
  );
  const { problems } = await eventually(
    () => driftline.get<{ problems: { id: string; title: string }[] }>('/api/v1/ingest'),
    seen => seen.problems.some(({ id }) => id.endsWith('forward-refused')),
  );
  expect(problems.find(({ id }) => id.endsWith('forward-refused'))!.title).toContain('refused 4 spans');
});
