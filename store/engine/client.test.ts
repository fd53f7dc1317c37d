import { createServer, connect as dial, type Server } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { alertLimits, openClickHouse, ownLane } from './client.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
  await engine.clickhouse.command(
    `CREATE TABLE visits (id UInt64, page LowCardinality(String), usd Nullable(Decimal64(9))) ENGINE = MergeTree ORDER BY id`,
  );
});
afterAll(() => engine?.stop());
beforeEach(() => engine.clickhouse.command('TRUNCATE TABLE visits'));

/** One row a second, for as long as somebody waits. */
const slowRead = 'SELECT sleepEachRow(1) FROM numbers(60)';
const rowByRow = { max_block_size: '1' };
/** A busy machine may take longer than a page's limit to look at what runs. */
const patient = { ...rowByRow, max_execution_time: 600 };

async function running(marker: string): Promise<number> {
  const rows = await ownLane(engine.clickhouse).query(
    "SELECT 1 FROM system.processes WHERE Settings['log_comment'] = {marker:String}",
    { marker },
  );
  return rows.length;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2_400; i++) {
    if (await condition()) return;
    await sleep(50);
  }
  throw new Error('the condition did not come true');
}

describe('reading', () => {
  test('64-bit integers and decimals keep every digit, NaN is missing', async () => {
    const rows = await engine.clickhouse.query(
      `SELECT toUInt64(18446744073709551615) AS u, toInt64(-9223372036854775808) AS i, toUInt32(7) AS small,
        toDecimal64('12.345678901', 9) AS money, nan AS mean, NULL AS absent`,
    );
    const big = { u: '18446744073709551615', i: '-9223372036854775808', money: '12.345678901' };
    expect(rows).toEqual([{ ...big, small: 7, mean: null, absent: null }]);
  });

  test('parameters are values, whatever they contain', async () => {
    const text = `'; DROP TABLE visits; -- \\ "\n{x:String}`;
    expect(await engine.clickhouse.query('SELECT {text:String} AS text', { text })).toEqual([{ text }]);
    const pages = ['a', "b'c"];
    expect(await engine.clickhouse.query('SELECT {pages:Array(String)} AS pages', { pages })).toEqual([
      { pages },
    ]);
  });

  test('a read cannot write', async () => {
    for (const sql of [
      'DROP TABLE visits',
      'INSERT INTO visits (id) SELECT 1',
      'SELECT 1 SETTINGS readonly = 0',
    ]) {
      await expect(engine.clickhouse.query(sql)).rejects.toMatchObject({ type: 'READONLY' });
    }
  });

  test('a result past the limit is an error, not a cut; a stream has no such limit', async () => {
    const { clickhouse } = engine;
    await expect(clickhouse.query('SELECT number FROM numbers(1000001)')).rejects.toMatchObject({
      type: 'TOO_MANY_ROWS_OR_BYTES',
    });
    let rows = 0;
    for await (const batch of clickhouse.stream('SELECT number FROM numbers(1000001)')) rows += batch.length;
    expect(rows).toBe(1_000_001);
  });

  test('time and memory limits end a query, and only that query', async () => {
    const { clickhouse } = engine;
    const pid = engine.engine.pid();
    const tooLong = clickhouse.query(slowRead, {}, { settings: { ...rowByRow, max_execution_time: 1 } });
    await expect(tooLong).rejects.toMatchObject({ type: 'TIMEOUT_EXCEEDED' });
    const greedy = 'SELECT groupArray(toString(number)) AS all FROM numbers(200000000)';
    // A busy machine may not get to the one limit before the other.
    const settings = { ...alertLimits, max_execution_time: 600 };
    await expect(clickhouse.query(greedy, {}, { settings })).rejects.toMatchObject({
      type: 'MEMORY_LIMIT_EXCEEDED',
    });
    // The same past the cap of the whole engine: its own start-up session must live on.
    const unlimited = { max_memory_usage: '0', max_execution_time: 600 };
    await expect(clickhouse.query(greedy, {}, { settings: unlimited })).rejects.toMatchObject({
      type: 'MEMORY_LIMIT_EXCEEDED',
    });
    expect(await clickhouse.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(engine.engine.pid()).toBe(pid);
  });

  test('two reads run side by side, and a lane of its own overtakes all who wait in the common one', async () => {
    const { clickhouse } = engine;
    const settings = { ...patient, log_comment: 'side by side' };
    const slowReads = 2 * availableParallelism();
    const seenEnough = new AbortController();
    const { signal } = seenEnough;
    const slow = Array.from({ length: slowReads }, () =>
      clickhouse.query(slowRead, {}, { settings, signal }),
    );
    const ended = Promise.all(slow.map(read => read.then(() => 'read', String)));
    await until(async () => (await running('side by side')) >= 2);
    expect(await running('side by side')).toBeLessThan(slowReads);
    seenEnough.abort();
    // Those that still waited for their turn are not read for nobody.
    expect((await ended).filter(outcome => !/abort/i.test(outcome))).toEqual([]);
    await until(async () => (await running('side by side')) === 0);
  });

  test('a reader that gives up frees the engine', async () => {
    const leaving = new AbortController();
    const settings = { ...patient, log_comment: 'given up' };
    const read = engine.clickhouse.query(slowRead, {}, { settings, signal: leaving.signal });
    const outcome = read.catch((error: Error) => error.message);
    await until(async () => (await running('given up')) === 1);
    leaving.abort();
    expect(await outcome).toMatch(/abort/i);
    await until(async () => (await running('given up')) === 0);
  });
});

describe('writing', () => {
  const stored = () => engine.clickhouse.query('SELECT * FROM visits ORDER BY id');

  test('rows by column name; what a row leaves out stays missing', async () => {
    await engine.clickhouse.insert('visits', [
      { id: '9007199254740993', page: 'a', usd: '0.000000001' },
      { id: 1 },
    ]);
    expect(await stored()).toEqual([
      { id: '1', page: '', usd: null },
      { id: '9007199254740993', page: 'a', usd: '0.000000001' },
    ]);
  });

  test('the same rows twice are two inserts: nothing is dropped behind our back', async () => {
    await engine.clickhouse.insert('visits', [{ id: 1 }]);
    await engine.clickhouse.insert('visits', [{ id: 1 }]);
    expect(await stored()).toHaveLength(2);
  });

  test('no rows, no request', async () => {
    await engine.clickhouse.insert('no_such_table', []);
  });

  test('encoded rows arrive as they are', async () => {
    const bytes = Buffer.alloc(8 + 1 + 4);
    bytes.writeBigUInt64LE(42n);
    bytes.writeUInt8(4, 8);
    bytes.write('home', 9);
    const columns = ['id', 'page'];
    await engine.clickhouse.insertEncoded('visits', {
      format: 'RowBinary',
      columns,
      rows: 1,
      chunks: [bytes],
    });
    expect(await stored()).toEqual([{ id: '42', page: 'home', usd: null }]);
    const half = { format: 'RowBinary', columns, rows: 1, chunks: [bytes.subarray(0, 5)] } as const;
    await expect(engine.clickhouse.insertEncoded('visits', half)).rejects.toMatchObject({ name: 'Error' });
    expect(await stored()).toHaveLength(1);
    await expect(
      engine.clickhouse.insertEncoded('visits', { format: 'RowBinary', columns, rows: 2, chunks: [bytes] }),
    ).rejects.toThrow('wrote 1 of 2 rows');
  });

  test('rows that somebody else makes of ours are none of our business', async () => {
    await engine.clickhouse.command(
      'CREATE MATERIALIZED VIEW pages ENGINE = MergeTree ORDER BY page AS SELECT page FROM visits',
    );
    const chunks = [Buffer.from('{"id":43,"page":"away"}')];
    const rows = { format: 'JSONEachRow', columns: ['id', 'page'], rows: 1, chunks } as const;
    await engine.clickhouse.insertEncoded('visits', rows);
    expect(await engine.clickhouse.query('SELECT page FROM pages')).toEqual([{ page: 'away' }]);
    await engine.clickhouse.command('DROP TABLE pages');
  });
});

describe('a connection that breaks', () => {
  let proxy: Server;
  let toBreak: number;
  let url: string;
  beforeAll(async () => {
    proxy = createServer(client => {
      if (toBreak-- > 0) {
        client.once('data', () => client.resetAndDestroy());
        return;
      }
      const server = dial(Number(new URL(engine.url).port), '127.0.0.1');
      client.on('error', () => server.destroy()).pipe(server);
      server.on('error', () => client.destroy()).pipe(client);
    });
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  });
  afterAll(() => new Promise(resolve => proxy.close(resolve)));

  test.each([
    [1, 'is tried again'],
    [2, 'twice is an error'],
  ])('%d× under a read %s', async breaks => {
    toBreak = breaks;
    const { user, password } = engine;
    const clickhouse = openClickHouse({ url, user, password });
    const read = clickhouse.query('SELECT 1 AS one');
    if (breaks === 1) expect(await read).toEqual([{ one: 1 }]);
    else await expect(read).rejects.toMatchObject({ code: 'ECONNRESET' });
    await clickhouse.close();
  });

  test('under an insert is the caller’s to judge', async () => {
    toBreak = 1;
    const { user, password } = engine;
    const clickhouse = openClickHouse({ url, user, password });
    await expect(clickhouse.insert('visits', [{ id: 1 }])).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await engine.clickhouse.query('SELECT id FROM visits')).toEqual([]);
    await clickhouse.close();
  });
});

test('ping tells a server with our password from everything else', async () => {
  const { url, user, password } = engine;
  const answers = [];
  for (const address of [
    { url, user, password },
    { url, user, password: 'wrong' },
    { url: 'http://127.0.0.1:1', user, password },
  ]) {
    const clickhouse = openClickHouse(address);
    answers.push(await clickhouse.ping());
    await clickhouse.close();
  }
  expect(answers).toEqual([true, false, false]);
});
