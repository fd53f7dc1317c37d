import { byPattern, mod97 } from './detector.ts';

/** What follows country and check digits, after the SWIFT IBAN registry: n digits, a letters, c both. */
const structures = `
AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c CH5n12c CR18n CY8n16c CZ20n
DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n GB4a14n GE2a16n GI4a15c GL14n GR7n16c GT24c
HN4a20n HR17n HU24n IE4a14n IL19n IQ4a15n IS22n IT1a10n12c JO4a4n18c KW4a22c KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c
LV4a13c LY21n MC10n11c2n MD20c ME18n MK3n10c2n MN16n MR23n MT4a5n18c MU4a19n3a NI4a20n NL4a10n NO11n OM3n16c PK4a16c PL24n
PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c SO19n ST21n SV4a20n TL19n
TN20n TR6n16c UA6n19c VA18n VG4a16n XK16n YE4a4n18c`;

interface Structure {
  length: number;
  pattern: RegExp;
}

const characters = { n: '[0-9]', a: '[A-Z]', c: '[A-Z0-9]' } as const;

const byCountry = new Map<string, Structure>(
  structures
    .trim()
    .split(/\s+/)
    .map(entry => {
      const parts = [...entry.slice(2).matchAll(/(\d+)([nac])/g)];
      const body = parts.map(([, count, of]) => `${characters[of as 'n']}{${count}}`).join('');
      const length = parts.reduce((sum, [, count]) => sum + Number(count), 4);
      return [entry.slice(0, 2), { length, pattern: new RegExp(`^${body}$`) }];
    }),
);

/** Countries that use IBANs, two capital letters each. */
export const ibanCountries: ReadonlySet<string> = new Set(byCountry.keys());

const candidate = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \u00a0\u202f-]?[A-Za-z0-9]){11,30}/;

/** IBANs, in one piece or in groups: the right length and structure for the country, and mod 97. */
export const findIbans = byPattern(candidate, match => {
  const structure = byCountry.get(match[0].slice(0, 2).toUpperCase());
  if (!structure) return null;
  const end = endOf(match, structure.length);
  if (end === null || /[A-Za-z0-9]/.test(match.input[end] ?? '')) return null;
  const compact = match.input
    .slice(match.index, end)
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase();
  if (!structure.pattern.test(compact.slice(4)) || mod97(compact.slice(4) + compact.slice(0, 4)) !== 1) {
    return null;
  }
  return { start: match.index, end, value: compact };
});

/** Where the match's first `length` letters and digits end; null when there are not so many. */
function endOf(match: RegExpExecArray, length: number): number | null {
  let seen = 0;
  for (let at = 0; at < match[0].length; at++) {
    if (/[A-Za-z0-9]/.test(match[0][at]!)) seen++;
    if (seen === length) return match.index + at + 1;
  }
  return null;
}
