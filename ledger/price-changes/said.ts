import type { FileProblem, PriceTerms } from '#contract/price.ts';

export interface Series {
  provider: string;
  model: string;
  region: string;
}

/** What somebody says about a price of one model: terms, or null for its end, in [fromMs, toMs). */
export interface PriceSaid extends Series {
  terms: PriceTerms | null;
  /** 0: for as long as anybody knows. */
  fromMs: number;
  /** Null: until further notice. */
  toMs: number | null;
  source: string;
  /** From a price list of vendors' prices: it never replaces what a person has put in. */
  listed: boolean;
}

export interface AliasSaid {
  provider: string;
  model: string;
  alias: string;
  removed: boolean;
}

/** Everything somebody says at once. */
export interface Said {
  prices: PriceSaid[];
  aliases: AliasSaid[];
  problems: FileProblem[];
}

/** A price of a file, and where it stands there. */
export interface FileEntry extends Omit<PriceSaid, 'listed' | 'fromMs'> {
  line: number | null;
  /** Null: the file says when it held, not since when, as price lists of vendors do. */
  fromMs: number | null;
  asOf: string;
}

export interface FileContent {
  entries: FileEntry[];
  problems: { line: number | null; what: string; series: string | null }[];
}
