import { z } from 'zod';

/** What a model is for. */
export const modes = [
  'chat',
  'responses',
  'embedding',
  'rerank',
  'image_generation',
  'audio_transcription',
] as const;

/** What is counted by the piece: pictures made, searches of the web or of places, units of a rerank. */
export const pieceKinds = ['image', 'search', 'rerank'] as const;

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
  ...pieceKinds,
] as const;
export type PriceKind = (typeof priceKinds)[number];

/**
 * Femto-units (1e-15) of the price's currency per token or per piece: an integer for any list price. 5 USD per million
 * tokens are 5e9 femto-dollars a token, 0.039 USD a picture 3.9e13 femto-dollars.
 */
export type Prices = Partial<Record<PriceKind, bigint>>;

const isPiece: ReadonlySet<string> = new Set(pieceKinds);
const perTokenDigits = 9;
const perPieceDigits = 15;

/** Exact femto-dollars a token from a list price in USD per million tokens. Throws below 1e-9 USD per million. */
export function femtoPerToken(usdPerMillion: number | string): bigint {
  return femto(usdPerMillion, perTokenDigits, 'per million');
}

/** Exact femto-dollars a piece from its price in USD. Throws below 1e-15 USD. */
export function femtoPerPiece(usd: number | string): bigint {
  return femto(usd, perPieceDigits, 'per piece');
}

/**
 * Prices from decimals as people write them: per million tokens, or per piece for the kinds in `pieceKinds`. Throws
 * naming the kind that is none or whose price is no decimal.
 */
export function pricesFrom(decimals: Readonly<Record<string, string | number>>): Prices {
  const result: Prices = {};
  for (const [name, decimal] of Object.entries(decimals)) {
    const kind = priceKinds.find(known => known === name);
    if (!kind) throw new Error(`"${name}" is not a kind of price; kinds are ${priceKinds.join(', ')}`);
    result[kind] = isPiece.has(kind) ? femtoPerPiece(decimal) : femtoPerToken(decimal);
  }
  return result;
}

function femto(decimal: number | string, digits: number, unit: string): bigint {
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,2}))?$/i.exec(String(decimal));
  if (!match) throw new Error(`"${decimal}" is not a price`);
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const shift = digits - fraction.length + Number(exponent);
  const number = BigInt(whole + fraction);
  if (shift >= 0) return number * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  if (number % divisor !== 0n) throw new Error(`${decimal} USD ${unit} has too many decimals`);
  return number / divisor;
}

const exactly = (read: (value: number | string) => bigint) =>
  z.union([z.number().nonnegative(), z.string()]).transform((value, context) => {
    try {
      return read(value);
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : String(error));
      return 0n;
    }
  });
const price = exactly(femtoPerToken);
const piecePrice = exactly(femtoPerPiece);
const perThousand = piecePrice.transform((femtoUnits, context) => {
  if (femtoUnits % 1000n !== 0n) context.addIssue('has too many decimals');
  return femtoUnits / 1000n;
});
const tokenKinds = priceKinds.filter(kind => !isPiece.has(kind));
const prices: z.ZodType<Prices> = z.partialRecord(z.enum(tokenKinds), price);

// Strict: a field nobody here knows might change what a call costs.
const listedModel = z
  .strictObject({
    provider: z.string().min(1),
    model: z.string().min(1),
    /** Where the model runs, as in front of its name (`eu.anthropic.…`); empty: everywhere. */
    region: z.string().default(''),
    mode: z.enum(modes),
    /** ISO 4217; the fields keep their names, and their unit is this currency. */
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .default('USD'),
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
    usd_per_image: z.strictObject({ output: piecePrice }).optional(),
    usd_per_1k_searches: perThousand.optional(),
    usd_per_1k_rerank_units: perThousand.optional(),
    /** The most the model takes and gives: bounds for calls that do not say how many tokens they had. */
    max_input_tokens: z.int().positive().nullable().default(null),
    max_output_tokens: z.int().positive().nullable().default(null),
    source: z.string(),
    as_of: z.iso.date(),
    cross_check: z.unknown().optional(),
  })
  .transform(
    ({ usd_per_image: image, usd_per_1k_searches: search, usd_per_1k_rerank_units: rerank, ...listed }) => {
      const usd_per_1m: Prices = { ...listed.usd_per_1m };
      // Where output is priced by the token, the tokens of a picture are in it: charging both would charge twice.
      if (image && usd_per_1m.output === undefined && usd_per_1m.output_image === undefined)
        usd_per_1m.image = image.output;
      if (search !== undefined) usd_per_1m.search = search;
      if (rerank !== undefined) usd_per_1m.rerank = rerank;
      return { ...listed, usd_per_1m };
    },
  );
/** One model of a list; `usd_per_1m` holds the prices of pieces too. */
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
