import { initialState, step } from '../drift/detector.ts';
import { normalMixtureBoundary } from '../drift/shift.ts';
import { mixtureRatio } from './always-valid.ts';
import { chiSquareHomogeneity, cramersV } from './categories.ts';
import { cusum, pageHinkley } from './control-charts.ts';
import {
  jensenShannonDistance,
  populationStability,
  wasserstein1,
  wasserstein1Weighted,
} from './distances.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { mannWhitney } from './mann-whitney.ts';
import { sampleMoments, welchTest } from './means.ts';
import { adjustP, rejectByEValues } from './multiple-testing.ts';
import { twoProportionZ } from './proportions.ts';

/**
 * Computes what a case of a statistics reference file asks for, by the functions the product uses: kind and input as in the
 * file, and an answer with every name the file may expect. Throws a plain sentence for an unknown kind or unusable input.
 */
export function computeCase(kind: string, input: CaseInput): Record<string, unknown> {
  const compute = computations[kind];
  if (compute === undefined) throw new RangeError(`unknown kind of case: ${kind}`);
  return compute(input);
}

/** Named numbers and lists of numbers; read through the helpers below, which refuse anything else. */
export type CaseInput = Record<string, unknown>;

const computations: Record<string, (input: CaseInput) => Record<string, unknown>> = {
  psi: input => ({
    psi: populationStability(
      list(input, 'reference'),
      list(input, 'current'),
      input.floor === undefined ? undefined : number(input, 'floor'),
    ),
  }),
  jensen_shannon_distance: input => ({
    distance: jensenShannonDistance(
      list(input, 'reference'),
      list(input, 'current'),
      input.base === undefined || input.base === 'e' ? Math.E : number(input, 'base'),
    ),
  }),
  wasserstein1: input => ({ distance: wasserstein1(list(input, 'x'), list(input, 'y')) }),
  wasserstein1_weighted: input => ({
    distance: wasserstein1Weighted(list(input, 'values'), list(input, 'x_weights'), list(input, 'y_weights')),
  }),
  ks_two_sample: input => {
    const test = kolmogorovSmirnov(list(input, 'x'), list(input, 'y'));
    return {
      d: test.d,
      p_exact: test.pExact,
      p_asymptotic: test.pAsymptotic,
      p_kolmogorov_limit: test.pKolmogorovLimit,
    };
  },
  chi_square_homogeneity: input => ({
    ...chiSquareHomogeneity(list(input, 'reference'), list(input, 'current')),
  }),
  cramers_v: input => {
    const { v, vBiasCorrected } = cramersV(list(input, 'reference'), list(input, 'current'));
    return { v, v_bias_corrected: vBiasCorrected };
  },
  welch_t: input => welchAnswer(sampleMoments(list(input, 'x'), 'x'), sampleMoments(list(input, 'y'), 'y')),
  welch_t_from_moments: input => welchAnswer(momentsOf(input, 1), momentsOf(input, 2)),
  mann_whitney_u: input => {
    const test = mannWhitney(list(input, 'x'), list(input, 'y'));
    return {
      u1: test.u1,
      p_asymptotic_continuity: test.pAsymptoticContinuity,
      p_asymptotic: test.pAsymptotic,
      p_exact: test.pExact,
    };
  },
  p_adjust: input => {
    const adjusted = adjustP(list(input, 'p'));
    const alpha = number(input, 'alpha');
    return { ...adjusted, rejected_bh: adjusted.bh.map(p => p <= alpha) };
  },
  e_bh: input => ({ rejected_indices: rejectByEValues(list(input, 'e'), number(input, 'alpha')) }),
  two_proportion_z: input => {
    const test = twoProportionZ(
      { successes: number(input, 'successes1'), n: number(input, 'n1') },
      { successes: number(input, 'successes2'), n: number(input, 'n2') },
    );
    return {
      z_pooled: test.zPooled,
      p_pooled: test.pPooled,
      z_unpooled: test.zUnpooled,
      p_unpooled: test.pUnpooled,
    };
  },
  cusum_two_sided: input => {
    const { upper, lower, firstAlarmIndex } = cusum(list(input, 'x'), {
      mu: number(input, 'mu'),
      sd: number(input, 'sd'),
      k: number(input, 'k'),
      h: number(input, 'h'),
    });
    return { upper, lower, first_alarm_index: firstAlarmIndex };
  },
  page_hinkley_two_sided: input => {
    const { upper, lower, firstAlarmIndex } = pageHinkley(list(input, 'x'), {
      delta: number(input, 'delta'),
      lambda: number(input, 'lambda'),
      minInstances: number(input, 'min_instances'),
    });
    return { up_down: upper.map((up, at) => [up, lower[at]]), first_alarm_index: firstAlarmIndex };
  },
  msprt_normal: input => {
    const { logLambda, pSingleLook } = mixtureRatio({
      mean: number(input, 'mean'),
      n: number(input, 'n'),
      sigma2: number(input, 'sigma2'),
      tau2: number(input, 'tau2'),
      theta0: number(input, 'theta0'),
    });
    return { log_lambda: logLambda, always_valid_p_single_look: pSingleLook };
  },
  normal_mixture_boundary: input => ({
    two_sided_radius_for_sum: normalMixtureBoundary(
      number(input, 'v'),
      number(input, 'rho'),
      number(input, 'alpha'),
    ),
  }),
  mixture_shiryaev_roberts: shiryaevRoberts,
};

function welchAnswer(...[a, b]: Parameters<typeof welchTest>): Record<string, unknown> {
  const { t, df, pTwoSided } = welchTest(a, b);
  return { t, df, p_two_sided: pTwoSided };
}

function momentsOf(input: CaseInput, side: 1 | 2): Parameters<typeof welchTest>[0] {
  return {
    n: number(input, `n${side}`),
    mean: number(input, `mean${side}`),
    variance: number(input, `sd${side}`) ** 2,
  };
}

/** The live detector without clip and threshold, so that nothing is reset in the listing. */
function shiryaevRoberts(input: CaseInput): Record<string, unknown> {
  const variances = list(input, 'variances');
  const options = {
    minShift: number(input, 'min_effect'),
    slack: number(input, 'slack'),
    grid: list(input, 'grid'),
    clipSds: Number.POSITIVE_INFINITY,
    threshold: Number.POSITIVE_INFINITY,
  };
  let state = initialState(options);
  const logM = list(input, 'residuals').map((residual, at) => {
    const next = step(state, { startMs: at, n: 1, expected: 0, residual, variance: variances[at]! }, options);
    state = next.state;
    return next.logEvidence;
  });
  const threshold = number(input, 'log_threshold');
  const first = logM.findIndex(value => value !== null && value >= threshold);
  return { log_m: logM, first_alarm_index: first < 0 ? null : first };
}

function number(input: CaseInput, name: string): number {
  const value = input[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new RangeError(`${name} is not a number`);
  return value;
}

function list(input: CaseInput, name: string): number[] {
  const value = input[name];
  if (!Array.isArray(value)) throw new RangeError(`${name} is not a list`);
  return value.map((entry: unknown, at) => {
    if (typeof entry !== 'number') throw new RangeError(`${name}[${at}] is not a number`);
    return entry;
  });
}
