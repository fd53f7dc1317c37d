import type { Readable } from 'node:stream';
import type { FocusVersion } from '#contract/export.ts';
import { type SpendKind, spendKinds } from '#contract/spend-words.ts';
import type { ClickHouse } from '../engine/client.ts';
import {
  fileSettings,
  partParams,
  partSums,
  type SpendPart,
  safeInSheets,
  usdSql,
  wholePeriodSql,
} from './export-spend.ts';
import { beyondSql, type PrepaidBorder, usedBeyond } from './focus-beyond.ts';
import { OVERLAY } from './prepaid-use.ts';
import { spendMap } from './spend-columns.ts';
import { promptOf } from './where.ts';

export interface FocusQuestion extends SpendPart {
  interval: 'hour' | 'day';
  version: FocusVersion;
  /** See `focusCommitments`. */
  commitments: readonly string[] | null;
  /** What commitments are called, by id; their ids where they are not here. */
  commitmentNames?: ReadonlyMap<string, string>;
  /** Where amounts that were paid ahead are used up: what is used beyond is billed, and is under no commitment. */
  borders?: readonly PrepaidBorder[];
  /** Whether the names of the columns come first; default: they do. */
  header?: boolean;
}

/**
 * Spend as the FinOps Open Cost and Usage Specification writes it, in CSV: one row per period, feature, team, environment,
 * prompt, model, service tier, commitment and kind of unit. A booking for a month that was closed is a correction of the day it is for.
 * Bytes as `exportSpendRows`.
 */
export async function exportSpendFocus(
  clickhouse: ClickHouse,
  question: FocusQuestion,
  signal?: AbortSignal,
): Promise<Readable> {
  const named = [...(question.commitmentNames ?? [])];
  const names = { ids: named.map(([id]) => id), names: named.map(([, name]) => name) };
  return clickhouse.bytes(
    await focusSql(clickhouse, question),
    { ...partParams(question), ...names },
    {
      ...(signal && { signal }),
      settings: fileSettings,
    },
  );
}

interface Meter {
  meter: string;
  unit: 'Tokens' | 'Images' | 'Requests' | 'Units';
  direction: 'input' | 'output' | '';
  cache: 'read' | 'write' | 'write_1h' | '';
}

/** What is counted, in the specification's words; `direction` and `cache` are empty where a kind has none. */
const meters: Record<SpendKind, Meter> = {
  input: tokens('Input', 'input'),
  cache_read: tokens('Cached Input', 'input', 'read'),
  cache_write: tokens('Cache Write Input', 'input', 'write'),
  cache_write_1h: tokens('Cache Write 1h Input', 'input', 'write_1h'),
  output: tokens('Output', 'output'),
  reasoning: tokens('Reasoning Output', 'output'),
  embedding: tokens('Embedding Input', 'input'),
  input_audio: tokens('Audio Input', 'input'),
  cache_read_audio: tokens('Cached Audio Input', 'input', 'read'),
  output_audio: tokens('Audio Output', 'output'),
  input_image: tokens('Image Input', 'input'),
  output_image: tokens('Image Output', 'output'),
  image: { meter: 'Generated Images', unit: 'Images', direction: 'output', cache: '' },
  search: { meter: 'Web Searches', unit: 'Requests', direction: '', cache: '' },
  rerank: { meter: 'Rerank Units', unit: 'Units', direction: '', cache: '' },
};

function tokens(name: string, direction: 'input' | 'output', cache: Meter['cache'] = ''): Meter {
  return { meter: `${name} Tokens`, unit: 'Tokens', direction, cache };
}

const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`;

/** A word of the kind's meter, chosen in SQL. */
const ofMeter = (word: keyof Meter) =>
  `transform(kind, [${spendKinds.map(quoted).join(', ')}], [${spendKinds.map(kind => quoted(meters[kind][word])).join(', ')}], '')`;

const timeSql = (time: string) => `formatDateTime(${time}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')`;

/**
 * Usage with units has prices, so that price × quantity is the cost; money without units (only the difference is known)
 * is an adjustment, and a correction carries its units if it has any.
 */
const isOwed = 'least(nanos, list, contracted) >= 0';
const category = `if(correction OR (units > 0 AND ${isOwed}), 'Usage', 'Adjustment')`;
const priced = `(NOT correction AND units > 0 AND ${isOwed})`;
const hasUnits = `(units > 0 OR (correction AND units != 0))`;
const isConsumed = `(${hasUnits} AND (correction OR ${isOwed}))`;

/** To 18 places, so that the product with any quantity below 10^14 tokens rounds to the very nano-dollar. */
const unitPrice = (cost: 'list' | 'contracted') =>
  `if(${priced}, CAST(toDecimal256(${cost}, 18) / (toInt256(units) * if(unit = 'Tokens', 1000, 1000000)) AS Decimal(38, 18)), NULL)`;

/** What every charge under a commitment has. */
const ifCommitment = (sql: string) => `if(commitment = '', NULL, ${sql})`;
/** What only usage under a commitment has. */
const ifCommitted = (sql: string) => `if(commitment != '' AND ${category} = 'Usage', ${sql}, NULL)`;

const costSource = `multiIf(unpriced = 0, 'estimated', cost_of_all = 0, 'unpriced', 'partly unpriced')`;

/** Name and SQL of every column. What 1.0 does not know yet is named below. */
const columns: readonly (readonly [name: string, sql: string])[] = [
  ['BilledCost', usdSql('billed')],
  ['BillingAccountId', '{project:String}'],
  ['BillingAccountName', '{project:String}'],
  ['BillingCurrency', `'USD'`],
  ['BillingPeriodEnd', timeSql('billing_end')],
  ['BillingPeriodStart', timeSql('billing_start')],
  ['ChargeCategory', category],
  ['ChargeClass', `if(correction, 'Correction', NULL)`],
  [
    'ChargeDescription',
    safeInSheets(
      `concat(model, ': ', meter, if(feature = '', '', concat(' of ', feature)), if(correction, concat(' (correction: ', why, ')'), ''))`,
    ),
  ],
  ['ChargeFrequency', `'Usage-Based'`],
  ['ChargePeriodEnd', timeSql('end')],
  ['ChargePeriodStart', timeSql('start')],
  ['CommitmentDiscountCategory', ifCommitment(`'Spend'`)],
  ['CommitmentDiscountId', ifCommitment('commitment')],
  [
    'CommitmentDiscountName',
    ifCommitment(
      safeInSheets('transform(commitment, {ids:Array(String)}, {names:Array(String)}, toString(commitment))'),
    ),
  ],
  ['CommitmentDiscountQuantity', ifCommitted(`if(correction, NULL, ${usdSql('nanos')})`)],
  ['CommitmentDiscountStatus', ifCommitted(`'Used'`)],
  ['CommitmentDiscountType', ifCommitment(`'Amount committed per month'`)],
  ['CommitmentDiscountUnit', ifCommitted(`if(correction, NULL, 'USD')`)],
  ['ConsumedQuantity', `if(${isConsumed}, units, NULL)`],
  ['ConsumedUnit', `if(${isConsumed}, unit, NULL)`],
  ['ContractedCost', usdSql('contracted')],
  ['ContractedUnitPrice', unitPrice('contracted')],
  ['EffectiveCost', usdSql('nanos')],
  ['InvoiceIssuerName', 'vendor'],
  ['ListCost', usdSql('list')],
  ['ListUnitPrice', unitPrice('list')],
  ['PricingCategory', `if(commitment = '', 'Standard', 'Committed')`],
  [
    'PricingQuantity',
    `if(${hasUnits}, CAST(toDecimal128(units, 6) / if(unit = 'Tokens', 1000000, 1000) AS Decimal(38, 6)), NULL)`,
  ],
  ['PricingUnit', `if(${hasUnits}, if(unit = 'Tokens', '1000000 Tokens', concat('1000 ', unit)), NULL)`],
  ['ProviderName', 'vendor'],
  ['PublisherName', 'vendor'],
  ['ServiceCategory', `'AI and Machine Learning'`],
  ['ServiceName', `concat(vendor, ' API')`],
  ['ServiceSubcategory', `'Generative AI'`],
  ['SkuId', safeInSheets(`concat(vendor, '/', model)`)],
  ['SkuMeter', 'meter'],
  [
    'SkuPriceDetails',
    `toJSONString(mapFilter((key, value) -> value != '', map('x_Direction', ${ofMeter('direction')}, 'x_CacheKind', ${ofMeter('cache')}, 'x_ServiceTier', tier)))`,
  ],
  ['SkuPriceId', safeInSheets(`concat(vendor, '/', model, '/', kind, if(tier = '', '', concat('/', tier)))`)],
  [
    'Tags',
    `toJSONString(mapFilter((key, value) -> value != '', map('environment', environment, 'feature', feature, 'prompt', prompt, 'team', team)))`,
  ],
  ['x_CacheKind', ofMeter('cache')],
  ['x_CostSource', costSource],
  ['x_Direction', ofMeter('direction')],
  ['x_Kind', 'kind'],
  ['x_Reason', safeInSheets('why')],
];

const since1dot1 = new Set([
  'CommitmentDiscountQuantity',
  'CommitmentDiscountUnit',
  'ServiceSubcategory',
  'SkuMeter',
  'SkuPriceDetails',
]);

/** Columns of a version, in the order of the file. */
const focusColumns = (version: FocusVersion) =>
  columns.filter(([name]) => version !== '1.0' || !since1dot1.has(name));

/** What is the same in every row of a project's file. */
const constants: Readonly<Record<string, string>> = {
  BillingCurrency: 'USD',
  ServiceCategory: 'AI and Machine Learning',
  ServiceSubcategory: 'Generative AI',
};

const isNumber = /(Cost|Quantity|UnitPrice)$/;

/** A row that the ledger does not hold, as the engine would write it; columns that are not given are null. */
export function focusCsvRow(
  row: Readonly<Record<string, string>>,
  { projectId, version }: { projectId: string; version: FocusVersion },
): string {
  const account = { BillingAccountId: projectId, BillingAccountName: projectId };
  const cells: Record<string, string | undefined> = { ...constants, ...account, ...row };
  const written = focusColumns(version).map(([name]) => {
    const value = cells[name];
    if (value === undefined || isNumber.test(name)) return value ?? '';
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return `"${safe.replaceAll('"', '""')}"`;
  });
  return `${written.join(',')}\n`;
}

const keys = [
  'billing_start',
  'billing_end',
  'start',
  'end',
  'correction',
  'why',
  'feature',
  'team',
  'environment',
  'prompt',
  'vendor',
  'model',
  'tier',
  'commitment',
];

const dimensions = {
  feature: 'toString(feature)',
  team: 'toString(team)',
  environment: 'toString(environment)',
  prompt: promptOf,
  vendor: `if(provider = '', 'unknown', ${safeInSheets('provider')})`,
  model: 'toString(model)',
  tier: 'toString(service_tier)',
};

/**
 * Which overlays of the part, or of the days it begins and ends in, are commitments: those `known` to be, and those that something was taken
 * off for; null when there are none and nothing was taken off any price. By sums of days, which the engine keeps.
 */
export async function focusCommitments(
  clickhouse: ClickHouse,
  part: SpendPart,
  known: readonly string[],
): Promise<string[] | null> {
  const rows = await clickhouse.query<{ overlay: string; is_commitment: 0 | 1 }>(
    `SELECT ${OVERLAY} AS overlay,
       max(arrayExists(key -> match(key, '^(commitment|prepaid)[.]'), mapKeys(off))) AS is_commitment
     FROM (
       SELECT price_version, sumMap(reductions) AS off FROM spend_15m
       WHERE project_id = {project:String} AND toYYYYMMDD(bucket) >= toYYYYMMDD({from:DateTime('UTC')})
         AND toYYYYMMDD(bucket) <= toYYYYMMDD({to:DateTime('UTC')})
       GROUP BY price_version
     )
     WHERE notEmpty(off)
     GROUP BY overlay`,
    partParams(part),
  );
  if (rows.length === 0 && known.length === 0) return null;
  const committed = rows.filter(row => row.is_commitment).map(({ overlay }) => overlay);
  return [...new Set([...known, ...committed])];
}

const numbers = [
  'unpriced_calls',
  'cost_nanos',
  ...spendKinds.flatMap(kind => [`units_${kind}`, `nanos_${kind}`]),
];

/** SQL: both sums below each other, with what was taken off as `s_reductions`. */
function withReductions(source: string, reduced: string | null, keyCount: number): string {
  const common = [
    'at',
    'made',
    'entry_',
    'reason_',
    ...Array.from({ length: keyCount }, (_, at) => `k${at}`),
  ];
  const sums = numbers.map(column => `s_${column}`);
  const map = (sql: string) => `CAST(${sql}, 'Map(String, Int64)') AS s_reductions`;
  const costs = `SELECT ${[...common, ...sums, map('map()')].join(', ')} FROM (${source})`;
  if (reduced === null) return costs;
  const zeros = sums.map(name => `toInt64(0) AS ${name}`);
  return `${costs} UNION ALL SELECT ${[...common, ...zeros, map('s_reductions')].join(', ')} FROM (${reduced})`;
}

async function focusSql(clickhouse: ClickHouse, question: FocusQuestion): Promise<string> {
  const { interval: unit, version, commitments, header = true } = question;
  const borders = commitments ? (question.borders ?? []) : [];
  const period = wholePeriodSql(unit, unit, 'made');
  const billing = wholePeriodSql('month', unit, 'at');
  const off = (map: 'off' | 'off_beyond', why: string, kind: SpendKind) =>
    commitments ? `${map}[${quoted(`${why}.${kind}`)}]` : 'toInt64(0)';
  const amounts = spendKinds.map(kind => {
    const taken = ['discount', 'commitment', 'prepaid'].map(why => off('off', why, kind));
    // Beyond the amount the agreed price holds without the commitment: as one that was negotiated.
    if (borders.length > 0)
      taken[0] = [taken[0], ...['discount', 'commitment'].map(why => off('off_beyond', why, kind))].join(
        ' + ',
      );
    return `(${[quoted(kind), `sum(s_units_${kind})`, `sum(s_nanos_${kind})`, ...taken].join(', ')})`;
  });
  const names = [...Object.keys(dimensions), 'commitment'];
  const committed = (commitments ?? []).map(quoted).join(', ');
  const dimensionSql = [
    ...Object.values(dimensions),
    committed ? `if(${OVERLAY} IN (${committed}), ${OVERLAY}, '')` : `''`,
  ];
  const source = await partSums(clickhouse, question, {
    unit,
    keys: dimensionSql,
    numbers,
  });
  const reduced =
    commitments &&
    (await partSums(clickhouse, question, { unit, keys: dimensionSql, numbers: [], maps: [spendMap] }));
  const all = withReductions(source, reduced, names.length);
  const beyond = { unit, dimensions: dimensionSql, numbers, borders };
  const rows =
    borders.length === 0
      ? `SELECT *, toUInt8(0) AS beyond FROM (${all})`
      : `SELECT *, ${beyondSql(beyond)} AS beyond FROM (${all}) ${usedBeyond(question, beyond)}`;
  return `
SELECT ${focusColumns(version)
    .map(([name, sql]) => `${sql} AS ${name}`)
    .join(',\n  ')}
FROM
(
  SELECT ${keys.join(', ')}, unpriced, cost_of_all, amount.1 AS kind, amount.2 AS units, amount.3 AS nanos,
    nanos + amount.4 + amount.5 AS list, nanos + amount.5 AS contracted, nanos - amount.6 AS billed,
    ${ofMeter('meter')} AS meter, ${ofMeter('unit')} AS unit
  FROM
  (
    SELECT
      ${billing.start} AS billing_start, ${billing.end} AS billing_end,
      ${period.start} AS start, ${period.end} AS end,
      entry_ = 'adjustment' AS correction, if(entry_ = 'adjustment', reason_, '') AS why,
      ${names.map((name, at) => `${name === 'commitment' ? `if(beyond, '', k${at})` : `k${at}`} AS ${name}`).join(', ')},
      sumMapIf(s_reductions, NOT beyond) AS off, sumMapIf(s_reductions, beyond) AS off_beyond, sum(s_unpriced_calls) AS unpriced, sum(s_cost_nanos) AS cost_of_all,
      arrayFilter(one -> one.2 != 0 OR one.3 != 0 OR one.4 != 0 OR one.5 != 0 OR one.6 != 0, [${amounts.join(', ')}]) AS amounts
    FROM (${rows})
    GROUP BY ${keys.join(', ')}
  )
  ARRAY JOIN amounts AS amount
)
ORDER BY ${keys.join(', ')}, kind
FORMAT ${header ? 'CSVWithNames' : 'CSV'}`;
}
