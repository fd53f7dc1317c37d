import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

export interface LeaseClaims {
  /** Unique id of the lease. */
  jti: string;
  iss: 'driftline';
  /** Unix seconds. */
  iat: number;
  exp: number;
  project: string;
  /** What the caller asked for. */
  about: Readonly<Record<string, string | undefined>>;
  amount_usd: string;
  decision: 'allow' | 'degrade';
}

export interface LeaseSigner {
  /** Compact JWS (RFC 7515) with EdDSA (RFC 8037). Some 50 microseconds. */
  token(claims: LeaseClaims): string;
  /** The public key as a JWK. */
  jwk: { kty: 'OKP'; crv: 'Ed25519'; kid: string; x: string; use: 'sig'; alg: 'EdDSA' };
}

/** `privateKey` is PKCS #8 DER in base64. */
export function leaseSigner({ key_id, private_key }: { key_id: string; private_key: string }): LeaseSigner {
  const key = createPrivateKey({ key: Buffer.from(private_key, 'base64'), format: 'der', type: 'pkcs8' });
  const header = encoded({ alg: 'EdDSA', typ: 'JWT', kid: key_id });
  return {
    token(claims) {
      const signed = `${header}.${encoded(claims)}`;
      return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
    },
    jwk: { kty: 'OKP', crv: 'Ed25519', kid: key_id, x: publicX(key), use: 'sig', alg: 'EdDSA' },
  };
}

function publicX(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (!x) throw new Error('the key that signs leases is not an Ed25519 key');
  return x;
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
