import { type Draw, type MadeUp, madeUpValues } from '#store/redact/made-up.ts';

/** A made-up value on its way in, and what has to be recognised of it. */
export interface Planted extends MadeUp {
  /** The part that nobody may find: a key without its name, one line of a private key. */
  secret: string;
  /** Harmless text that is sent beside the value. Where this is found, the value would be found as well. */
  marker: string;
}

export function plantedValues(count: number, draw: Draw): Planted[] {
  return madeUpValues(count, draw).map((made, at) => ({
    ...made,
    secret: secretOf(made.value),
    marker: `probe-${letters(at)}-${letters(draw(26 ** 4))}`,
  }));
}

function secretOf(value: string): string {
  if (value.startsWith('-----BEGIN')) return value.split('\n')[1]!;
  return value.replace(/^(?:aws_secret_access_key=|Bearer )/, '');
}

/** A number in letters, because digits beside a value could be taken for a part of it. */
function letters(number: number): string {
  return [...number.toString(26)]
    .map(digit => 'abcdefghijklmnopqrstuvwxyz'[Number.parseInt(digit, 26)])
    .join('');
}

/** Every spelling of a secret that text in JSON, JSON in JSON or a URL could have. */
export function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(
    /[^ -~]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const twice = JSON.stringify(ascii).slice(1, -1);
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  // The last characters depend on what follows.
  const encoded = base64.length > 12 ? [base64.slice(0, -2)] : [];
  return [...new Set([secret, json, ascii, twice, encodeURIComponent(secret), ...encoded])];
}
