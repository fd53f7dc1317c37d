import type { Dialect, Role } from './facts.ts';
import { placeOf } from './places.ts';
import { entry, firstText, type Reading, sources } from './reading.ts';

/** `gen_ai.operation.name` of G, N, T, O and V7. */
const byOperation: Record<string, Role> = {
  chat: 'model_call',
  generate_content: 'model_call',
  text_completion: 'model_call',
  completion: 'model_call',
  embeddings: 'embedding',
  rerank: 'rerank',
  retrieval: 'retrieval',
  execute_tool: 'tool',
  tool: 'tool',
  invoke_agent: 'agent',
  create_agent: 'agent',
  agent: 'agent',
  invoke_workflow: 'workflow',
  plan: 'workflow',
  handle_conversation_turn: 'workflow',
  workflow: 'workflow',
  task: 'workflow',
  agent_step: 'workflow',
  'guardrail.run': 'evaluation',
  search_memory: 'memory',
  create_memory: 'memory',
  update_memory: 'memory',
  upsert_memory: 'memory',
  delete_memory: 'memory',
  create_memory_store: 'memory',
  delete_memory_store: 'memory',
};

/** `llm.request.type` of older T. */
const byRequestType: Record<string, Role> = {
  chat: 'model_call',
  completion: 'model_call',
  embedding: 'embedding',
  rerank: 'rerank',
};

/** `traceloop.span.kind` of T without an operation name. */
const byTraceloopKind: Record<string, Role> = {
  tool: 'tool',
  agent: 'agent',
  workflow: 'workflow',
  task: 'workflow',
};

/** `openinference.span.kind` of I. */
const byOpenInferenceKind: Record<string, Role> = {
  LLM: 'model_call',
  EMBEDDING: 'embedding',
  RERANKER: 'rerank',
  RETRIEVER: 'retrieval',
  TOOL: 'tool',
  AGENT: 'agent',
  CHAIN: 'workflow',
  PROMPT: 'workflow',
  EVALUATOR: 'evaluation',
  GUARDRAIL: 'evaluation',
};

/** `langfuse.observation.type` of L. */
const byObservationType: Record<string, Role> = {
  generation: 'model_call',
  embedding: 'embedding',
  retriever: 'retrieval',
  tool: 'tool',
  agent: 'agent',
  span: 'workflow',
  chain: 'workflow',
  event: 'workflow',
  evaluator: 'evaluation',
  guardrail: 'evaluation',
};

/** How `ai.operationId` of V ends or reads; anything else is an outer span. */
const byOperationId: readonly [RegExp, Role][] = [
  [/\.do(Generate|Stream)$/, 'model_call'],
  [/\.doEmbed$/, 'embedding'],
  [/\.doRerank$/, 'rerank'],
  [/^ai\.toolCall$/, 'tool'],
];

const operationName = placeOf('gen_ai.operation.name');
const requestType = placeOf('llm.request.type');
const traceloopKind = placeOf('traceloop.span.kind');
const openInferenceKind = placeOf('openinference.span.kind');
const operationId = placeOf('ai.operationId');
const observationType = placeOf('langfuse.observation.type');
const observationModel = placeOf('langfuse.observation.model.name');
const requestModel = placeOf('gen_ai.request.model');

const operation = sources('gen_ai.operation.name', 'llm.request.type', 'ai.operationId');

/** The ledger's own word where a role has only one. */
const operationOf: Partial<Record<Role, string>> = {
  model_call: 'chat',
  embedding: 'embeddings',
  rerank: 'rerank',
};

/** What part a span plays; `other` when it speaks GenAI but does not say, empty for a plain span. */
export function roleOf(reading: Reading): Role {
  const { values } = reading;
  switch (reading.dialect) {
    case '':
      return '';
    case 'openinference':
      return entry(byOpenInferenceKind, values[openInferenceKind]?.toUpperCase()) ?? 'other';
    case 'vercel_ai':
      return vercelRole(values[operationId] ?? '');
    case 'langfuse':
      return langfuseRole(reading);
    default:
      return conventionsRole(reading);
  }
}

/** `chat`, `text_completion`, `generate_content`, `embeddings` or `rerank` for calls, else as sent. */
export function operationFor(reading: Reading, role: Role): string | undefined {
  const sent = firstText(reading, operation);
  if (role === 'model_call') return callOperation(sent);
  return operationOf[role] ?? sent;
}

function callOperation(sent: string | undefined): string {
  if (sent === 'text_completion' || sent === 'completion') return 'text_completion';
  return sent === 'generate_content' ? sent : 'chat';
}

function conventionsRole(reading: Reading): Role {
  const { values, dialect } = reading;
  const named = values[operationName];
  if (named) return entry(byOperation, named) ?? 'other';
  const kind = entry(byTraceloopKind, values[traceloopKind]);
  const requested = entry(byRequestType, values[requestType]);
  return requested ?? kind ?? (isUnnamedCall(reading, dialect) ? 'model_call' : 'other');
}

// Conventions 1.26 had model-call spans but no operation name yet: a client span that names a request model.
function isUnnamedCall(reading: Reading, dialect: Dialect): boolean {
  return dialect !== '' && reading.span.kind === 'client' && reading.values[requestModel] !== undefined;
}

function vercelRole(id: string): Role {
  for (const [pattern, role] of byOperationId) if (pattern.test(id)) return role;
  return 'workflow';
}

// The OpenAI wrapper of Langfuse sends embeddings as `generation`.
function langfuseRole({ values }: Reading): Role {
  const role = entry(byObservationType, values[observationType]) ?? 'other';
  const model = values[observationModel] ?? '';
  return role === 'model_call' && /embed/i.test(model) ? 'embedding' : role;
}
