/** USD per million tokens that nothing of a maker has cost more than, of any kind, in any tier. */
interface Dearest {
  input: number;
  output: number;
}

/**
 * Makers that sell their own models under their own name, so that an unknown model of theirs has a narrower bound than an unknown
 * model. OpenAI is not among them: its dearest (o1-pro, 150 and 600) is the dearest there is. The price that set each bound stands beside it.
 */
const makers: Readonly<Record<string, Dearest>> = {
  // Opus in fast mode, 30 and 150; an hour of cache costs twice its input.
  anthropic: { input: 60, output: 150 },
  // Gemini 1.5 Pro with long context, 7; pictures of Gemini 3 Pro, 120.
  'gcp.gemini': { input: 7, output: 120 },
  // Grok 3 fast, 5 and 25; Grok 4 with long context, 6 and 30.
  x_ai: { input: 6, output: 30 },
  // Mistral Large of 2024.
  mistral_ai: { input: 8, output: 24 },
  // DeepSeek R1.
  deepseek: { input: 0.6, output: 2.2 },
};

/** Clouds that sell the models of others at their makers' prices, give or take a tenth. */
const clouds = new Set(['aws.bedrock', 'gcp.vertex_ai', 'azure.ai.inference']);
const makerByName: readonly (readonly [RegExp, string])[] = [
  [/(^|[./])claude-/, 'anthropic'],
  [/(^|\/)gemini-/, 'gcp.gemini'],
];

/** The maker of a model, where no other can be meant; else empty. */
export function makerOf(provider: string, model: string): string {
  if (makers[provider]) return provider;
  if (!clouds.has(provider)) return '';
  return makerByName.find(([pattern]) => pattern.test(model))?.[1] ?? '';
}

export const dearestOfMaker = (maker: string): Dearest | undefined => makers[maker];
