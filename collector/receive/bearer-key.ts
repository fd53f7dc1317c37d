import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authorize } from './sender.ts';

const PROJECT = 'default';

/** Lets in who presents one of `keys` as `authorization: Bearer …`; without keys everybody. */
export function bearerKey(keys: readonly string[]): Authorize {
  if (keys.length === 0) return () => ({ projectId: PROJECT, keyId: null });
  const known = keys.map(digest);
  return header => {
    const given = digest(/^Bearer +(.+)$/i.exec(header ?? '')?.[1] ?? '');
    if (!known.some(key => timingSafeEqual(key, given))) return null;
    return { projectId: PROJECT, keyId: given.toString('hex', 0, 8) };
  };
}

/** Equal lengths, so that comparing says nothing about the key. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
