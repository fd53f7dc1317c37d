import type { ClickHouse } from '../engine/client.ts';
import { isoToStore } from './time.ts';

interface Asked {
  projectId: string;
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

/** Under which names models were called, and how often. */
export interface CalledModel {
  provider: string;
  request_model: string;
  response_model: string;
  calls: number;
}

const settings = { do_not_merge_across_partitions_select_final: 1 as const };
const within =
  'project_id = {project:String} AND start_time >= {from:DateTime64(3)} AND start_time < {to:DateTime64(3)}';

// Without FINAL: a call that is stored twice makes its model no other one.
const NAMES = `
SELECT provider, request_model, response_model, count() AS n
FROM calls
WHERE ${within}
GROUP BY provider, request_model, response_model`;

export async function readCalledModels(
  clickhouse: ClickHouse,
  asked: Asked,
  signal?: AbortSignal,
): Promise<CalledModel[]> {
  type Row = Omit<CalledModel, 'calls'> & { n: string };
  const rows = await clickhouse.query<Row>(NAMES, params(asked), { settings, ...(signal && { signal }) });
  return rows.map(({ n, ...row }) => ({ ...row, calls: Number(n) }));
}

const nameKey = (of: Omit<CalledModel, 'calls'>) =>
  `${of.provider}\n${of.request_model}\n${of.response_model}`;

/** The calls under these names as they come, of every hour or of one in `oneHourIn`, with `columns`, their `model` and `start_ms` (Unix milliseconds, text). */
export async function* streamCallsToPrice<Row>(
  clickhouse: ClickHouse,
  asked: Asked,
  names: readonly Omit<CalledModel, 'calls'>[],
  { columns, oneHourIn, signal }: { columns: readonly string[]; oneHourIn: number; signal?: AbortSignal },
): AsyncGenerator<(Row & { model: string; start_ms: string })[]> {
  const sql = `
    SELECT ${columns.join(', ')}, model, toUnixTimestamp64Milli(start_time) AS start_ms
    FROM calls FINAL
    WHERE ${within} AND intDiv(toUnixTimestamp(start_time), 3600) % {one_hour_in:UInt32} = 0
      AND concat(provider, '\\n', request_model, '\\n', response_model) IN {names:Array(String)}`;
  const options = { settings, ...(signal && { signal }) };
  yield* clickhouse.stream<Row & { model: string; start_ms: string }>(
    sql,
    { ...params(asked), names: names.map(nameKey), one_hour_in: oneHourIn },
    options,
  );
}

const params = ({ projectId, fromMs, toMs }: Asked) => ({
  project: projectId,
  from: isoToStore(fromMs),
  to: isoToStore(toMs),
});
