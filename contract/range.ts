import { z } from 'zod';

const RELATIVE = /^now(?:-(\d+)(m|h|d|w))?$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `now`, `now-24h`, `now-30d` or an ISO 8601 instant with offset. */
export const instant = z
  .string()
  .refine(text => RELATIVE.test(text) || !Number.isNaN(Date.parse(text)), 'use now-24h or an ISO 8601 time');

/** Epoch milliseconds of an `instant`, with the clock as an argument. */
export function instantMs(text: string, nowMs: number): number {
  const match = RELATIVE.exec(text);
  if (!match) return Date.parse(text);
  const [, amount, unit] = match;
  return amount ? nowMs - Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS] : nowMs;
}

export const range = {
  from: instant.default('now-24h').describe('start of the time range, inclusive'),
  to: instant.default('now').describe('end of the time range, exclusive'),
};
