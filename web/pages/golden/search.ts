/** What a set's page shows; what is left out has its default. */
export interface SetSearch {
  tab?: 'runs' | 'versions';
  q?: string;
  tag?: string;
  /** Version whose cases are shown; default the newest. */
  v?: number;
  /** Runs chosen for a comparison: baseline and candidate. */
  a?: string;
  b?: string;
  /** Run whose answers are shown. */
  run?: string;
}

const id = (value: unknown) =>
  typeof value === 'string' && /^[0-9a-f-]{1,64}$/.test(value) ? value : undefined;
const words = (value: unknown) => (typeof value === 'string' && value ? value.slice(0, 200) : undefined);

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults. */
export function readSetSearch({ tab, q, tag, v, a, b, run }: Record<string, unknown>): SetSearch {
  return known({
    tab: tab === 'runs' || tab === 'versions' ? tab : undefined,
    q: words(q),
    tag: words(tag),
    v: Number.isInteger(Number(v)) && Number(v) > 0 ? Number(v) : undefined,
    a: id(a),
    b: id(b),
    run: id(run),
  });
}

export const shownOutcomes = ['regressed', 'improved'] as const;

/** Two runs, by which evaluator, and which cases of them. */
export interface CompareSearch {
  a?: string;
  b?: string;
  by?: string;
  show?: (typeof shownOutcomes)[number];
}

export function readRunsSearch({ a, b, by, show }: Record<string, unknown>): CompareSearch {
  return known({ a: id(a), b: id(b), by: words(by), show: shownOutcomes.find(one => one === show) });
}

/** Without what is undefined. */
function known<T extends object>(search: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as never;
}
