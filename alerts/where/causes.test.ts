import { expect, test } from 'vitest';
import {
  type PlantedKind,
  plantedBadAnswers,
  plantedCause,
  plantedKinds,
} from '../../test/fixtures/planted-causes.ts';
import { rankCauses } from './causes.ts';
import { totalsOf } from './cells.ts';
import { isNoPage } from './mix-only.ts';
import { movedValues, splitByTraffic } from './split.ts';

/** Long runs set it: `npm run simulate:root-cause`. */
const scenarios = Number(process.env.DRIFTLINE_TEST_SCENARIOS ?? 20);
/** Another first seed makes scenarios that nothing was tuned on. */
const firstSeed = Number(process.env.DRIFTLINE_TEST_FIRST_SEED ?? 1);

const minShift = 0.01;

interface Tally {
  right: number;
  pages: number;
  of: number;
  /** Of those planted so large that they are worth a page. */
  worth: { pages: number; of: number };
}

function tally(kind: PlantedKind): Tally {
  const counted: Tally = { right: 0, pages: 0, of: scenarios, worth: { pages: 0, of: 0 } };
  for (let seed = firstSeed; seed < firstSeed + scenarios; seed += 1) {
    const { cells, truth, moved, regression } = plantedCause(kind, seed);
    const split = splitByTraffic(cells, 1);
    const { before, after } = totalsOf(cells);
    const shift = after.sum / after.n - before.sum / before.n;
    const { causes } = rankCauses(cells, { inflation: 1 });
    const pages = !isNoPage({ split, causes }, { shift, minShift });
    if (pages) counted.pages += 1;
    if (Math.abs(regression) >= minShift) {
      counted.worth.of += 1;
      if (pages) counted.worth.pages += 1;
    }
    if (kind === 'mix') {
      counted.right += movedValues(cells)[0]?.dimension === moved ? 1 : 0;
      continue;
    }
    const top = causes[0];
    const isTruth = truth.some(conditions => top && named(conditions) === named(top.conditions));
    counted.right += isTruth ? 1 : 0;
    if (!isTruth && process.env.DRIFTLINE_TEST_SCENARIOS)
      console.log(kind, seed, truth.map(named).join(' or '), 'but', top && named(top.conditions));
  }
  return counted;
}

const named = (conditions: readonly { dimension: string; value: string }[]) =>
  conditions
    .map(({ dimension, value }) => `${dimension}=${value}`)
    .sort()
    .join(' & ');

test('the planted cause comes first, and other traffic alone is no page', () => {
  const tallies = Object.fromEntries(plantedKinds.map(kind => [kind, tally(kind)])) as Record<
    PlantedKind,
    Tally
  >;
  const causes = plantedKinds.filter(kind => kind !== 'mix').map(kind => tallies[kind]);
  const sum = (read: (one: Tally) => number) => causes.reduce((total, one) => total + read(one), 0);
  if (process.env.DRIFTLINE_TEST_SCENARIOS) console.log(JSON.stringify(tallies));
  expect(sum(one => one.right) / sum(one => one.of)).toBeGreaterThanOrEqual(0.9);
  expect(tallies.mix.pages).toBe(0);
  expect(tallies.mix.right / tallies.mix.of).toBeGreaterThanOrEqual(0.9);
  // A regression that is worth a page is told, also beside a change of traffic.
  expect(sum(one => one.worth.pages)).toBeGreaterThanOrEqual(0.99 * sum(one => one.worth.of));
});

test('bad answers that are few and far between are put down to the new prompt, not to whoever got them', () => {
  const runs = 5 * scenarios;
  const found = { right: 0, wrong: 0 };
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const names = rankCauses(plantedBadAnswers(seed), { inflation: 1 }).causes.map(one =>
      named(one.conditions),
    );
    if (names[0] === 'prompt=answer v14') found.right += 1;
    if (names.some(name => !name.includes('answer v14'))) found.wrong += 1;
  }
  expect(found.right).toBeGreaterThanOrEqual(0.9 * runs);
  expect(found.wrong).toBeLessThanOrEqual(0.06 * runs);
});
