import type { Tracer } from '@opentelemetry/api';
import type { Logger } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { logs, resources, tracing } from '@opentelemetry/sdk-node';
import { patientExporter } from './patient-exporter.ts';
import type { Random } from './random.ts';

/** One service of one environment and release, as its own OpenTelemetry resource. */
export interface Service {
  name: string;
  environment: string;
  release: string;
}

export interface Instruments {
  tracer: Tracer;
  logger: Logger;
}

export interface Telemetry {
  of(service: Service): Instruments;
  /** Spans and log records the receiver has acknowledged. */
  sent(): { spans: number; logs: number };
  /** Sends everything that is queued; resolves once the receiver has acknowledged it, rejects when it refused. */
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  /** `http://127.0.0.1:4318`, without a path. */
  otlpHttpUrl: string;
  key?: string | undefined;
  ids: Random;
  signal: AbortSignal;
}

/** Spans one service may hold before the SDK drops some; a caller that is faster flushes in between. */
const QUEUE_SIZE = 16_384;
const SCOPE = 'driftline.demo';
const EXPORT_TIMEOUT_MS = 15 * 60_000;

/** The usual SDK: batch processors in front of OTLP exporters over http/protobuf, one pair per service. */
export function startTelemetry({ otlpHttpUrl, key, ids, signal }: TelemetryOptions): Telemetry {
  const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
  const spanExporter = patientExporter(
    new OTLPTraceExporter({ url: `${otlpHttpUrl}/v1/traces`, headers }),
    signal,
  );
  const logExporter = patientExporter(
    new OTLPLogExporter({ url: `${otlpHttpUrl}/v1/logs`, headers }),
    signal,
  );
  const batch = {
    maxExportBatchSize: 1_024,
    maxQueueSize: QUEUE_SIZE,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  };
  const running = new Map<string, ReturnType<typeof startService>>();

  function startService(service: Service) {
    const resource = resources.resourceFromAttributes({
      'service.name': service.name,
      'service.version': service.release,
      'deployment.environment.name': service.environment,
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      'driftline.demo': true,
    });
    const spans = new tracing.BatchSpanProcessor(spanExporter, { scheduledDelayMillis: 500, ...batch });
    const records = new logs.BatchLogRecordProcessor({
      exporter: logExporter,
      scheduledDelayMillis: 500,
      ...batch,
    });
    const tracerProvider = new tracing.BasicTracerProvider({
      resource,
      spanProcessors: [spans],
      idGenerator: { generateTraceId: () => ids.hex(16), generateSpanId: () => ids.hex(8) },
    });
    const loggerProvider = new logs.LoggerProvider({ resource, processors: [records] });
    const instruments = { tracer: tracerProvider.getTracer(SCOPE), logger: loggerProvider.getLogger(SCOPE) };
    return { instruments, spans, records };
  }

  return {
    of(service) {
      const name = `${service.name}/${service.environment}/${service.release}`;
      let started = running.get(name);
      if (!started) {
        started = startService(service);
        running.set(name, started);
      }
      return started.instruments;
    },
    sent: () => ({ spans: spanExporter.sent(), logs: logExporter.sent() }),
    async flush() {
      for (const { spans, records } of running.values()) {
        // What fails here is told by settled() below, for both kinds and with what was attempted.
        await spans.forceFlush().catch(() => {});
        await records.forceFlush();
      }
      // A batch that a timer had already picked up is not part of the flushes above.
      await Promise.all([spanExporter.settled(), logExporter.settled()]);
    },
    async shutdown() {
      for (const { spans, records } of running.values())
        await Promise.all([spans.shutdown(), records.shutdown()]);
    },
  };
}
