import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authorize } from './sender.ts';

const PROJECT = 'default';

/**
 * Lets in who presents one of `keys` as `authorization: Bearer …`, or as the password of `Basic …`, where the SDKs of
 * Langfuse have their secret key; without keys everybody.
 */
export function bearerKey(keys: readonly string[]): Authorize {
  if (keys.length === 0) return () => ({ projectId: PROJECT, keyId: null });
  const known = keys.map(digest);
  return header => {
    const given = digest(presented(header ?? ''));
    if (!known.some(key => timingSafeEqual(key, given))) return null;
    return { projectId: PROJECT, keyId: given.toString('hex', 0, 8) };
  };
}

function presented(header: string): string {
  const basic = /^Basic +([\w+/=-]+)$/i.exec(header)?.[1];
  if (basic === undefined) return /^Bearer +(.+)$/i.exec(header)?.[1] ?? '';
  const pair = Buffer.from(basic, 'base64').toString();
  const colon = pair.indexOf(':');
  return colon < 0 ? '' : pair.slice(colon + 1);
}

/** Equal lengths, so that comparing says nothing about the key. */
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
