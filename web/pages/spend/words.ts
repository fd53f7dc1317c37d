import type { SpendDimension, SpendKind, SpendLine } from '#contract/spend-words.ts';

export const dimensionLabels: Record<SpendDimension, string> = {
  feature: 'Feature',
  model: 'Model',
  team: 'Team',
  tenant: 'Tenant',
  prompt: 'Prompt version',
  line: 'Line',
  environment: 'Environment',
  service: 'Service',
  provider: 'Provider',
  variant: 'Variant',
  service_tier: 'Service tier',
  price_version: 'Price version',
};

export const kindLabels: Record<SpendKind, string> = {
  input: 'Input, not cached',
  cache_read: 'Input from cache',
  cache_write: 'Written to cache',
  cache_write_1h: 'Written to cache for 1 h',
  output: 'Output',
  reasoning: 'Reasoning',
  embedding: 'Embedding',
  input_audio: 'Audio input',
  cache_read_audio: 'Audio from cache',
  output_audio: 'Audio output',
  input_image: 'Image input',
  output_image: 'Image output',
  image: 'Images',
  search: 'Searches',
  rerank: 'Rerank units',
};

export const lineLabels: Record<SpendLine, string> = {
  answer: 'Answers',
  retried: 'Answers after retries',
  failed: 'Failed calls',
  evaluation: 'Evaluations of other calls',
};

/** What is counted by the piece; everything else is tokens. */
const PIECES: ReadonlySet<string> = new Set(['image', 'search', 'rerank']);
export const isPiece = (kind: string) => PIECES.has(kind);

const own = <Value>(labels: Record<string, Value>, name: string): Value | undefined =>
  Object.hasOwn(labels, name) ? labels[name] : undefined;

/** The name of a value as a reader sees it; senders' own names stay as they are. */
export function valueLabel(dimension: string, value: string): string {
  const label =
    dimension === 'line'
      ? own<string>(lineLabels, value)
      : dimension === 'kind'
        ? own<string>(kindLabels, value)
        : undefined;
  return label ?? (value || `(no ${(own<string>(dimensionLabels, dimension) ?? dimension).toLowerCase()})`);
}
