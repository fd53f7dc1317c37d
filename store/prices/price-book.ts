import { listNames, regionOf } from './model-names.ts';
import { OverlayBook, type OverlayQuestion } from './overlay-book.ts';
import type { ExchangeRate, PriceEntry, PriceOverlay } from './price-entry.ts';

export type { ExchangeRate, PriceEntry, PriceOverlay } from './price-entry.ts';

export interface PriceQuestion {
  provider: string;
  responseModel: string;
  requestModel: string;
  /** When the call was made: what is asked is what held then … */
  atMs: number;
  /** … by what was known then; now when left out. */
  knownMs?: number | undefined;
}

/**
 * Who runs models on hardware of its own sets prices of its own: only an entry of that very provider counts. Everyone
 * else (clouds, gateways, and OpenAI's client pointed at another vendor) sells at the maker's list price.
 */
const ownPrices = new Set([
  'ollama',
  'vllm',
  'llama.cpp',
  'lmstudio',
  'lm_studio',
  'localai',
  'huggingface',
  'tgi',
  'groq',
  'together',
  'together_ai',
  'fireworks',
  'fireworks_ai',
  'deepinfra',
  'cerebras',
  'sambanova',
  'replicate',
  'ibm.watsonx.ai',
]);
/** Same prices as the maker's own service, under another name. */
const listedAs: Record<string, string> = {
  'azure.ai.openai': 'openai',
  'gcp.vertex_ai': 'gcp.gemini',
  'gcp.gen_ai': 'gcp.gemini',
  together_ai: 'together',
};
/** Names come from senders, so what is remembered of them is bounded. */
const rememberedQuestions = 20_000;

/** The agreement that a price version names (`gpt-4o#3f9a0c11d2e4+acme.2#5be01c9a`: acme); empty without one. */
export const overlayIdOf = (priceVersion: string): string =>
  /\+([^+#]+)\.[0-9]+#[0-9a-f]{8}(?:\*|$)/.exec(priceVersion)?.[1] ?? '';

/**
 * What was ever said about prices, and what of it holds. Finds the price of a call in about a microsecond, however many
 * prices there are.
 */
export class PriceBook {
  readonly entries: readonly PriceEntry[];
  readonly overlays: readonly PriceOverlay[];
  readonly rates: readonly ExchangeRate[];
  readonly #byName = new Map<string, PriceEntry[]>();
  readonly #remembered = new Map<string, PriceEntry[]>();
  readonly #overlays: OverlayBook;
  readonly #commitments: ReadonlySet<string>;
  readonly #ratesByCurrency = new Map<string, ExchangeRate[]>();

  constructor(
    entries: readonly PriceEntry[],
    more: { overlays?: readonly PriceOverlay[]; rates?: readonly ExchangeRate[] } = {},
  ) {
    this.overlays = more.overlays ?? [];
    this.rates = more.rates ?? [];
    this.#overlays = new OverlayBook(this.overlays);
    this.#commitments = new Set(
      this.overlays.flatMap(({ overlayId, committed }) => (committed ? overlayId : [])),
    );
    // The day nearest to the call first, and of one day what was known last.
    const rates = this.rates.toSorted((a, b) => b.dayMs - a.dayMs || b.knownFromMs - a.knownFromMs);
    for (const rate of rates) {
      const ofCurrency = this.#ratesByCurrency.get(rate.currency);
      if (ofCurrency) ofCurrency.push(rate);
      else this.#ratesByCurrency.set(rate.currency, [rate]);
    }
    // The newest knowledge first: it is what `find` meets first.
    this.entries = [...entries].sort(
      (a, b) => b.knownFromMs - a.knownFromMs || b.validFromMs - a.validFromMs,
    );
    for (const entry of this.entries) {
      for (const name of [entry.model, ...entry.aliases]) this.#add(name.toLowerCase(), entry);
    }
    // `o1` for `o1-2024-12-17`, unless the list has an `o1` as well.
    const short = this.entries
      .map(entry => ({ name: listNames(entry.model).at(-1)!, entry }))
      .filter(({ name }) => !this.#byName.has(name));
    for (const { name, entry } of short) this.#add(name, entry);
  }

  /** The price of the model that answered, else of the one asked for, at a time; null when the book has none. */
  find({
    provider,
    responseModel,
    requestModel,
    atMs,
    knownMs = Infinity,
  }: PriceQuestion): PriceEntry | null {
    const key = `${provider}\n${responseModel}\n${requestModel}`;
    let history = this.#remembered.get(key);
    if (!history) {
      history = this.#search(provider, [responseModel, requestModel]);
      if (this.#remembered.size >= rememberedQuestions) this.#remembered.clear();
      this.#remembered.set(key, history);
    }
    let endedRegion: string | null = null;
    for (const entry of history) {
      if (entry.validFromMs > atMs || (entry.validToMs ?? Infinity) <= atMs || entry.knownFromMs > knownMs)
        continue;
      // The price of a region has ended: what holds everywhere holds there again.
      if (entry.region === endedRegion) continue;
      if (!entry.ended) return entry;
      if (entry.region === '') return null;
      endedRegion = entry.region;
    }
    return null;
  }

  /** What was negotiated for a call that `entry` prices; null when nothing was. */
  overlay(question: OverlayQuestion): PriceOverlay | null {
    return this.#overlays.find(question);
  }

  /** Whether some version of an overlay was for an amount committed. */
  isCommitment(overlayId: string): boolean {
    return this.#commitments.has(overlayId);
  }

  /** What a currency is worth at a time: the rate of that day or the last one before; null without any. */
  rate(currency: string, atMs: number, knownMs = Infinity): ExchangeRate | null {
    const rates = this.#ratesByCurrency.get(currency) ?? [];
    return rates.find(({ dayMs, knownFromMs }) => dayMs <= atMs && knownFromMs <= knownMs) ?? null;
  }

  #search(provider: string, models: string[]): PriceEntry[] {
    for (const model of models) {
      const region = regionOf(model);
      for (const name of listNames(model)) {
        const listed = (this.#byName.get(name) ?? []).filter(
          entry => entry.region === '' || entry.region === region,
        );
        const own = listed.filter(entry => entry.provider === (listedAs[provider] ?? provider));
        if (own.length === 0 && (listed.length === 0 || ownPrices.has(provider))) continue;
        // Two makers with one name and no hint: the first in the list, and all of its history.
        const found = own.length > 0 ? own : listed.filter(entry => entry.provider === listed[0]!.provider);
        return this.#withRegion(found, region);
      }
    }
    return [];
  }

  /** The price of the region before the one that holds everywhere; both in the order of knowledge. */
  #withRegion(found: readonly PriceEntry[], region: string): PriceEntry[] {
    const everywhere = found.filter(entry => entry.region === '');
    if (region === '') return everywhere;
    // Names that a list gives to a model hold in every region.
    const models = new Set(found.map(({ provider, model }) => `${provider}\n${model}`));
    const there = this.entries.filter(
      entry => entry.region === region && models.has(`${entry.provider}\n${entry.model}`),
    );
    return [...there, ...everywhere];
  }

  #add(name: string, entry: PriceEntry): void {
    const entries = this.#byName.get(name) ?? [];
    if (!entries.includes(entry)) entries.push(entry);
    this.#byName.set(name, entries);
  }
}
