import type { Model } from './model-call.ts';

const openai = { provider: 'openai', host: 'api.openai.com', idPrefix: 'chatcmpl-' };
const anthropic = { provider: 'anthropic', host: 'api.anthropic.com', idPrefix: 'msg_' };
const gemini = { provider: 'gcp.gemini', host: 'generativelanguage.googleapis.com', idPrefix: 'gem-' };

export const gpt5Mini: Model = {
  ...openai,
  name: 'gpt-5-mini',
  responseName: 'gpt-5-mini-2025-08-07',
  firstChunkMs: 430,
  msPerToken: 6,
};
export const embedding3Small: Model = {
  ...openai,
  name: 'text-embedding-3-small',
  responseName: 'text-embedding-3-small',
  firstChunkMs: 65,
  msPerToken: 0,
};
export const gemini25Flash: Model = {
  ...gemini,
  name: 'gemini-2.5-flash',
  responseName: 'gemini-2.5-flash',
  firstChunkMs: 380,
  msPerToken: 4.2,
};
export const geminiEmbedding: Model = {
  ...gemini,
  name: 'gemini-embedding-001',
  responseName: 'gemini-embedding-001',
  firstChunkMs: 80,
  msPerToken: 0,
};
export const haiku45: Model = {
  ...anthropic,
  name: 'claude-haiku-4-5',
  responseName: 'claude-haiku-4-5-20251001',
  firstChunkMs: 520,
  msPerToken: 7,
};
export const sonnet46: Model = {
  ...anthropic,
  name: 'claude-sonnet-4-6',
  responseName: 'claude-sonnet-4-6',
  firstChunkMs: 900,
  msPerToken: 12,
};
/** A model the team hosts itself: no price list knows it, so its calls show up as unpriced. */
export const houseSummary: Model = {
  provider: 'vllm',
  name: 'house-summary-8b',
  responseName: 'house-summary-8b',
  host: 'llm.internal',
  idPrefix: 'cmpl-',
  firstChunkMs: 140,
  msPerToken: 5,
};
