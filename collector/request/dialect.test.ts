import { expect, test } from 'vitest';
import { aSpan } from '../../test/support/telemetry.ts';
import type { Dialect } from './facts.ts';
import { readSpan } from './reading.ts';
import { operationFor, roleOf } from './role.ts';

const scope = (name: string) => ({ name, version: '' });
const resource = { ...aSpan().resource, attributes: { 'telemetry.sdk.name': 'openlit' } };

test.each<[Dialect, Parameters<typeof aSpan>[0]]>([
  ['langfuse', { attributes: { 'langfuse.observation.type': 'span', 'openinference.span.kind': 'LLM' } }],
  ['openinference', { attributes: { 'openinference.span.kind': 'LLM', 'ai.operationId': 'ai.embed' } }],
  ['vercel_ai', { scope: scope('ai'), attributes: { 'ai.operationId': 'ai.generateText' } }],
  ['native', { scope: scope('com.anthropic.sdk.typescript'), attributes: {} }],
  ['traceloop', { scope: scope('@traceloop/instrumentation-openai') }],
  ['traceloop', { attributes: { 'traceloop.span.kind': 'task' } }],
  ['openlit', { scope: scope('@openlit/instrumentation-openai') }],
  ['openlit', { attributes: { 'telemetry.sdk.name': 'openlit', 'gen_ai.system': 'openai' } }],
  ['openlit', { resource, attributes: { 'gen_ai.system': 'openai' } }],
  ['vercel_ai_7', { scope: scope('gen_ai'), attributes: { 'gen_ai.operation.name': 'chat' } }],
  ['gen_ai', { scope: scope('acme'), attributes: { 'gen_ai.operation.name': 'chat' } }],
  ['gen_ai', { attributes: { 'llm.request.type': 'chat' } }],
  ['', { attributes: { 'http.request.method': 'POST', 'user.id': 'u' } }],
])('is %s', (dialect, span) => {
  expect(readSpan(aSpan(span)).dialect).toBe(dialect);
});

// The resource speaks for a whole process: its HTTP spans are not OpenLIT's.
test('a plain span of a process with OpenLIT stays plain', () => {
  expect(readSpan(aSpan({ resource, attributes: { 'http.route': '/' } })).dialect).toBe('');
});

const G = (operation: string) => ({ 'gen_ai.operation.name': operation });
const I = (kind: string) => ({ 'openinference.span.kind': kind });
const V = (operation: string) => ({ 'ai.operationId': operation });
const L = (type: string) => ({ 'langfuse.observation.type': type });

test.each([
  [G('chat'), 'model_call', 'chat'],
  [G('generate_content'), 'model_call', 'generate_content'],
  [G('text_completion'), 'model_call', 'text_completion'],
  [G('completion'), 'model_call', 'text_completion'],
  [G('embeddings'), 'embedding', 'embeddings'],
  [G('rerank'), 'rerank', 'rerank'],
  [G('retrieval'), 'retrieval', 'retrieval'],
  [G('execute_tool'), 'tool', 'execute_tool'],
  [G('invoke_agent'), 'agent', 'invoke_agent'],
  [G('invoke_workflow'), 'workflow', 'invoke_workflow'],
  [G('agent_step'), 'workflow', 'agent_step'],
  [G('search_memory'), 'memory', 'search_memory'],
  [G('constructor'), 'other', 'constructor'],
  [{ 'llm.request.type': 'rerank', 'traceloop.span.kind': 'task' }, 'rerank', 'rerank'],
  [{ 'traceloop.span.kind': 'agent' }, 'agent', undefined],
  [{ 'gen_ai.request.model': 'gpt-4o' }, 'model_call', 'chat'],
  [I('LLM'), 'model_call', 'chat'],
  [I('RETRIEVER'), 'retrieval', undefined],
  [I('CHAIN'), 'workflow', undefined],
  [I('GUARDRAIL'), 'evaluation', undefined],
  [V('ai.generateText.doGenerate'), 'model_call', 'chat'],
  [V('ai.streamText.doStream'), 'model_call', 'chat'],
  [V('ai.embedMany.doEmbed'), 'embedding', 'embeddings'],
  [V('ai.rerank.doRerank'), 'rerank', 'rerank'],
  [V('ai.toolCall'), 'tool', 'ai.toolCall'],
  [V('ai.generateText'), 'workflow', 'ai.generateText'],
  [L('generation'), 'model_call', 'chat'],
  [
    { ...L('generation'), 'langfuse.observation.model.name': 'text-embedding-3-small' },
    'embedding',
    'embeddings',
  ],
  [L('event'), 'workflow', undefined],
  [{ 'http.route': '/' }, '', undefined],
])('%j is a %s', (attributes, role, operation) => {
  const reading = readSpan(aSpan({ attributes: attributes as Record<string, string> }));
  expect([roleOf(reading), operationFor(reading, roleOf(reading))]).toEqual([role, operation]);
});

test('without an operation name only a client span is taken for a call', () => {
  const attributes = { 'gen_ai.request.model': 'gpt-4o' };
  expect(roleOf(readSpan(aSpan({ kind: 'internal', attributes })))).toBe('other');
});
