import { createHmac } from 'node:crypto';

/** What stands for a value: `[email 3f9a2c1b]`. */
export const placeholder = /\[[a-z][a-z0-9_]{0,31} [0-9a-f]{8}\]/g;

/** `email` of `[email 3f9a2c1b]`. */
export const kindOfPlaceholder = (name: string): string => name.slice(1, name.indexOf(' '));

const maxKnown = 5_000;

/**
 * Names values by kind and the first 8 hex digits of their HMAC-SHA256: equal values get equal names, so that people can
 * still be counted, and without the key nobody can try out which value it was.
 */
export function createPseudonyms(key: Uint8Array): (kind: string, value: string) => string {
  const known = new Map<string, string>();
  return (kind, value) => {
    const id = `${kind}\0${value}`;
    let name = known.get(id);
    if (name === undefined) {
      name = `[${kind} ${createHmac('sha256', key).update(id).digest('hex').slice(0, 8)}]`;
      if (known.size >= maxKnown) known.clear();
      known.set(id, name);
    }
    return name;
  };
}
