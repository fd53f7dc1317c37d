/** Every number a reader sees is written here. Missing is `-`; the reason belongs in the title beside it. */
export const MISSING = '-';

const NBSP = '\u00a0';
const MINUS = '−';

export type Place = 'chart' | 'table';

export interface Format {
  /** Below 10,000 in full, above three significant digits with k, M or B. */
  count(value: number | null | undefined): string;
  /** The whole number with separators, for titles and tables of record. */
  full(value: number | null | undefined): string;
  /** US dollars from a decimal string or number; `chart` leaves the cents out from $1,000. */
  usd(value: string | number | null | undefined, place?: Place): string;
  /** Dollars of an axis that reaches `max`, short and with the same decimals at every tick. */
  usdAxis(max: number): (value: number) => string;
  latency(ms: number | null | undefined): string;
  /** One unit for all ticks of an axis that reaches `maxMs`. */
  latencyAxis(maxMs: number): (ms: number) => string;
  /** Two places; three beside a narrow interval. */
  score(value: number | null | undefined, places?: 2 | 3): string;
  /** A ratio of 0 to 1 as percent. */
  percent(ratio: number | null | undefined): string;
  /** A plain number with at most three significant digits. */
  plain(value: number | null | undefined): string;
  bytes(value: number): string;
}

const isNumber = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

const STEPS = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** A minus that is as wide as a plus, so columns of changes line up. */
export const signed = (text: string, value: number) =>
  value > 0 ? `+${text}` : value < 0 ? `${MINUS}${text}` : text;

export function createFormat(locale: string | undefined): Format {
  const number = (options: Intl.NumberFormatOptions) => {
    // Made when first written with: all of them at once would hold up a page's first drawing.
    let made: Intl.NumberFormat | undefined;
    return (value: number) => {
      made ??= new Intl.NumberFormat(locale, options);
      return made.format(value);
    };
  };
  const whole = number({ maximumFractionDigits: 0 });
  const three = number({ maximumSignificantDigits: 3 });
  const fixed = [0, 1, 2, 3].map(digits =>
    number({ minimumFractionDigits: digits, maximumFractionDigits: digits }),
  ) as [typeof whole, typeof whole, typeof whole, typeof whole];
  const two = number({ minimumSignificantDigits: 2, maximumSignificantDigits: 2 });
  const money = (options: Intl.NumberFormatOptions) =>
    number({ style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', ...options });
  const cents = money({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const dollars = money({ maximumFractionDigits: 0 });
  const small = money({ minimumSignificantDigits: 2, maximumSignificantDigits: 2 });
  const tiny = money({ minimumSignificantDigits: 1, maximumSignificantDigits: 1 });
  const unit = (value: string, name: string) => `${value}${NBSP}${name}`;

  function short(value: number): string {
    const size = Math.abs(value);
    for (const [step, letter] of STEPS) {
      // 999,600 is 1M, not 1,000k: compare what will be printed.
      if (Number((size / step).toPrecision(3)) >= 1) return `${three(value / step)}${letter}`;
    }
    return three(value);
  }

  function latency(ms: number | null | undefined): string {
    if (!isNumber(ms)) return MISSING;
    if (ms === 0) return unit('0', 'ms');
    if (ms < 1) return ms < 0.05 ? `<${unit(fixed[1](0.1), 'ms')}` : unit(fixed[1](ms), 'ms');
    if (Math.round(ms) < 1000) return unit(whole(ms), 'ms');
    const seconds = ms / 1000;
    if (Math.round(seconds * 10) < 600) return unit(fixed[1](seconds), 's');
    const total = Math.round(seconds);
    if (total < 3600) return `${unit(whole(Math.floor(total / 60)), 'min')} ${unit(whole(total % 60), 's')}`;
    const minutes = Math.round(total / 60);
    return `${unit(whole(Math.floor(minutes / 60)), 'h')} ${unit(whole(minutes % 60), 'min')}`;
  }

  return {
    count(value) {
      if (!isNumber(value)) return MISSING;
      return Math.abs(value) < 10_000 ? whole(value) : short(value);
    },
    full: value => (isNumber(value) ? whole(value) : MISSING),
    usd(value, place = 'table') {
      const amount = typeof value === 'string' ? Number(value) : value;
      if (!isNumber(amount)) return MISSING;
      const size = Math.abs(amount);
      if (size === 0) return dollars(0);
      if (size < 0.0001) return `<${tiny(0.0001)}`;
      if (Number(size.toPrecision(2)) < 1) return small(amount);
      return place === 'chart' && size >= 1000 ? dollars(amount) : cents(amount);
    },
    usdAxis(max) {
      if (max >= 10_000) {
        // The currency sign stands where the locale puts it.
        const zero = dollars(0);
        return value => zero.replace('0', short(value));
      }
      const write = max >= 8 ? dollars : max >= 0.5 ? cents : small;
      return value => (value === 0 ? dollars(0) : write(value));
    },
    latency,
    latencyAxis(maxMs) {
      if (maxMs < 1000) return ms => unit(whole(ms), 'ms');
      if (maxMs < 60_000) return ms => unit(three(ms / 1000), 's');
      return ms => unit(three(ms / 60_000), 'min');
    },
    score: (value, places = 2) => (isNumber(value) ? fixed[places](value) : MISSING),
    percent(ratio) {
      if (!isNumber(ratio)) return MISSING;
      const value = ratio * 100;
      const size = Math.abs(value);
      const text = size === 0 ? '0' : size < 1 ? two(value) : size < 9.95 ? fixed[1](value) : whole(value);
      return unit(text, '%');
    },
    plain: value => (isNumber(value) ? three(value) : MISSING),
    bytes(value) {
      if (value < 1000) return unit(whole(value), 'B');
      return value < 1e6 ? unit(three(value / 1e3), 'kB') : unit(three(value / 1e6), 'MB');
    },
  };
}

export const format = createFormat(typeof navigator === 'undefined' ? 'en' : navigator.language);
