import { availableParallelism } from 'node:os';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ClickHouseSettings } from '@clickhouse/client';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { createTurns, type InTurn } from '../turns.ts';

/** Where a ClickHouse is: the embedded engine's, or CLICKHOUSE_URL and its user and password. */
export interface ClickHouseAddress {
  url: string;
  user: string;
  password: string;
  /** Default: `driftline`. */
  database?: string;
}

export interface QueryOptions {
  signal?: AbortSignal;
  settings?: ClickHouseSettings;
  /** Whom the read waits behind; default: all reads of this client, in the order they came. */
  inTurn?: InTurn;
}

/** Values for the `{name:Type}` parameters of a query. */
export type QueryParams = Record<string, unknown>;

/** Row-oriented bytes in one of ClickHouse's own formats, for senders that cannot afford JSON. */
export interface EncodedRows {
  format: 'RowBinary' | 'Native' | 'JSONEachRow';
  columns: readonly string[];
  rows: number;
  /** One after the other. */
  chunks: readonly Uint8Array[];
}

export const databaseName = 'driftline';

/**
 * Limits of an interactive read: 10 s, 512 MB, and an error instead of a silently cut result. `readonly` also
 * refuses a SETTINGS clause in the SQL; a query that needs a setting passes it as an option.
 */
export const dashboardLimits: ClickHouseSettings = {
  readonly: '1',
  cancel_http_readonly_queries_on_client_close: 1,
  max_execution_time: 10,
  max_memory_usage: '512000000',
  max_result_rows: '1000000',
  result_overflow_mode: 'throw',
  // Machine code for a question that was asked four times takes up to a quarter of a second to make, while somebody waits, and adds
  // up the rows of a page no faster.
  compile_aggregate_expressions: 0,
  compile_expressions: 0,
};

/** Limits of a file that is streamed out: as long as its reader takes, in bounded memory. */
const fileLimits: ClickHouseSettings = {
  ...dashboardLimits,
  max_execution_time: 3600,
  max_result_rows: '0',
  max_bytes_before_external_group_by: '200000000',
  max_bytes_before_external_sort: '200000000',
  // Looking for conditions that follow from others takes half the time of planning a FOCUS file, and there are none to find.
  optimize_and_compare_chain: 0,
};

/** Limits of an alert check, which nobody waits for at a screen: 20 s. */
export const alertLimits: ClickHouseSettings = { ...dashboardLimits, max_execution_time: 20 };

/** Limits of an insert, and no server-side tricks: the write is done when the answer is there. */
export const insertLimits: ClickHouseSettings = {
  max_memory_usage: '1000000000',
  async_insert: 0,
  // The embedded engine records the token before the part: a kill in between would lose the retry.
  insert_deduplicate: 0,
};

// 64-bit integers and decimals come as strings, since a JavaScript number would round them: a caller
// converts with Number() where it knows the range and with BigInt() where it does not (money, tokens).
const formatSettings: ClickHouseSettings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  session_timezone: 'UTC',
};

/** As many as the cores can work on. */
const readsAtOnce = () => Math.max(2, availableParallelism());

export type ClickHouse = ReturnType<typeof openClickHouse>;

/**
 * The one way to ClickHouse, embedded or remote. Nothing is sent until the first call, so a server that is
 * down shows as a failed call; those reject with ClickHouseError (`code`, `type`) or a network error.
 */
export function openClickHouse({ url, user, password, database = databaseName }: ClickHouseAddress) {
  const client = createClient({
    url,
    username: user,
    password,
    database,
    application: 'driftline',
    // Every error reaches the caller, who knows whether it matters.
    log: { level: ClickHouseLogLevel.OFF },
    request_timeout: 60_000,
    max_open_connections: 32,
    // Shorter than the server's own limit (3 s embedded, 10 s default), so it never hangs up first.
    keep_alive: { enabled: true, idle_socket_ttl: 1000 },
    clickhouse_settings: formatSettings,
  });

  const queue = createTurns(readsAtOnce());

  return {
    /**
     * Rows of a read. UInt64, Int64, Decimal and wider come as strings, DateTime as `2026-11-21 01:02:03` in
     * UTC, NaN as null. Runs read-only under `dashboardLimits`; `settings` override them. Reads take turns, and their time
     * counts from then.
     */
    query<T>(
      sql: string,
      params: QueryParams = {},
      { signal, settings, inTurn = queue }: QueryOptions = {},
    ): Promise<T[]> {
      return inTurn(() =>
        whileWanted(signal, async () => {
          const result = await client.query({
            query: sql,
            query_params: params,
            format: 'JSONEachRow',
            abort_signal: signal,
            clickhouse_settings: { ...dashboardLimits, ...settings },
          });
          return result.json<T>();
        }),
      );
    },

    /** As `query`, for SQL WITH TOTALS: beside the rows what all of them add up to, whatever the LIMIT; null without it. */
    queryWithTotals<T>(
      sql: string,
      params: QueryParams = {},
      { signal, settings, inTurn = queue }: QueryOptions = {},
    ): Promise<{ rows: T[]; totals: T | null }> {
      return inTurn(() =>
        whileWanted(signal, async () => {
          const result = await client.query({
            query: sql,
            query_params: params,
            format: 'JSON',
            abort_signal: signal,
            clickhouse_settings: { ...dashboardLimits, ...settings },
          });
          const { data, totals } = await result.json<T>();
          return { rows: data, totals: totals ?? null };
        }),
      );
    },

    /** Rows of a read too large to hold, in batches as they arrive; for exports. Not retried. */
    async *stream<T>(
      sql: string,
      params: QueryParams = {},
      { signal, settings }: QueryOptions = {},
    ): AsyncGenerator<T[]> {
      const result = await client.query({
        query: sql,
        query_params: params,
        format: 'JSONEachRow',
        abort_signal: signal,
        clickhouse_settings: { ...dashboardLimits, max_result_rows: '0', ...settings },
      });
      for await (const rows of result.stream<T>()) yield rows.map(row => row.json());
    },

    /**
     * Bytes of a read whose SQL ends in a FORMAT, as they arrive; for files. The engine hangs up when it fails on the way, so
     * a stream that ends without an error is whole. Not retried.
     */
    async bytes(
      sql: string,
      params: QueryParams = {},
      { signal, settings }: QueryOptions = {},
    ): Promise<Readable> {
      const { stream } = await client.exec({
        query: sql,
        query_params: params,
        abort_signal: signal,
        clickhouse_settings: { ...fileLimits, ...settings },
      });
      return stream;
    },

    /** Stores `rows` (objects by column name). Never retried here: only the caller can tell what arrived. */
    async insert<T extends object>(
      table: string,
      rows: readonly T[],
      { signal, settings }: QueryOptions = {},
    ): Promise<void> {
      if (rows.length === 0) return;
      await client.insert({
        table,
        values: rows,
        format: 'JSONEachRow',
        abort_signal: signal,
        clickhouse_settings: { ...insertLimits, ...settings },
      });
    },

    /** Stores rows a sender has already encoded; otherwise as `insert`. Rejects when the server says it wrote fewer. */
    async insertEncoded(
      table: string,
      { format, columns, rows, chunks }: EncodedRows,
      { signal, settings }: QueryOptions = {},
    ): Promise<void> {
      const { stream, summary } = await client.exec({
        query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT ${format}`,
        values: Readable.from(chunks, { objectMode: false }),
        abort_signal: signal,
        clickhouse_settings: { ...insertLimits, ...settings },
      });
      // The connection goes back to the pool only once the (empty) answer has been read.
      await finished(stream.resume());
      const written = summary?.written_rows;
      // More is fine: rows that a materialized view of the server's owner made of ours count as well.
      if (written !== undefined && Number(written) < rows) {
        throw new Error(`ClickHouse wrote ${written} of ${rows} rows into ${table}`);
      }
    },

    /** Runs a statement without a result: schema changes, mutations, KILL QUERY. Never retried. */
    async command(
      sql: string,
      params: QueryParams = {},
      { signal, settings }: QueryOptions = {},
    ): Promise<void> {
      await client.command({
        query: sql,
        query_params: params,
        abort_signal: signal,
        clickhouse_settings: { ...settings },
      });
    },

    /** True when the server answers and accepts our password. */
    async ping(): Promise<boolean> {
      return (await client.ping({ select: true })).success;
    },

    /** Closes the connections; calls under way fail. */
    close(): Promise<void> {
      return client.close();
    },
  };
}

/**
 * A read for somebody who has given up while it waited for its turn is not made: the driver heeds only a signal that comes later. A
 * restarting engine resets idle connections; a read may be asked again without harm.
 */
async function whileWanted<T>(signal: AbortSignal | undefined, read: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await read();
  } catch (error) {
    if (isConnectionReset(error)) return read();
    throw error;
  }
}

function isConnectionReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** The same client with a queue of its own: what is read through it does not wait for pages, however many are open. */
export function ownLane(clickhouse: ClickHouse): ClickHouse {
  const inTurn = createTurns(readsAtOnce());
  return {
    ...clickhouse,
    query<T>(sql: string, params?: QueryParams, options?: QueryOptions) {
      return clickhouse.query<T>(sql, params, { ...options, inTurn });
    },
    queryWithTotals<T>(sql: string, params?: QueryParams, options?: QueryOptions) {
      return clickhouse.queryWithTotals<T>(sql, params, { ...options, inTurn });
    },
  };
}
