export const cardWindows = ['30d', '7d', '90d'] as const;
export type CardWindow = (typeof cardWindows)[number];

/** `v` is the version as the API takes it (`prompt:answer v14`), `w` the length of the data window. */
export interface CardSearch {
  v?: string | undefined;
  w?: CardWindow | undefined;
}

export function readCardSearch(search: Record<string, unknown>): CardSearch {
  const { v, w } = search;
  return {
    v: typeof v === 'string' && v !== '' ? v.slice(0, 1_000) : undefined,
    w: cardWindows.find((one, at) => one === w && at > 0),
  };
}
