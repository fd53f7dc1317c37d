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
// is how senders say that they do not know since when.
const FROM_ZERO =
  "(temporality = 'delta' OR (place = 1 AND start_time >= {from:DateTime64(3)} AND start_time < time))";

const SERIES = 'PARTITION BY series_id, start_time ORDER BY time';
const before = (column: string) =>
  `lagInFrame(${column}) OVER (${SERIES} ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)`;

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
    SELECT ${KEPT_GROUP} AS grp, time, start_time, temporality, monotonic, value,
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

/** Counts below each upper boundary of `bounds` of what `earlier_bounds` and `earlier_counts` say. */
const EARLIER_BELOW = `if(bounds = earlier_bounds, arrayCumSum(earlier_counts),
    arrayMap(upper -> arraySum((earlier_upper, n) -> if(earlier_upper <= upper, n, 0.),
      arrayPushBack(earlier_bounds, inf), earlier_counts), arrayPushBack(bounds, inf)))`;

// An exponential histogram changes its boundaries while it counts, so a difference is taken below each boundary of the later
// point: the earlier one has the same boundaries or finer ones.
const ADDED_BUCKETS = `arrayMap((below, below_lower) -> greatest(below - below_lower, 0.),
    arrayMap((n, earlier) -> n - earlier, arrayCumSum(counts), earlier_below) AS added_below,
    arrayPushFront(arrayPopBack(added_below), 0.))`;

const COUNTED = `
SELECT ${BUCKET} AS bucket, grp, bounds, counts, fresh,
  if(fresh, toFloat64(count), toFloat64(count) - toFloat64(count_before)) AS added_count,
  if(fresh, sum, sum - sum_before) AS added_sum,
  has_buckets AND (fresh OR had_buckets) AS knows_buckets,
  if(knows_buckets AND NOT fresh, ${EARLIER_BELOW}, arrayMap(n -> 0., counts)) AS earlier_below,
  if(knows_buckets, ${ADDED_BUCKETS}, []) AS added
FROM (
  SELECT grp, time, count, sum, count_before, sum_before, bounds, earlier_bounds, earlier_counts,
    length(bounds) > 0 AND length(bucket_counts) = length(bounds) + 1 AS has_buckets,
    length(earlier_bounds) > 0 AND length(earlier_counts) = length(earlier_bounds) + 1 AS had_buckets,
    arrayMap(n -> toFloat64(n), bucket_counts) AS counts,
    ${FROM_ZERO} OR (place > 1 AND count < count_before) AS fresh
  FROM (
    SELECT ${KEPT_GROUP} AS grp, time, start_time, temporality, count, sum, bounds, bucket_counts,
      ${before('count')} AS count_before,
      ${before('sum')} AS sum_before,
      ${before('bounds')} AS earlier_bounds,
      arrayMap(n -> toFloat64(n), ${before('bucket_counts')}) AS earlier_counts,
      row_number() OVER (${SERIES}) AS place
    FROM metrics FINAL
    WHERE ${OF_METRIC} AND time >= {since:DateTime64(3)} AND time < {to:DateTime64(3)} AND isNotNull(count)
  )
  WHERE ${IN_RANGE} AND (fresh OR place > 1)
)`;

/** Rows bucket, grp, count and value, the sum of what was measured: null when a sender leaves it out. */
export const COUNTS = `
SELECT bucket, grp, sum(added_count) AS count, if(countIf(isNull(added_sum)) = 0, sum(added_sum), NULL) AS value
FROM (${COUNTED})
GROUP BY bucket, grp
ORDER BY grp, bucket`;

/** Share of a bucket that lies at or below an edge; one whose ends are the same is all there. */
const SHARE_BELOW = (edge: string, touching: '<=' | '<') =>
  `multiIf(lower = upper, upper ${touching} ${edge}, upper <= ${edge}, 1., lower >= ${edge}, 0.,
      (${edge} - lower) / (upper - lower))`;

const sumBelow = (touching: '<=' | '<') =>
  `arrayMap(edge -> arraySum((lower, upper, n) -> n * ${SHARE_BELOW('edge', touching)}, lowers, uppers, ns), edges)`;

/** The value below which a share of all measurements lies, in a straight line between two edges. */
const quantile = (share: number) => {
  const at = `arrayFirstIndex(n -> n >= ${share} * total, up_to)`;
  return `if(below[${at}] < ${share} * total OR ${at} = 1, edges[${at}],
    edges[${at} - 1] + (edges[${at}] - edges[${at} - 1])
      * (${share} * total - up_to[${at} - 1]) / (below[${at}] - up_to[${at} - 1]))`;
};

/**
 * Rows bucket, grp, p50, p95, p99 of the buckets of all series together, each spread evenly over its width: series may have
 * different boundaries. The lowest bucket begins at 0, or is taken at its boundary when that is not above 0; nothing is
 * known of the values above the last boundary but that, so it stands for them.
 */
export const QUANTILES = `
SELECT bucket, grp, ${[0.5, 0.95, 0.99].map((share, at) => `${quantile(share)} AS p${[50, 95, 99][at]}`).join(',\n  ')}
FROM (
  SELECT bucket, grp, arraySum(ns) AS total, edges, ${sumBelow('<=')} AS up_to, ${sumBelow('<')} AS below
  FROM (
    SELECT bucket, grp, groupArray(lower) AS lowers, groupArray(upper) AS uppers, groupArray(n) AS ns,
      arraySort(arrayDistinct(arrayConcat(lowers, uppers))) AS edges
    FROM (
      SELECT bucket, grp, lower, upper, sum(part) AS n
      FROM (SELECT bucket, grp, bounds, added FROM (${COUNTED}) WHERE knows_buckets)
      ARRAY JOIN added AS part,
        arrayPushFront(bounds, if(bounds[1] > 0, 0., bounds[1])) AS lower,
        arrayPushBack(bounds, bounds[-1]) AS upper
      WHERE part > 0
      GROUP BY bucket, grp, lower, upper
    )
    GROUP BY bucket, grp
  )
)
ORDER BY grp, bucket`;
