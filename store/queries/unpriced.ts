/** SQL: calls whose cost is unknown. One that the provider refused has no cost either, but is known to be unbilled. */
export const UNPRICED = 'countIf(isNull(cost_nanos) AND ifNull(cost_high_nanos, 1) != 0)';
