/** Where and how a sender reaches this server. */
export interface Target {
  /** Base address of OTLP over HTTP, e.g. `http://127.0.0.1:4318`. */
  otlpHttp: string;
  otlpGrpc: string;
  keyRequired: boolean;
}

export interface Snippet {
  /** What this block is for. */
  title: string;
  language: 'sh' | 'js' | 'python' | 'yaml';
  code: string;
}

export interface Sender {
  value: string;
  label: string;
  note: string;
  snippets: Snippet[];
}

const KEY = 'YOUR_INGEST_KEY';

/** Ways to send the first span, each complete: copied as it is, it works. */
export function sendersFor(target: Target): Sender[] {
  return [node(target), python(target), aiSdk(target), collector(target), curl(target)];
}

const environment = ({ otlpHttp, keyRequired }: Target): Snippet => ({
  title: 'Already instrumented? These variables are enough',
  language: 'sh',
  code: [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${otlpHttp}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    ...(keyRequired ? [`export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer ${KEY}"`] : []),
  ].join('\n'),
});

const ATTRIBUTES = [
  ['app.feature', '"my-first-feature"'],
  ['gen_ai.operation.name', '"chat"'],
  ['gen_ai.provider.name', '"openai"'],
  ['gen_ai.request.model', '"gpt-4o-mini"'],
  ['gen_ai.usage.input_tokens', '812'],
  ['gen_ai.usage.output_tokens', '96'],
] as const;

function node(target: Target): Sender {
  const headers = target.keyRequired ? `, headers: { authorization: 'Bearer ${KEY}' }` : '';
  const attributes = ATTRIBUTES.map(([name, value]) => `    '${name}': ${value.replaceAll('"', "'")},`);
  return {
    value: 'node',
    label: 'Node',
    note: 'Any OpenTelemetry instrumentation of an AI library works; this file sends one span by hand.',
    snippets: [
      environment(target),
      {
        title: 'Install',
        language: 'sh',
        code: 'npm install @opentelemetry/api @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto',
      },
      {
        title: 'first-span.mjs',
        language: 'js',
        code: `import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({
  serviceName: 'my-app',
  traceExporter: new OTLPTraceExporter({ url: '${target.otlpHttp}/v1/traces'${headers} }),
});
sdk.start();

trace.getTracer('my-app').startActiveSpan('chat gpt-4o-mini', span => {
  span.setAttributes({
${attributes.join('\n')}
  });
  span.end();
});
await sdk.shutdown();`,
      },
    ],
  };
}

function python(target: Target): Sender {
  const headers = target.keyRequired ? `, headers={"authorization": "Bearer ${KEY}"}` : '';
  const attributes = ATTRIBUTES.map(([name, value]) => `    "${name}": ${value},`);
  return {
    value: 'python',
    label: 'Python',
    note: 'Any OpenTelemetry instrumentation of an AI library works; this file sends one span by hand.',
    snippets: [
      environment(target),
      {
        title: 'Install',
        language: 'sh',
        code: 'pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http',
      },
      {
        title: 'first_span.py',
        language: 'python',
        code: `from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

exporter = OTLPSpanExporter(endpoint="${target.otlpHttp}/v1/traces"${headers})
provider = TracerProvider(resource=Resource.create({"service.name": "my-app"}))
provider.add_span_processor(BatchSpanProcessor(exporter))
trace.set_tracer_provider(provider)

with trace.get_tracer("my-app").start_as_current_span("chat gpt-4o-mini", attributes={
${attributes.join('\n')}
}):
    pass
provider.shutdown()`,
      },
    ],
  };
}

function aiSdk(target: Target): Sender {
  const headers = target.keyRequired ? `, headers: { authorization: 'Bearer ${KEY}' }` : '';
  return {
    value: 'ai-sdk',
    label: 'Vercel AI SDK',
    note: 'Telemetry is part of the SDK; switch it on for each call and name the feature.',
    snippets: [
      {
        title: 'Install',
        language: 'sh',
        code: 'npm install ai @ai-sdk/openai @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto',
      },
      {
        title: 'first-call.mjs (uses your OPENAI_API_KEY)',
        language: 'js',
        code: `import { openai } from '@ai-sdk/openai';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { generateText } from 'ai';

const sdk = new NodeSDK({
  serviceName: 'my-app',
  traceExporter: new OTLPTraceExporter({ url: '${target.otlpHttp}/v1/traces'${headers} }),
});
sdk.start();

const { text } = await generateText({
  model: openai('gpt-4o-mini'),
  prompt: 'Say hello.',
  experimental_telemetry: { isEnabled: true, functionId: 'my-first-feature' },
});
console.log(text);
await sdk.shutdown();`,
      },
    ],
  };
}

function collector({ otlpHttp, keyRequired }: Target): Sender {
  const headers = keyRequired ? `\n    headers:\n      authorization: "Bearer ${KEY}"` : '';
  return {
    value: 'collector',
    label: 'OpenTelemetry Collector',
    note: 'Add Driftline as one more exporter; everything you already send keeps going where it goes.',
    snippets: [
      {
        title: 'collector.yaml',
        language: 'yaml',
        code: `exporters:
  otlphttp/driftline:
    endpoint: ${otlpHttp}${headers}

service:
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [otlphttp/driftline]
    logs:
      receivers: [otlp]
      exporters: [otlphttp/driftline]`,
      },
    ],
  };
}

function curl({ otlpHttp, keyRequired }: Target): Sender {
  const header = keyRequired ? ` \\\n  -H 'authorization: Bearer ${KEY}'` : '';
  const attributes = ATTRIBUTES.map(([key, value]) => {
    const text = value.startsWith('"') ? `{"stringValue":${value}}` : `{"intValue":"${value}"}`;
    return `{"key":"${key}","value":${text}}`;
  });
  return {
    value: 'curl',
    label: 'curl',
    note: 'One span from the shell, to see that the way is open.',
    snippets: [
      {
        title: 'Send one span',
        language: 'sh',
        code: `NOW=$(date +%s)
TRACE=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')
SPAN=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')
curl ${otlpHttp}/v1/traces -H 'content-type: application/json'${header} -d @- <<JSON
{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my-app"}}]},
"scopeSpans":[{"spans":[{"traceId":"$TRACE","spanId":"$SPAN","name":"chat gpt-4o-mini","kind":3,
"startTimeUnixNano":"\${NOW}000000000","endTimeUnixNano":"\${NOW}812000000","attributes":[
${attributes.join(',\n')}]}]}]}]}
JSON`,
      },
    ],
  };
}
