// Requests as an application with the GenAI conventions sends them: traces of an agent, three chats and a tool call, of
// 15 to 30 attributes and about 1 KB a span. Encoded once; each send only writes new ids and times into the bytes.
import { randomBytes } from 'node:crypto';
import { signals } from '../../dist/collector/otlp/proto.js';

const SPANS_PER_TRACE = 5;
const models = [
  'gpt-4o-2024-08-06',
  'gpt-4o-mini-2024-07-18',
  'claude-sonnet-4-5-20250929',
  'gemini-2.5-flash',
];
const providers = ['openai', 'openai', 'anthropic', 'gcp.gemini'];
const features = ['support-bot', 'search-rag', 'summariser', 'code-review', 'translation', 'onboarding'];

/** A request of about `spans` spans; `service` names the sender. */
export function requestTemplate(spans, service, random) {
  const traces = Math.max(1, Math.round(spans / SPANS_PER_TRACE));
  const written = [];
  for (let trace = 0; trace < traces; trace++) {
    for (let span = 0; span < SPANS_PER_TRACE; span++) written.push(spanMessage(trace, span, random));
  }
  const { request } = signals.traces;
  const body = Buffer.from(
    request
      .encode({
        resourceSpans: [
          {
            resource: { attributes: keyValues(resourceOf(service)) },
            scopeSpans: [
              { scope: { name: '@opentelemetry/instrumentation-openai', version: '0.12.0' }, spans: written },
            ],
          },
        ],
      })
      .finish(),
  );
  return { body, spans: written.length, places: placesIn(body, traces) };
}

/** Makes every span of the template a new one that ended just now. */
export function renew({ body, places }, nowMs) {
  for (const trace of places) {
    const id = randomBytes(16 + 8 * SPANS_PER_TRACE);
    for (const at of trace.traceIds) id.copy(body, at, 0, 16);
    trace.spanIds.forEach((at, index) => {
      for (const place of at) id.copy(body, place, 16 + 8 * index, 24 + 8 * index);
    });
    trace.times.forEach((at, index) => {
      const startNs = BigInt(nowMs - 4_000 + index * 500) * 1_000_000n;
      body.writeBigUInt64LE(startNs, at.start);
      body.writeBigUInt64LE(startNs + BigInt(index === 0 ? 3_900 : 450) * 1_000_000n, at.end);
    });
  }
  return body;
}

function resourceOf(service) {
  return {
    'service.name': service,
    'service.version': '2026.11.3',
    'deployment.environment.name': 'production',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': '2.2.0',
    'host.name': 'ip-10-0-41-17',
    'process.pid': 4711,
    'process.runtime.name': 'nodejs',
  };
}

function spanMessage(trace, span, random) {
  const pick = list => list[Math.floor(random() * list.length)];
  const index = Math.floor(random() * models.length);
  const about = { 'app.feature': features[trace % features.length], 'tenant.id': `tenant-${trace % 40}` };
  const message = {
    traceId: marker(0x54, trace, 0, 16),
    spanId: marker(0x53, trace, span, 8),
    startTimeUnixNano: timeMarker(0x41, trace, span),
    endTimeUnixNano: timeMarker(0x45, trace, span),
    kind: span === 0 ? 1 : 3,
    status: { code: 0 },
  };
  if (span > 0) message.parentSpanId = marker(0x53, trace, 0, 8);
  if (span === 0) {
    return {
      ...message,
      name: `invoke_agent ${about['app.feature']}`,
      attributes: keyValues(agent(about, random)),
    };
  }
  if (span === SPANS_PER_TRACE - 1) {
    return { ...message, name: 'execute_tool search_orders', attributes: keyValues(tool(random)) };
  }
  return { ...message, name: `chat ${models[index]}`, attributes: keyValues(chat(index, random, pick)) };
}

const agent = (about, random) => ({
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.provider.name': 'openai',
  'gen_ai.agent.name': about['app.feature'],
  'gen_ai.agent.id': 'asst_5j66UpCpwteGg4YSxUnt7lPY',
  'gen_ai.agent.version': '14',
  'gen_ai.conversation.id': hex(random, 32),
  'user.id': `user-${Math.floor(random() * 20_000)}`,
  'http.request.method': 'POST',
  'http.route': '/v1/assistants/:id/messages',
  'url.path': '/v1/assistants/17/messages',
  'http.response.status_code': 200,
  'network.protocol.version': '1.1',
  'user_agent.original':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
  'server.address': 'assistants.internal.example',
  ...about,
});

const tool = random => ({
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': 'search_orders',
  'gen_ai.tool.type': 'function',
  'gen_ai.tool.call.id': `call_${hex(random, 24)}`,
  'gen_ai.tool.description':
    'Looks up orders of the signed-in customer by number, date range or status, newest first',
  'db.system.name': 'postgresql',
  'db.namespace': 'shop',
  'db.operation.name': 'SELECT',
  'db.collection.name': 'orders',
  'db.query.text':
    'SELECT id, status, placed_at, total_cents FROM orders WHERE customer_id = $1 AND placed_at > $2 LIMIT 20',
  'server.address': 'orders-db.internal.example',
  'server.port': 5432,
  'network.peer.address': '10.0.41.9',
  'network.peer.port': 5432,
  'code.function.name': 'OrderTools.searchOrders',
});

const chat = (index, random, pick) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': providers[index],
  'gen_ai.request.model': models[index],
  'gen_ai.response.model': models[index],
  'gen_ai.response.id': `chatcmpl-${hex(random, 29)}`,
  'gen_ai.request.temperature': 0.2,
  'gen_ai.request.top_p': 0.95,
  'gen_ai.request.max_tokens': 1024,
  'gen_ai.request.seed': 42,
  'gen_ai.request.choice.count': 1,
  'gen_ai.output.type': 'text',
  'gen_ai.response.finish_reasons': ['stop'],
  'gen_ai.usage.input_tokens': 400 + Math.floor(random() * 4_000),
  'gen_ai.usage.output_tokens': 20 + Math.floor(random() * 600),
  'gen_ai.usage.cache_read.input_tokens': Math.floor(random() * 400),
  'gen_ai.conversation.id': hex(random, 32),
  'gen_ai.prompt.name': pick(['answer', 'plan', 'rewrite']),
  'gen_ai.prompt.version': pick(['12', '13']),
  'openai.request.service_tier': 'default',
  'openai.response.service_tier': 'default',
  'openai.response.system_fingerprint': 'fp_a7d06e42a7',
  'server.address': 'api.openai.com',
  'server.port': 443,
});

function keyValues(attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value) {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === 'string') return { stringValue: value };
  return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
}

function hex(random, length) {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

// Placeholders that occur nowhere else in the bytes, to find where ids and times stand.
function marker(kind, trace, span, bytes) {
  const id = Buffer.alloc(bytes, kind);
  id.writeUInt32BE(trace + 1, bytes - 6);
  id.writeUInt16BE(span + 1, bytes - 2);
  return id;
}

const timeMarker = (kind, trace, span) => marker(kind, trace, span, 8).readBigUInt64LE(0).toString();

function placesIn(body, traces) {
  return Array.from({ length: traces }, (_, trace) => ({
    traceIds: all(body, marker(0x54, trace, 0, 16)),
    spanIds: range(span => all(body, marker(0x53, trace, span, 8))),
    times: range(span => ({
      start: body.indexOf(marker(0x41, trace, span, 8)),
      end: body.indexOf(marker(0x45, trace, span, 8)),
    })),
  }));
}

const range = make => Array.from({ length: SPANS_PER_TRACE }, (_, index) => make(index));

function all(body, bytes) {
  const found = [];
  for (let at = body.indexOf(bytes); at >= 0; at = body.indexOf(bytes, at + 1)) found.push(at);
  return found;
}
