import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** A new signing secret, `whsec_` + base64 of 32 random bytes. */
export const newSecret = (): string => prefix + randomBytes(32).toString('base64');

export interface SignedMessage {
  /** Names the event, the same on every attempt, so that a receiver can tell a retry from news. */
  id: string;
  /** Unix seconds of this attempt. */
  timestamp: number;
  body: string;
}

/**
 * Headers of Standard Webhooks 1.0.0 (https://www.standardwebhooks.com): HMAC-SHA256 of `id.timestamp.body` with the
 * bytes behind `whsec_`, one signature for each secret, so that a receiver may know either while one replaces the other.
 * Throws on a secret that is not of that form.
 */
export function signedHeaders(
  { id, timestamp, body }: SignedMessage,
  secrets: readonly string[],
): Record<string, string> {
  if (secrets.length === 0) throw new Error('there is no secret to sign with');
  const signatures = secrets.map(secret => {
    const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`);
    return `v1,${hmac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

function keyOf(secret: string): Buffer {
  const key = secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : null;
  if (!key?.length) throw new Error('a webhook secret is "whsec_" followed by base64');
  return key;
}
