import { z } from 'zod';
import { decisions } from './budget.ts';
import { endpoint } from './endpoint.ts';

const name = z.string().max(512).optional();

/** What a call is about, as far as the caller knows. A ceiling that asks for something the caller leaves out applies. */
const about = {
  feature: name,
  tenant: name,
  team: name,
  environment: name,
  service: name,
  provider: name,
  model: name,
  prompt: name,
  variant: name,
  service_tier: name,
};

const amount = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'a decimal number of USD such as "0.05"');

/**
 * Permission to spend up to an amount until a time, without asking again. `token` is a JWS (EdDSA, Ed25519) over `jti` (the
 * lease), `exp` and `iat` (Unix seconds), `iss` "driftline", `project`, `about` (what was asked for), `amount_usd` and `decision`;
 * whoever is shown it can verify it offline with the keys of `GET /api/v1/decision/keys`.
 */
const lease = z.object({
  id: z.string(),
  token: z.string(),
  amount_usd: z.string(),
  expires_at: z.string(),
});

export const decisionReply = z.object({
  decision: z.enum(decisions),
  /** A sentence that names the budget and how far it is used. */
  reason: z.string(),
  /** The budget that decided; null when no ceiling applies. */
  budget: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** With `degrade`: the cheaper model to use, when the budget names one. */
  hint: z.object({ model: z.string() }).nullable(),
  /** With `allow` and `degrade` under a ceiling that can deny. */
  lease: lease.nullable(),
  /** Ask again after this; until then the answer holds (and the lease, as far as it is not used up). */
  valid_until: z.string(),
  /** How far the ledger is known that decided; null when no ceiling applies. */
  as_of: z.string().nullable(),
});
export type DecisionReply = z.infer<typeof decisionReply>;

export const decision = endpoint(
  'GET',
  '/api/v1/decision',
  'May a call be made under the ceilings that apply: allow, degrade or deny, with a lease',
  z.object({
    ...about,
    amount_usd: amount
      .optional()
      .describe('how much the lease should allow; never more than the ceiling gives at once'),
    min_usd: amount.optional().describe('what one call needs at least: a smaller lease is not worth having'),
  }),
  decisionReply,
);
export type DecisionRequest = z.output<(typeof decision)['request']>;

/** RFC 7517 key set with the public key of each signer; `kid` is in the header of a token. */
export const decisionKeys = endpoint(
  'GET',
  '/api/v1/decision/keys',
  'Public keys that verify leases offline (JWKS, Ed25519)',
  z.object({}),
  z.object({
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        kid: z.string(),
        x: z.string(),
        use: z.literal('sig'),
        alg: z.literal('EdDSA'),
      }),
    ),
  }),
);
