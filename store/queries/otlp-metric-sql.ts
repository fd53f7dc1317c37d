/**
 * SQL over the table `metrics`: from points as they were received to what was added between them. Parameters: project,
 * name, unit, kinds, service, group_key, kept (groups; none keeps all), since (where the base of a difference may be),
 * from, to, step (seconds).
 */

/** `service` names the sender, anything else an attribute of the point; groups that are not kept become `Other`. */
export const GROUP = `multiIf({group_key:String} = '', '',
    {group_key:String} = 'service', service, attributes[{group_key:String}])`;

const KEPT_GROUP = `if(empty({kept:Array(String)}) OR has({kept:Array(String)}, ${GROUP}), ${GROUP}, 'Other')`;

export const OF_METRIC = `project_id = {project:String} AND name = {name:String} AND unit = {unit:String}
  AND kind IN {kinds:Array(String)} AND ({service:String} = '' OR service = {service:String})`;

const BUCKET = 'intDiv(toUnixTimestamp(time), {step:UInt32}) * {step:UInt32}';

const IN_RANGE = 'time >= {from:DateTime64(3)} AND time < {to:DateTime64(3)}';

// What a sender counted since a start that is in the range was counted in the range. A start equal to the time of the point
// is how those who pass on what others count say that they do not know since when; an SDK knows.
const FROM_ZERO =
  "(temporality = 'delta' OR (place = 1 AND start_time >= {from:DateTime64(3)} AND knows_start))";
const KNOWS_START = "(start_time < time OR resource['telemetry.sdk.name'] != '') AS knows_start";

const SERIES = 'PARTITION BY series_id, start_time ORDER BY time';
const LAST_SERIES = 'PARTITION BY series_id, start_time ORDER BY last';
const ONE_BEFORE = 'ROWS BETWEEN 1 PRECEDING AND CURRENT ROW';
const before = (column: string) => `lagInFrame(${column}) OVER (${SERIES} ${ONE_BEFORE})`;

/** Rows bucket, grp, value: what was added. */
export const SUMS = `
SELECT bucket, grp, sum(assumeNotNull(added)) AS value
FROM (
  SELECT ${BUCKET} AS bucket, grp, multiIf(
      ${FROM_ZERO}, value,
      place = 1, NULL,
      monotonic = 1 AND value < value_before, value,
      value - value_before) AS added
  FROM (
    SELECT ${KEPT_GROUP} AS grp, time, start_time, temporality, monotonic, value, ${KNOWS_START},
      ${before('value')} AS value_before,
      row_number() OVER (${SERIES}) AS place
    FROM metrics FINAL
    WHERE ${OF_METRIC} AND time >= {since:DateTime64(3)} AND time < {to:DateTime64(3)} AND isNotNull(value)
  )
  WHERE ${IN_RANGE}
)
WHERE isNotNull(added)
GROUP BY bucket, grp
ORDER BY grp, bucket`;

/** Rows bucket, grp, value: the mean over series of each series' mean, so that one that reports often weighs no more. */
export const GAUGES = `
SELECT bucket, grp, avg(mean) AS value
FROM (
  SELECT ${BUCKET} AS bucket, ${KEPT_GROUP} AS grp, avg(assumeNotNull(value)) AS mean
  FROM metrics FINAL
  WHERE ${OF_METRIC} AND ${IN_RANGE} AND isNotNull(value)
  GROUP BY bucket, grp, series_id
)
GROUP BY bucket, grp
ORDER BY grp, bucket`;

/** Rows bucket, grp, count and value, the sum of what was measured: null when a sender leaves it out. */
export const COUNTS = `
SELECT bucket, grp, sum(added) AS count, if(countIf(isNull(added_sum)) = 0, sum(added_sum), NULL) AS value
FROM (
  SELECT ${BUCKET} AS bucket, grp,
    ${FROM_ZERO} OR (place > 1 AND count < count_before) AS fresh,
    if(fresh, toFloat64(count), toFloat64(count) - toFloat64(count_before)) AS added,
    if(fresh, sum, sum - sum_before) AS added_sum
  FROM (
    SELECT ${KEPT_GROUP} AS grp, time, start_time, temporality, count, sum, ${KNOWS_START},
      ${before('count')} AS count_before,
      ${before('sum')} AS sum_before,
      row_number() OVER (${SERIES}) AS place
    FROM metrics FINAL
    WHERE ${OF_METRIC} AND time >= {since:DateTime64(3)} AND time < {to:DateTime64(3)} AND isNotNull(count)
  )
  WHERE ${IN_RANGE} AND (fresh OR place > 1)
)
GROUP BY bucket, grp
ORDER BY grp, bucket`;

const HAS_BUCKETS = 'length(bounds) > 0 AND length(bucket_counts) = length(bounds) + 1';
const AS_FLOATS = 'arrayMap(n -> toFloat64(n), bucket_counts)';

/** Rows bucket, grp, bounds, added: of senders that say themselves what was added. */
const DELTA_BUCKETS = `
SELECT ${BUCKET} AS bucket, ${KEPT_GROUP} AS grp, bounds, sumForEach(${AS_FLOATS}) AS added
FROM metrics FINAL
WHERE ${OF_METRIC} AND ${IN_RANGE} AND temporality = 'delta' AND ${HAS_BUCKETS}
GROUP BY bucket, grp, bounds`;

/** Which run of a series a cumulative point belongs to (a fall of its count begins another), and whether it is only a base. */
const RUNS = `
SELECT series_id, start_time, time, place = 1 AND NOT ${FROM_ZERO} AS is_base,
  sum(fell) OVER (${SERIES} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
FROM (
  SELECT series_id, start_time, time, temporality, ${KNOWS_START}, row_number() OVER (${SERIES}) AS place,
    place > 1 AND count < ${before('count')} AS fell
  FROM metrics FINAL
  WHERE ${OF_METRIC} AND time >= {since:DateTime64(3)} AND time < {to:DateTime64(3)} AND isNotNull(count)
    AND temporality != 'delta' AND ${HAS_BUCKETS}
)`;

// Of the points of a run in one bucket only the last is needed. The wide arrays are never sorted: that is what takes memory.
const LAST_OF_RUNS = `
SELECT series_id, start_time, run, ${BUCKET} AS bucket, ${IN_RANGE} AND NOT is_base AS is_shown, any(${KEPT_GROUP}) AS grp,
  max(time) AS last, argMax(bounds, time) AS last_bounds, argMax(${AS_FLOATS}, time) AS last_counts
FROM metrics FINAL
INNER JOIN (${RUNS}) AS runs USING (series_id, start_time, time)
WHERE ${OF_METRIC} AND time >= {since:DateTime64(3)} AND time < {to:DateTime64(3)} AND temporality != 'delta' AND ${HAS_BUCKETS}
GROUP BY series_id, start_time, run, bucket, is_shown`;

/** Counts below each upper boundary of `bounds` of what the earlier point says. */
const EARLIER_BELOW = `if(bounds = earlier_bounds, arrayCumSum(earlier_counts),
    arrayMap(upper -> arraySum((earlier_upper, n) -> if(earlier_upper <= upper, n, 0.),
      arrayPushBack(earlier_bounds, inf), earlier_counts), arrayPushBack(bounds, inf)))`;

/**
 * Rows bucket, grp, bounds, added: differences of cumulative buckets. An exponential histogram changes its boundaries
 * while it counts, so they are taken below each boundary of the later point: the earlier one has the same or finer ones.
 */
const CUMULATIVE_BUCKETS = `
SELECT bucket, grp, bounds,
  arrayMap((n, earlier) -> n - earlier, arrayCumSum(counts), earlier_below) AS added_below,
  arrayMap((n, lower) -> greatest(n - lower, 0.), added_below, arrayPushFront(arrayPopBack(added_below), 0.)) AS added
FROM (
  SELECT bucket, grp, bounds, counts,
    if(place = 1 OR run != run_before, arrayMap(n -> 0., counts), ${EARLIER_BELOW}) AS earlier_below
  FROM (
    SELECT bucket, grp, run, is_shown, last_bounds AS bounds, last_counts AS counts,
      row_number() OVER (${LAST_SERIES}) AS place,
      lagInFrame(run) OVER (${LAST_SERIES} ${ONE_BEFORE}) AS run_before,
      lagInFrame(last_bounds) OVER (${LAST_SERIES} ${ONE_BEFORE}) AS earlier_bounds,
      lagInFrame(last_counts) OVER (${LAST_SERIES} ${ONE_BEFORE}) AS earlier_counts
    FROM (${LAST_OF_RUNS})
  )
  WHERE is_shown
)`;

/**
 * Rows bucket, grp, lower, upper, n: the buckets of all series. The lowest one begins at 0, or is taken at its boundary
 * when that is not above 0; nothing is known of the values above the last boundary but that, so it stands for them.
 */
const BUCKETS = `
SELECT bucket, grp, lower, upper, sum(part) AS n
FROM (
  SELECT bucket, grp, bounds, added FROM (${DELTA_BUCKETS})
  UNION ALL
  SELECT bucket, grp, bounds, added FROM (${CUMULATIVE_BUCKETS})
)
ARRAY JOIN added AS part,
  arrayPushFront(bounds, if(bounds[1] > 0, 0., bounds[1])) AS lower,
  arrayPushBack(bounds, bounds[-1]) AS upper
WHERE part > 0
GROUP BY bucket, grp, lower, upper`;

/**
 * Rows bucket, grp, edge, and how much lies below it and up to it, when what is in a bucket is spread evenly over its
 * width. What lies in buckets that reach over the edge is the sum of n (edge - lower) / (upper - lower), which is
 * edge a - b; where no bucket does, the counts alone say it, exactly.
 */
const EDGES = `
SELECT bucket, grp, edge, sum(ended) OVER up_to_here AS closed,
  sum(began_k) OVER before_here - sum(ended_k) OVER up_to_here AS reaching_over,
  if(reaching_over = 0, 0., edge * (sum(began_a) OVER before_here - sum(ended_a) OVER up_to_here)
    - (sum(began_b) OVER before_here - sum(ended_b) OVER up_to_here)) AS partly,
  closed + partly + sum(point) OVER before_here AS below,
  below + point AS up_to
FROM (
  SELECT bucket, grp, edge,
    sumIf(n, lower = upper AND is_upper) AS point,
    sumIf(n, lower < upper AND is_upper) AS ended,
    countIf(lower < upper AND NOT is_upper) AS began_k,
    countIf(lower < upper AND is_upper) AS ended_k,
    sumIf(n / (upper - lower), lower < upper AND NOT is_upper) AS began_a,
    sumIf(n / (upper - lower), lower < upper AND is_upper) AS ended_a,
    sumIf(n * lower / (upper - lower), lower < upper AND NOT is_upper) AS began_b,
    sumIf(n * lower / (upper - lower), lower < upper AND is_upper) AS ended_b
  FROM (${BUCKETS})
  ARRAY JOIN [lower, upper] AS edge, [false, true] AS is_upper
  GROUP BY bucket, grp, edge
)
WINDOW
  up_to_here AS (PARTITION BY bucket, grp ORDER BY edge ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
  before_here AS (PARTITION BY bucket, grp ORDER BY edge ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;

/** The value below which a share of all measurements lies, in a straight line between two edges. */
const quantile = (share: number) => {
  const wanted = `${share} * up_tos[-1]`;
  const at = `arrayFirstIndex(n -> n >= ${wanted}, up_tos)`;
  return `if(${at} = 1 OR belows[${at}] < ${wanted}, edges[${at}],
    edges[${at} - 1] + (edges[${at}] - edges[${at} - 1])
      * (${wanted} - up_tos[${at} - 1]) / (belows[${at}] - up_tos[${at} - 1]))`;
};

/** Rows bucket, grp, p50, p95, p99 of the buckets of all series together, which may have different boundaries. */
export const QUANTILES = `
SELECT bucket, grp, p50, p95, p99 FROM (
SELECT bucket, grp, arraySort(groupArray((edge, below, up_to))) AS sorted,
  tupleElement(sorted, 1) AS edges, tupleElement(sorted, 2) AS belows, tupleElement(sorted, 3) AS up_tos,
  ${[0.5, 0.95, 0.99].map((share, at) => `${quantile(share)} AS p${[50, 95, 99][at]}`).join(',\n  ')}
FROM (${EDGES})
GROUP BY bucket, grp)`;
