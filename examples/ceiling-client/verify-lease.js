// Verifies a lease offline: whoever is shown one (a gateway, another service) needs only Driftline's public keys, which may
// be fetched once from GET /api/v1/decision/keys and kept. No dependencies; any JWT library does the same.
import { createPublicKey, verify } from 'node:crypto';

/**
 * @param {string} token a lease's `token`
 * @param {{ kid: string }[]} keys `keys` of GET /api/v1/decision/keys
 * @returns {{ jti: string, exp: number, project: string, about: Record<string, string>, amount_usd: string, decision: string }}
 * the claims; throws when the lease is forged or has expired
 */
export function verifyLease(token, keys, nowMs = Date.now()) {
  const [header, claims, signature] = token.split('.');
  const { alg, kid } = decoded(header);
  const key = keys.find(one => one.kid === kid);
  if (alg !== 'EdDSA' || !key) throw new Error('the lease is not signed by a known key');
  const publicKey = createPublicKey({ key, format: 'jwk' });
  const isGenuine = verify(
    null,
    Buffer.from(`${header}.${claims}`),
    publicKey,
    Buffer.from(signature, 'base64url'),
  );
  if (!isGenuine) throw new Error('the lease is forged');
  const { exp, ...rest } = decoded(claims);
  if (exp * 1000 <= nowMs) throw new Error('the lease has expired');
  return { exp, ...rest };
}

function decoded(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}
