import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { logEvidence, radius, rhoFor } from './normal-mixture.ts';

interface Reference {
  cases: {
    kind: string;
    input: { v: number; rho: number; alpha: number };
    expected: Record<string, number>;
  }[];
}
const { cases } = JSON.parse(readFileSync('../shared/statistics-reference.json', 'utf8')) as Reference;
const boundaries = cases.filter(({ kind }) => kind === 'normal_mixture_boundary');

test.each(boundaries)('the boundary at $input', ({ input: { v, rho, alpha }, expected }) => {
  expect(radius(v, { rho, alpha }) * v).toBeCloseTo(expected.two_sided_radius_for_sum!, 9);
});

test('rho makes the sequence narrowest where its radius is the margin', () => {
  const [margin, alpha] = [0.02, 0.025];
  const rho = rhoFor(margin, alpha);
  let information = rho;
  while (radius(information, { rho, alpha }) > margin) information *= 1.0001;
  for (const other of [0.7 * rho, 0.95 * rho, 1.05 * rho, 1.4 * rho]) {
    expect(radius(information, { rho: other, alpha })).toBeGreaterThan(radius(information, { rho, alpha }));
  }
});

test('the interval leaves out 0 exactly when the e-value reaches 1 / alpha', () => {
  const [rho, alpha] = [500, 0.05];
  const off = radius(2_000, { rho, alpha });
  expect(logEvidence(off, 2_000, rho)).toBeCloseTo(Math.log(1 / alpha), 9);
});
