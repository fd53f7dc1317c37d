import { z } from 'zod';

/** What a price list prices. `input` is uncached input; `output` includes reasoning unless that is priced apart. */
export const priceKinds = [
  'input',
  'output',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'output_reasoning',
  'input_audio',
  'output_audio',
  'cache_read_audio',
  'input_image',
  'output_image',
  'input_batch',
  'output_batch',
] as const;
export type PriceKind = (typeof priceKinds)[number];

/** Femto-dollars (1e-15 USD) per token: an integer for any list price, 5 USD per million is 5e9. */
export type Prices = Partial<Record<PriceKind, bigint>>;

const femtoDigits = 9;

/** Exact femto-dollars a token from a list price in USD per million tokens. Throws below 1e-9 USD per million. */
export function femtoPerToken(usdPerMillion: number | string): bigint {
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(usdPerMillion));
  if (!match) throw new Error(`"${usdPerMillion}" is not a price`);
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const shift = femtoDigits - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  if (digits % divisor !== 0n) throw new Error(`${usdPerMillion} USD per million has too many decimals`);
  return digits / divisor;
}

const price = z.union([z.number().nonnegative(), z.string()]).transform((value, context) => {
  try {
    return femtoPerToken(value);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return 0n;
  }
});
const prices = z.partialRecord(z.enum(priceKinds), price);

// Strict: a field nobody here knows might change what a call costs.
const listedModel = z.strictObject({
  provider: z.string().min(1),
  model: z.string().min(1),
  mode: z.enum(['chat', 'responses', 'embedding', 'image_generation', 'audio_transcription']),
  usd_per_1m: prices,
  aliases: z.array(z.string()),
  tiers: z
    .array(
      z.strictObject({
        when: z.literal('input_tokens_including_cache_above'),
        threshold: z.int().positive(),
        applies_to: z.literal('whole request'),
        usd_per_1m: prices,
      }),
    )
    .default([]),
  service_tiers: z.record(z.string(), prices).default({}),
  // The image tokens of usd_per_1m say the same in another unit; charging both would charge twice.
  usd_per_image: z.record(z.string(), z.number()).optional(),
  source: z.string(),
  as_of: z.iso.date(),
  cross_check: z.unknown().optional(),
});
export type ListedModel = z.output<typeof listedModel>;

/** One model of a price list, from its JSON. */
export function parseListedModel(json: unknown): ListedModel {
  return listedModel.parse(json);
}

/** The models of a price list as they stand there, each checked. Throws naming the model and the field. */
export function readPriceList(json: unknown): { raw: Record<string, unknown>; listed: ListedModel }[] {
  const { models } = z
    .object({ schema: z.literal(1), models: z.array(z.record(z.string(), z.unknown())) })
    .parse(json);
  return models.map(raw => {
    const result = listedModel.safeParse(raw);
    if (!result.success) throw new Error(`price of ${String(raw.model)}: ${z.prettifyError(result.error)}`);
    return { raw, listed: result.data };
  });
}
