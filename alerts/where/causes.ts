import { arrivedValues } from './arrived-values.ts';
import { changesOf } from './cell-changes.ts';
import { type Cells, outcomeDimensions, projected, totalsOf } from './cells.ts';
import { inCommon } from './common-cause.ts';
import { describe, type RankedCause } from './describe-cause.ts';
import { strongest } from './strongest-cause.ts';

export interface RankedCauses {
  causes: RankedCause[];
  /** How many segments and pairs were tried. */
  tried: number;
}

interface Options {
  /** How much more values wander than independent ones would, ≥ 1. */
  inflation: number;
  mostCauses?: number;
}

/**
 * Which calls changed unlike all others. Every cell (calls that agree in all dimensions) is compared with itself before the
 * change, so that no shift of shares can look like a cause; a cell with a value that is new is compared with the calls that
 * had another value in its place. A segment's change δ_S is the precision-weighted mean over its cells; it is ranked by
 * z = (δ_S − δ_rest) / √(1/I_S + 1/I_rest), whose half square is the gain in log likelihood of "S changed by its own amount",
 * less the logarithm of how many such segments there are. A cause found is taken out, and the search repeated.
 */
export function rankCauses(all: Cells, { inflation, mostCauses = 5 }: Options): RankedCauses {
  const strata = projected(
    all,
    all.dimensions.filter(name => !outcomeDimensions.includes(name)),
  );
  const totals = totalsOf(strata);
  if (totals.before.n === 0 || totals.after.n === 0) return { causes: [], tried: 0 };
  const shift = totals.after.sum / totals.after.n - totals.before.sum / totals.before.n;
  if (shift === 0) return { causes: [], tried: 0 };
  const arrived = arrivedValues(strata, totals);
  let changes = changesOf(strata, arrived, Math.max(1, inflation));
  const context = { strata, arrived, direction: Math.sign(shift), shift, callsAfter: totals.after.n };
  const causes: RankedCause[] = [];
  let tried = 0;
  while (causes.length < mostCauses) {
    const round = strongest(changes, context);
    tried ||= round.tried;
    if (!round.best) break;
    const { best } = round;
    causes.push(describe(best, strata, context, tried));
    changes = changes.map(change =>
      best.holds(change) ? { ...change, delta: change.delta - best.effect } : change,
    );
  }
  const common = inCommon(changes, context);
  if (common && causes.length < mostCauses) {
    const cause = describe(common, strata, context, 1);
    const at = causes.findIndex(({ explained }) => explained < cause.explained);
    causes.splice(at === -1 ? causes.length : at, 0, cause);
  }
  return { causes, tried };
}
