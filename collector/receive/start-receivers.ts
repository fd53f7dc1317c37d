import type { CollectorLog } from '../hooks.ts';
import { type BodyLimits, defaultBodyLimits } from './body.ts';
import { ByteBudget } from './byte-budget.ts';
import { type ConnectionLimits, Connections, defaultConnectionLimits } from './connections.ts';
import { startGrpcReceiver } from './grpc.ts';
import {
  defaultTimeouts,
  type Receiver,
  type ReceiverOptions,
  type ReceiverTimeouts,
  startHttpReceiver,
} from './http.ts';
import type { Receive } from './intake.ts';
import { KeyLimits, keyLimitOf } from './key-limits.ts';
import type { Refused } from './refusal.ts';
import type { Authorize } from './sender.ts';

/** What senders may ask of us. */
export interface ReceiveSettings {
  body: Partial<BodyLimits>;
  connections: Partial<ConnectionLimits>;
  timeouts: Partial<ReceiverTimeouts>;
  /** Of each ingest key, and twice as much at once; null limits nobody. */
  keyBytesPerS: number | null;
  /** Bytes of all bodies in memory at once. */
  maxInFlightBytes: number;
  /** Later than this a request is answered with 503. */
  ackTimeoutMs: number;
}

export interface ReceiversOptions {
  host: string;
  httpPort: number;
  grpcPort: number;
  receive: Receive;
  authorize: Authorize;
  onRefused: (refused: Refused) => void;
  settings: ReceiveSettings;
  log: CollectorLog;
  now: () => number;
}

export interface Receivers {
  httpPort: number;
  grpcPort: number;
  /** Stops taking requests and waits for those under way. */
  stop(): Promise<void>;
}

/** Starts OTLP over HTTP and over gRPC behind one set of limits. Rejects when a port is taken; then neither runs. */
export async function startReceivers(options: ReceiversOptions): Promise<Receivers> {
  const { settings, onRefused, now } = options;
  const connectionLimits = { ...defaultConnectionLimits, ...settings.connections };
  const refuseConnection = (reason: string, message: string) =>
    onRefused({ signal: null, projectId: null, reason, message });
  const shared: Omit<ReceiverOptions, 'port'> = {
    ...options,
    gate: {
      budget: new ByteBudget(settings.maxInFlightBytes),
      keyLimits: new KeyLimits(settings.keyBytesPerS === null ? null : keyLimitOf(settings.keyBytesPerS)),
      now,
    },
    connections: new Connections(connectionLimits, refuseConnection),
    ackTimeoutMs: settings.ackTimeoutMs,
    limits: { ...defaultBodyLimits, ...settings.body },
    timeouts: { ...defaultTimeouts, ...settings.timeouts },
  };
  const http = await startHttpReceiver({ ...shared, port: options.httpPort });
  let grpc: Receiver;
  try {
    grpc = await startGrpcReceiver({ ...shared, port: options.grpcPort });
  } catch (error) {
    await http.stop();
    throw error;
  }
  return {
    httpPort: http.port,
    grpcPort: grpc.port,
    async stop() {
      await Promise.all([http.stop(), grpc.stop()]);
    },
  };
}
