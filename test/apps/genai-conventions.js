// A small assistant instrumented by hand after the OpenTelemetry GenAI conventions. Which exporter it uses is decided by
// the standard OTEL_* variables, as in any application that uses the Node SDK.
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';

const feature = process.env.APP_FEATURE;
const sdk = new NodeSDK();
sdk.start();
const tracer = trace.getTracer('checkout-assistant', '1.4.2');
const logger = logs.getLogger('checkout-assistant');

const message = (role, content) => ({ role, parts: [{ type: 'text', content }] });

/** Runs `work` inside a span and ends it. */
function inSpan(name, kind, attributes, work) {
  return tracer.startActiveSpan(name, { kind, attributes }, async span => {
    await work(span);
    span.end();
    return span;
  });
}

function chat(model, answer, usage) {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': model,
    'gen_ai.prompt.name': 'checkout-help',
    'gen_ai.prompt.version': 'v3',
    'gen_ai.input.messages': JSON.stringify([message('user', 'Où est ma commande ? 📦')]),
  };
  return inSpan(`chat ${model}`, SpanKind.CLIENT, attributes, span => {
    span.setAttributes({ 'gen_ai.response.model': model, ...usage });
    span.setAttribute(
      'gen_ai.output.messages',
      JSON.stringify([{ ...message('assistant', answer), finish_reason: 'stop' }]),
    );
  });
}

function evaluate(span, attributes) {
  logger.emit({
    eventName: 'gen_ai.evaluation.result',
    severityNumber: SeverityNumber.INFO,
    context: trace.setSpan(context.active(), span),
    attributes,
  });
}

const request = {
  'app.feature': feature,
  'user.id': 'u-17',
  'session.id': 's-99',
  'tenant.id': 'nordwind',
};
const root = await inSpan('POST /assistant', SpanKind.SERVER, request, async () => {
  await inSpan(
    'embeddings text-embedding-3-small',
    SpanKind.CLIENT,
    {
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'text-embedding-3-small',
      'gen_ai.usage.input_tokens': 12,
    },
    () => {},
  );
  const streamed = await chat('gpt-5-mini', 'Elle arrive demain.', {
    'gen_ai.response.id': `resp-${feature}-1`,
    'gen_ai.request.stream': true,
    'gen_ai.response.time_to_first_chunk': 0.25,
    'gen_ai.usage.input_tokens': 1_200,
    'gen_ai.usage.cache_read.input_tokens': 1_024,
    'gen_ai.usage.output_tokens': 300,
    'gen_ai.usage.reasoning.output_tokens': 192,
    'gen_ai.response.finish_reasons': ['stop'],
  });
  await inSpan(
    'execute_tool find_order',
    SpanKind.INTERNAL,
    {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'find_order',
      'gen_ai.tool.call.id': 'call_1',
    },
    () => {},
  );
  // An answer without usage: its tokens and cost are unknown, not zero.
  const silent = await chat('gpt-4o-mini', 'Autre chose ?', { 'gen_ai.response.id': `resp-${feature}-2` });
  await inSpan(
    'chat gpt-4o-mini',
    SpanKind.CLIENT,
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'error.type': '429',
    },
    span => span.setStatus({ code: SpanStatusCode.ERROR, message: 'rate limit reached' }),
  );
  evaluate(streamed, {
    'gen_ai.evaluation.name': 'helpfulness',
    'gen_ai.evaluation.score.value': 0,
    'gen_ai.evaluation.explanation': 'does not answer the question',
  });
  evaluate(silent, { 'gen_ai.evaluation.name': 'tone', 'gen_ai.evaluation.score.label': 'friendly' });
});

await sdk.shutdown();
console.log(JSON.stringify({ traceId: root.spanContext().traceId }));
