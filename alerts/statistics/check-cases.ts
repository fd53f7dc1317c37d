import { type CaseInput, computeCase } from './reference-cases.ts';

interface ReferenceCase {
  id: string;
  kind: string;
  input: CaseInput;
  expected: Record<string, unknown>;
  tolerance: number;
}

export interface CheckedCases {
  cases: number;
  /** One sentence for each case that is out of tolerance or could not be computed. */
  failures: string[];
}

/**
 * Checks every case of a parsed statistics reference file: each expected name, and each number in it, must come out within
 * tolerance × max(1, |expected|). Throws a plain sentence when the file has another form.
 */
export function checkCases(file: unknown): CheckedCases {
  const cases = casesOf(file);
  const failures = cases.flatMap(one => {
    const problem = problemOf(one);
    return problem === null ? [] : [`${one.id} (${one.kind}): ${problem}`];
  });
  return { cases: cases.length, failures };
}

function problemOf(one: ReferenceCase): string | null {
  let got: Record<string, unknown>;
  try {
    got = computeCase(one.kind, one.input);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  for (const [name, expected] of Object.entries(one.expected)) {
    if (!(name in got)) return `${name} is not computed`;
    const problem = difference(got[name], expected, one.tolerance, name);
    if (problem !== null) return problem;
  }
  return null;
}

function difference(got: unknown, expected: unknown, tolerance: number, name: string): string | null {
  if (Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length) return `${name} has another length`;
    const problems = expected.map((each, at) => difference(got[at], each, tolerance, `${name}[${at}]`));
    return problems.find(problem => problem !== null) ?? null;
  }
  const isClose =
    typeof expected === 'number' && typeof got === 'number'
      ? got === expected || Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected))
      : got === expected;
  return isClose ? null : `${name} is ${String(got)}, expected ${String(expected)}`;
}

function casesOf(file: unknown): ReferenceCase[] {
  const cases = isRecord(file) ? file.cases : undefined;
  if (!Array.isArray(cases) || cases.length === 0) throw new Error('the file has no list "cases"');
  return cases.map((one: unknown, at) => {
    if (!isRecord(one)) throw new Error(`cases[${at}] is not an object`);
    const { id, kind, input, expected, tolerance } = one;
    if (
      typeof kind !== 'string' ||
      !isRecord(input) ||
      !isRecord(expected) ||
      typeof tolerance !== 'number'
    ) {
      throw new Error(`cases[${at}] needs kind, input, expected and tolerance`);
    }
    return { id: typeof id === 'string' ? id : `cases[${at}]`, kind, input, expected, tolerance };
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
