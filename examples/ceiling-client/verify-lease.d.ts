export interface LeaseClaims {
  jti: string;
  iat: number;
  exp: number;
  project: string;
  about: Record<string, string>;
  amount_usd: string;
  decision: 'allow' | 'degrade';
}

export function verifyLease(token: string, keys: readonly { kid: string }[], nowMs?: number): LeaseClaims;
