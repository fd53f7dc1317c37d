import { type SpendKind, spendKinds } from '#contract/spend-words.ts';
import { type PartSums, type SpendPart, unitSql } from './export-spend.ts';
import { OVERLAY } from './prepaid-use.ts';
import { spendKeys, spendMap } from './spend-columns.ts';
import { spendWhereSql } from './spend-where.ts';

/** Where an amount that was paid ahead is used up. */
export interface PrepaidBorder {
  overlayId: string;
  /** Unix milliseconds: the quarter of an hour in which it runs out. */
  atMs: number;
  /** Nano-dollars that this quarter still finds of it. */
  left: bigint;
  /** Unix milliseconds: when the next amount is there; null when the file holds no more than this one's time. */
  endMs: number | null;
}

interface Beyond {
  unit: PartSums['unit'];
  /** SQL of the keys of a FOCUS row, the commitment last. */
  dimensions: readonly string[];
  /** Columns that are added up. */
  numbers: readonly string[];
  borders: readonly PrepaidBorder[];
}

const dayS = 86_400;
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const instant = (ms: number) => `toDateTime(${ms / 1000}, 'UTC')`;

/** SQL: whether sums of an hour or day are of what was used after the hour or day in which its amount ran out. */
export function beyondSql({ unit, dimensions, borders }: Beyond): string {
  const commitment = `k${dimensions.length - 1}`;
  const after = borders.map(({ overlayId, atMs, endMs }) => {
    const before = endMs === null ? '' : `AND at < ${unitSql(unit, instant(endMs))}`;
    return `(${commitment} = ${quoted(overlayId)} AND at > ${unitSql(unit, instant(atMs))} ${before})`;
  });
  return `(entry_ != 'adjustment' AND (${after.join(' OR ')}))`;
}

/**
 * SQL, `UNION ALL …` or empty: what of the hour or day in which an amount runs out is beyond it, taken away and added again with `beyond` set.
 * What is moved is taken from the ledger: quarters of an hour in their order, and within the quarter its rows in the order of their keys,
 * the last of which is split.
 */
export function usedBeyond(part: SpendPart, beyond: Beyond): string {
  const [fromS, toS] = [part.fromMs / 1000, part.toMs / 1000];
  const here = beyond.borders.filter(({ atMs }) => atMs / 1000 < toS && atMs / 1000 + 2 * dayS > fromS);
  const sums = beyond.numbers.map(name => `s_${name}`);
  const keys = ['at', 'made', 'entry_', 'reason_', ...beyond.dimensions.map((_, at) => `k${at}`)];
  return here
    .map(
      border => `UNION ALL
  SELECT ${keys.join(', ')}, ${sums.map(name => `toInt64(effect.1 * ${name})`).join(', ')},
    mapApply((key, nanos) -> (key, toInt64(effect.1 * nanos)), s_reductions), toUInt8(effect.2)
  FROM (${laterQuarters(part, beyond, border)} UNION ALL ${thatQuarter(part, beyond, border)})
  ARRAY JOIN [(-1, 0), (1, 1)] AS effect`,
    )
    .join('\n');
}

/** SQL: rows of the commitment in some quarters. */
const rowsOf = ({ overlayId }: PrepaidBorder, quarters: string) =>
  `project_id = {project:String} AND ${quarters} AND entry != 'adjustment' AND ${OVERLAY} = ${quoted(overlayId)}`;

const unitAndKeys = (unit: Beyond['unit'], dimensions: readonly string[]) =>
  [
    `${unitSql(unit, 'bucket')} AS at, at AS made, 'call' AS entry_, '' AS reason_`,
    ...dimensions.map((sql, at) => `${sql} AS k${at}`),
  ].join(', ');
const groupBy = (dimensions: readonly string[]) => ['at', ...dimensions.map((_, at) => `k${at}`)].join(', ');
const inFile = "bucket >= {from:DateTime('UTC')} AND bucket < {to:DateTime('UTC')}";

/** SQL: everything of the hour or day that came after the quarter. */
function laterQuarters({ where }: SpendPart, { unit, dimensions, numbers }: Beyond, border: PrepaidBorder) {
  const atS = border.atMs / 1000;
  const quarters = `${inFile} AND bucket > ${instant(border.atMs)} AND bucket < toDateTime(${atS + 2 * dayS}, 'UTC')
    AND ${unitSql(unit, 'bucket')} = ${unitSql(unit, instant(border.atMs))}`;
  return `
    SELECT ${unitAndKeys(unit, dimensions)}, ${numbers.map(name => `sum(${name}) AS s_${name}`).join(', ')},
      CAST(sumMap(${spendMap}), 'Map(String, Int64)') AS s_reductions
    FROM spend_15m WHERE ${rowsOf(border, quarters)} ${spendWhereSql(where).sql}
    GROUP BY ${groupBy(dimensions)}`;
}

const reasons = ['discount', 'commitment', 'prepaid'] as const;

/**
 * SQL: what of the quarter itself is beyond. `upto` is what its rows have used with this one; what of a row is covered is what
 * least(left, upto) grows by, so that all rows together are covered by the very amount that was left.
 */
function thatQuarter({ where }: SpendPart, { unit, dimensions, numbers }: Beyond, border: PrepaidBorder) {
  const keys = spendKeys.join(', ');
  const left = `toInt64(${border.left})`;
  const kinds = spendKinds.map(
    kind =>
      `(${quoted(kind)}, sum(units_${kind}), sum(nanos_${kind}), ${reasons.map(why => `off[${quoted(`${why}.${kind}`)}]`).join(', ')})`,
  );
  const shareOf = (sql: string) =>
    `toInt64(multiIf(is_all, ${sql}, over = 0, 0, intDiv(toInt128(${sql}) * over, if(prepaid = 0, 1, prepaid))))`;
  // Both sides of a row that is split have tokens, where there are two of them.
  const units = `multiIf(is_all, units, over = 0 OR units < 2, 0, greatest(1, least(units - 1, ${shareOf('units')})))`;
  const sumOf = (column: string, kind: SpendKind) => `sumIf(${column}, kind = ${quoted(kind)})`;
  const sums: Record<string, string> = {
    unpriced_calls: 'toInt64(0)',
    cost_nanos: 'sum(b_nanos)',
    ...Object.fromEntries(
      spendKinds.flatMap(kind => [
        [`units_${kind}`, sumOf('b_units', kind)],
        [`nanos_${kind}`, sumOf('b_nanos', kind)],
      ]),
    ),
  };
  const reductions = spendKinds.flatMap(kind =>
    reasons.flatMap(why => [quoted(`${why}.${kind}`), sumOf(`b_${why}`, kind)]),
  );
  return `
    SELECT ${unitAndKeys(unit, dimensions)}, ${numbers.map(name => `${sums[name]} AS s_${name}`).join(', ')},
      CAST(mapFilter((key, nanos) -> nanos != 0, map(${reductions.join(', ')})), 'Map(String, Int64)') AS s_reductions
    FROM (
      SELECT bucket, ${keys}, is_asked, kind, toInt64(${units}) AS b_units,
        ${shareOf('nanos')} AS b_nanos, ${shareOf('discount')} AS b_discount, ${shareOf('commitment')} AS b_commitment,
        over AS b_prepaid
      FROM (
        SELECT *, upto - prepaid >= ${left} AS is_all, prepaid - least(${left}, upto) + least(${left}, upto - prepaid) AS over
        FROM (
        SELECT bucket, ${keys}, is_asked, amount.1 AS kind, amount.2 AS units, amount.3 AS nanos,
          amount.4 AS discount, amount.5 AS commitment, amount.6 AS prepaid,
          sum(amount.6) OVER (ORDER BY ${keys}, amount.1 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto
        FROM (
          SELECT bucket, ${keys}, (1 ${spendWhereSql(where).sql}) AS is_asked,
            CAST(sumMap(${spendMap}), 'Map(String, Int64)') AS off, [${kinds.join(', ')}] AS amounts
          FROM spend_15m WHERE ${rowsOf(border, `bucket = ${instant(border.atMs)}`)}
          GROUP BY bucket, ${keys}
        )
        ARRAY JOIN arrayFilter(one -> one.2 != 0 OR one.3 != 0 OR one.6 != 0, amounts) AS amount
        )
      )
    )
    WHERE is_asked AND ${inFile}
    GROUP BY ${groupBy(dimensions)}`;
}
