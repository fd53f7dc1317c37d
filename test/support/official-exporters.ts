import { Metadata } from '@grpc/grpc-js';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtoMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { logs, metrics, resources, tracing } from '@opentelemetry/sdk-node';

export const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;
export type Protocol = (typeof protocols)[number];

const exporters = {
  traces: { 'http/protobuf': ProtoTraces, 'http/json': JsonTraces, grpc: GrpcTraces },
  logs: { 'http/protobuf': ProtoLogs, 'http/json': JsonLogs, grpc: GrpcLogs },
  metrics: { 'http/protobuf': ProtoMetrics, 'http/json': JsonMetrics, grpc: GrpcMetrics },
};
export type ExportedSignal = keyof typeof exporters;
export const exportedSignals = Object.keys(exporters) as ExportedSignal[];

/** The part of an exporter that its SDK calls; code 0 is success. */
interface Exporter<Items> {
  export(items: Items, done: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

export interface Target {
  otlpHttp: string;
  /** `host:port`. */
  otlpGrpc: string;
  key?: string;
  /** When an export is given up, repeats included; 10 s when left out. */
  timeoutMillis?: number;
}

/** `count` items of a signal, each of its own trace or time series, as the SDK hands them to an exporter. */
export async function itemsOf(signal: ExportedSignal, service: string, count: number): Promise<unknown> {
  const resource = resources.resourceFromAttributes({ 'service.name': service });
  if (signal === 'traces') {
    const memory = new tracing.InMemorySpanExporter();
    const spanProcessors = [new tracing.SimpleSpanProcessor(memory)];
    const tracer = new tracing.BasicTracerProvider({ resource, spanProcessors }).getTracer('conformance');
    for (let i = 0; i < count; i++) tracer.startSpan(`chat ${i}`, { root: true }).end();
    return memory.getFinishedSpans();
  }
  if (signal === 'logs') {
    const memory = new logs.InMemoryLogRecordExporter();
    const processors = [new logs.SimpleLogRecordProcessor({ exporter: memory })];
    const logger = new logs.LoggerProvider({ resource, processors }).getLogger('conformance');
    for (let i = 0; i < count; i++) logger.emit({ body: `line ${i}`, eventName: 'conformance' });
    return memory.getFinishedLogRecords();
  }
  const memory = new metrics.InMemoryMetricExporter(metrics.AggregationTemporality.DELTA);
  const reader = new metrics.PeriodicExportingMetricReader({
    exporter: memory,
    exportIntervalMillis: 3_600_000,
  });
  const provider = new metrics.MeterProvider({ resource, readers: [reader] });
  const counter = provider.getMeter('conformance').createCounter('requests');
  for (let i = 0; i < count; i++) counter.add(1, { i });
  await reader.forceFlush();
  const [collected] = memory.getMetrics();
  await provider.shutdown();
  return collected;
}

/** Exports once with the official exporter and its own idea of retrying; resolves to whether it says it succeeded. */
export async function exportOnce(
  signal: ExportedSignal,
  protocol: Protocol,
  items: unknown,
  { otlpHttp, otlpGrpc, key, timeoutMillis }: Target,
): Promise<boolean> {
  const authorization = `Bearer ${key}`;
  const metadata = new Metadata();
  if (key) metadata.set('authorization', authorization);
  const address =
    protocol === 'grpc'
      ? { url: `http://${otlpGrpc}`, metadata }
      : { url: `${otlpHttp}/v1/${signal}`, ...(key && { headers: { authorization } }) };
  const options = { ...address, ...(timeoutMillis && { timeoutMillis }) };
  const exporter = new exporters[signal][protocol](options) as Exporter<unknown>;
  try {
    return await new Promise<boolean>(resolve => {
      exporter.export(items, ({ code }) => resolve(code === 0));
    });
  } finally {
    await exporter.shutdown();
  }
}
