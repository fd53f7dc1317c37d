import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authorize } from './http.ts';

const PROJECT = 'default';

/** Lets in who presents one of `keys` as `authorization: Bearer …`; without keys everybody. */
export function bearerKey(keys: readonly string[]): Authorize {
  if (keys.length === 0) return () => PROJECT;
  const known = keys.map(digest);
  return header => {
    const given = digest(/^Bearer +(.+)$/i.exec(header ?? '')?.[1] ?? '');
    return known.some(key => timingSafeEqual(key, given)) ? PROJECT : null;
  };
}

/** Equal lengths, so that comparing says nothing about the key. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
