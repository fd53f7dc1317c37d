import { crashPointNames } from '#collector/hooks.ts';
import type { Seeded } from '../support/seeded.ts';

/** What is killed, or `collector at` a named point. */
export type Victim =
  | 'collector'
  | 'engine'
  | 'api'
  | 'collector and engine'
  | 'everything'
  | `collector at ${(typeof crashPointNames)[number]}`;

export interface Kill {
  victim: Victim;
  /** Time to wait first. */
  afterMs: number;
  /** For a named point: the how-manieth time it is reached. */
  times: number;
}

const SINGLE: readonly Victim[] = ['collector', 'engine', 'api', 'collector and engine'];

/**
 * `count` kills in rounds of four: at a point, one room or two, at a point, everything. A room that dies again and again
 * is started after longer and longer pauses; killing everything begins that anew, and most of the time is spent running.
 */
export function planKills(random: Seeded, count: number): Kill[] {
  const atPoint = (index: number): Victim =>
    `collector at ${crashPointNames[index % crashPointNames.length]!}`;
  const offset = random.integer(crashPointNames.length);
  return Array.from({ length: count }, (_, index): Kill => {
    const round = Math.floor(index / 4);
    const victims: Victim[] = [
      atPoint(offset + 2 * round),
      SINGLE[round % SINGLE.length]!,
      atPoint(offset + 2 * round + 1),
      'everything',
    ];
    return {
      victim: victims[index % 4]!,
      afterMs: random.next() < 0.3 ? random.between(0, 150) : random.between(150, 2_000),
      times: 1 + random.integer(4),
    };
  });
}
