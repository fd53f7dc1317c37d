import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CollectorLog } from '#collector/hooks.ts';
import { createIntake } from '#collector/receive/intake.ts';
import type { Refused } from '#collector/receive/refusal.ts';
import type { Authorize } from '#collector/receive/sender.ts';
import { type Receivers, type ReceiveSettings, startReceivers } from '#collector/receive/start-receivers.ts';
import { openWal } from '#collector/wal/wal.ts';

export interface TestReceivers extends Receivers {
  httpUrl: string;
  grpcUrl: string;
  /** Everything that was refused whole. */
  refused: Refused[];
  /** What was logged as an error. */
  errors: { message: string; fields: object }[];
  /** Spans and records acknowledged. */
  acked(): number;
  stop(): Promise<void>;
}

interface TestReceiversOptions {
  settings?: Partial<ReceiveSettings>;
  authorize?: Authorize;
  now?: () => number;
  maxItems?: number;
  /** In place of writing to the log: what goes wrong there. */
  fail?: () => Promise<never>;
}

/** Both receivers and the whole way from them to a synced write-ahead log, without the store behind it. */
export async function startTestReceivers(options: TestReceiversOptions = {}): Promise<TestReceivers> {
  const dir = mkdtempSync(join(tmpdir(), 'driftline-receivers-'));
  const { now = Date.now, fail } = options;
  const refused: Refused[] = [];
  const errors: TestReceivers['errors'] = [];
  const log: CollectorLog = {
    info() {},
    warn() {},
    error: (fields, message) => errors.push({ message, fields }),
  };
  const { wal } = await openWal({ dir, log, crashPoint: () => {} });
  let acked = 0;
  const receive = createIntake({
    room: async () => {},
    append: record => (fail ? fail() : wal.append(record)),
    accept: (record, position) => {
      acked += record.items;
      wal.release(position.segment);
    },
    onRejected: () => {},
    readingFor: () => ({ captureContent: true, mapping: undefined }),
    retentionDays: 90,
    maxItems: options.maxItems ?? 20_000,
    maxBytes: 64 * 2 ** 20,
    now,
  });
  const receivers = await startReceivers({
    host: '127.0.0.1',
    httpPort: 0,
    grpcPort: 0,
    receive,
    authorize: options.authorize ?? (() => ({ projectId: 'default', keyId: null })),
    onRefused: one => refused.push(one),
    settings: {
      body: {},
      connections: {},
      timeouts: {},
      keyBytesPerS: null,
      maxInFlightBytes: 256 * 2 ** 20,
      ackTimeoutMs: 60_000,
      ...options.settings,
    },
    log,
    now,
  });
  return {
    ...receivers,
    httpUrl: `http://127.0.0.1:${receivers.httpPort}`,
    grpcUrl: `127.0.0.1:${receivers.grpcPort}`,
    refused,
    errors,
    acked: () => acked,
    async stop() {
      await receivers.stop();
      await wal.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
