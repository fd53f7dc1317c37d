import { listNames } from './model-names.ts';
import type { ListedModel } from './price-list.ts';

/** The price of one model for some time; `validToMs` (exclusive) is null while it holds. */
export interface PriceEntry extends Pick<ListedModel, 'provider' | 'model' | 'mode' | 'aliases' | 'tiers'> {
  /** Names the price for good: the same words and numbers always give the same id. */
  priceVersion: string;
  prices: ListedModel['usd_per_1m'];
  serviceTiers: ListedModel['service_tiers'];
  validFromMs: number;
  validToMs: number | null;
  /** When we learnt of it; of two prices for one time the later one is a correction. */
  knownFromMs: number;
}

interface PriceQuestion {
  provider: string;
  responseModel: string;
  requestModel: string;
  atMs: number;
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

/** Finds the price of a call in about a microsecond, however many prices there are. */
export class PriceBook {
  readonly entries: readonly PriceEntry[];
  readonly #byName = new Map<string, PriceEntry[]>();
  readonly #remembered = new Map<string, PriceEntry[]>();

  constructor(entries: readonly PriceEntry[]) {
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
  find({ provider, responseModel, requestModel, atMs }: PriceQuestion): PriceEntry | null {
    const key = `${provider}\n${responseModel}\n${requestModel}`;
    let history = this.#remembered.get(key);
    if (!history) {
      history = this.#search(provider, [responseModel, requestModel]);
      if (this.#remembered.size >= rememberedQuestions) this.#remembered.clear();
      this.#remembered.set(key, history);
    }
    return history.find(entry => entry.validFromMs <= atMs && (entry.validToMs ?? Infinity) > atMs) ?? null;
  }

  #search(provider: string, models: string[]): PriceEntry[] {
    for (const name of models.flatMap(listNames)) {
      const listed = this.#byName.get(name) ?? [];
      const own = listed.filter(entry => entry.provider === (listedAs[provider] ?? provider));
      if (own.length > 0) return own;
      if (listed.length === 0 || ownPrices.has(provider)) continue;
      // Two makers with one name and no hint: the first in the list, and all of its history.
      return listed.filter(entry => entry.provider === listed[0]!.provider);
    }
    return [];
  }

  #add(name: string, entry: PriceEntry): void {
    const entries = this.#byName.get(name) ?? [];
    if (!entries.includes(entry)) entries.push(entry);
    this.#byName.set(name, entries);
  }
}
