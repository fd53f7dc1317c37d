import type { CallRow } from '#store/rows.ts';

const maxInt64 = 2n ** 63n - 1n;
const maxUInt16 = 65_535;

/**
 * The row with every number inside its column: what does not fit is unknown (null) and flagged. One sender's nonsense, a
 * token count of 1e300 say, must not make the store refuse an insert that carries everybody's calls.
 */
export function fitCallRow(row: CallRow): CallRow {
  const fitted: CallRow = {
    ...row,
    http_status: whole(row.http_status, maxUInt16),
    tool_calls_requested: whole(row.tool_calls_requested, maxUInt16),
    attempts: Math.min(row.attempts, maxUInt16),
    failed_attempts: Math.min(row.failed_attempts, maxUInt16),
    ttft_ns: decimal(row.ttft_ns, 0n),
    input_tokens: whole(row.input_tokens),
    cache_read_tokens: whole(row.cache_read_tokens),
    cache_write_tokens: whole(row.cache_write_tokens),
    cache_write_1h_tokens: whole(row.cache_write_1h_tokens),
    output_tokens: whole(row.output_tokens),
    reasoning_tokens: whole(row.reasoning_tokens),
    audio_input_tokens: whole(row.audio_input_tokens),
    audio_output_tokens: whole(row.audio_output_tokens),
    embedding_tokens: whole(row.embedding_tokens),
    client_cost_nanos: decimal(row.client_cost_nanos, -maxInt64),
    ...fittedCost(row),
  };
  const changed = (Object.keys(row) as (keyof CallRow)[]).some(key => fitted[key] !== row[key]);
  return changed ? { ...fitted, flags: [...row.flags, 'value_out_of_range'] } : row;
}

type Cost = Pick<CallRow, 'cost_nanos' | 'cost_low_nanos' | 'cost_high_nanos' | 'cost_by_kind'>;

/** A cost is the sum of its kinds, so it is known whole or not at all. */
function fittedCost({ cost_nanos, cost_low_nanos, cost_high_nanos, cost_by_kind }: CallRow): Cost {
  const fits = [cost_nanos, ...Object.values(cost_by_kind)].every(
    nanos => decimal(nanos, -maxInt64) === nanos,
  );
  return {
    cost_nanos: fits ? cost_nanos : null,
    cost_low_nanos: decimal(cost_low_nanos, -maxInt64),
    cost_high_nanos: decimal(cost_high_nanos, -maxInt64),
    cost_by_kind: fits ? cost_by_kind : {},
  };
}

function whole(value: number | null, maximum = Number.MAX_SAFE_INTEGER): number | null {
  return value !== null && Number.isInteger(value) && value >= 0 && value <= maximum ? value : null;
}

function decimal(text: string | null, minimum: bigint): string | null {
  if (text === null || !/^-?\d{1,19}$/.test(text)) return null;
  const value = BigInt(text);
  return value >= minimum && value <= maxInt64 ? text : null;
}
