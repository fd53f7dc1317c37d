/** What is paid for. Every token of a call is in one kind; images, searches and rerank units are counted by the piece. */
export const spendKinds = [
  'input',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'output',
  'reasoning',
  'embedding',
  'input_audio',
  'cache_read_audio',
  'output_audio',
  'input_image',
  'output_image',
  'image',
  'search',
  'rerank',
] as const;
export type SpendKind = (typeof spendKinds)[number];

/** What spend can be grouped and filtered by: columns of `spend_15m`. `prompt` is name and version as people say it. */
export const spendDimensions = [
  'feature',
  'tenant',
  'team',
  'environment',
  'service',
  'provider',
  'model',
  'prompt',
  'variant',
  'line',
  'service_tier',
  'price_version',
] as const;
export type SpendDimension = (typeof spendDimensions)[number];

/**
 * Lines of a statement; a call stands in exactly one, the first that applies: `evaluation` judges other calls, `failed` gave
 * no answer, `retried` needed more than one attempt, `answer` is the rest.
 */
export const spendLines = ['evaluation', 'failed', 'retried', 'answer'] as const;
export type SpendLine = (typeof spendLines)[number];
