import { expect, test } from 'vitest';
import { isoInZone, isoTeller } from './zone-time.ts';

const quarterMs = 900_000;

test.each([
  ['Europe/Paris', '2026-10-24T00:00Z', 3],
  ['America/New_York', '2026-03-07T00:00Z', 3],
  ['Asia/Kathmandu', '2026-10-24T00:00Z', 1],
  ['Australia/Lord_Howe', '2026-04-04T00:00Z', 2],
  ['America/St_Johns', '2026-11-01T00:00Z', 1],
  ['Pacific/Apia', '2011-12-29T00:00Z', 3],
  ['UTC', '2026-10-24T00:00Z', 1],
  // Its offset had seconds then.
  ['Europe/Amsterdam', '1936-05-01T00:00Z', 1],
])('instants in %s are told as they are one by one', (tz, from, days) => {
  const isoOf = isoTeller(tz);
  for (let ms = Date.parse(from); ms < Date.parse(from) + days * 86_400_000; ms += quarterMs)
    expect(isoOf(ms)).toBe(isoInZone(ms, tz));
});
