import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { NativeBlock, type NativeRows } from './block.ts';
import { column } from './columns.ts';
import { callBlock, spanBlock, toolCallBlock } from './tables.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

test.each([
  ['spans', spanBlock()],
  ['calls', callBlock()],
  ['tool_calls', toolCallBlock()],
] as const)('the columns of %s are those of the schema', async (table, { columns }) => {
  const schema = await engine.clickhouse.query<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns
     WHERE database = currentDatabase() AND table = {table:String} AND default_kind = '' ORDER BY position`,
    { table },
  );
  expect(Object.entries(columns).map(([name, { type }]) => ({ name, type }))).toEqual(schema);
});

const everything = () =>
  new NativeBlock({
    at: column.uint64(),
    word: column.word(),
    text: column.text(),
    time: column.nanoTime(),
    received: column.milliTime(),
    flag: column.uint8(),
    short: column.uint16(),
    maybe_flag: column.maybeUint8(),
    maybe_short: column.maybeUint16(),
    maybe_count: column.maybeUint64(),
    maybe_money: column.maybeInt64(),
    words: column.words(),
    texts: column.texts(),
    by_word: column.textByWord(),
    money_by_word: column.int64ByWord(),
  });

type Block = ReturnType<typeof everything>;
type Values = { [Name in keyof Block['columns']]?: Parameters<Block['columns'][Name]['push']>[0] };

let tables = 0;

/** What the store makes of these blocks, in the order of their rows. */
async function stored(...blocks: NativeRows[]): Promise<Record<string, unknown>[]> {
  const { columns } = everything();
  const table = `native_${tables++}`;
  const types = Object.entries(columns).map(([name, { type }]) => `${name} ${type}`);
  await engine.clickhouse.command(`CREATE TABLE ${table} (${types.join(', ')}) ENGINE = Memory`);
  for (const block of blocks) await engine.clickhouse.insertEncoded(table, { format: 'Native', ...block });
  const rows = await engine.clickhouse.query<Record<string, unknown>>(`SELECT * FROM ${table} ORDER BY at`);
  await engine.clickhouse.command(`DROP TABLE ${table}`);
  return rows;
}

function add(block: Block, values: Values): void {
  const { columns } = block;
  columns.at.push(values.at ?? 0);
  columns.word.push(values.word ?? '');
  columns.text.push(values.text ?? '');
  columns.time.push(values.time ?? 0n);
  columns.received.push(values.received ?? 0);
  columns.flag.push(values.flag ?? 0);
  columns.short.push(values.short ?? 0);
  columns.maybe_flag.push(values.maybe_flag ?? null);
  columns.maybe_short.push(values.maybe_short ?? null);
  columns.maybe_count.push(values.maybe_count ?? null);
  columns.maybe_money.push(values.maybe_money ?? null);
  columns.words.push(values.words ?? []);
  columns.texts.push(values.texts ?? []);
  columns.by_word.push(values.by_word ?? {});
  columns.money_by_word.push(values.money_by_word ?? {});
  block.endRow();
}

test('numbers at their limits, nothing, and empty lists and maps', async () => {
  const block = everything();
  add(block, { at: 1 });
  add(block, {
    at: 2n ** 64n - 1n,
    time: 1_795_000_000_123_456_789n,
    received: 1_795_000_000_123,
    flag: 255,
    short: 65_535,
    maybe_flag: 0,
    maybe_short: 65_535,
    maybe_count: Number.MAX_SAFE_INTEGER,
    maybe_money: -(2n ** 63n),
    money_by_word: { input: 2n ** 63n - 1n, '': -1n },
  });
  add(block, { at: 2 ** 53, maybe_count: 2n ** 64n - 1n, maybe_money: 0n });
  expect(await stored(block.sealed())).toMatchObject([
    { at: '1', maybe_flag: null, maybe_count: null, maybe_money: null, words: [], texts: [], by_word: {} },
    { at: '9007199254740992', maybe_count: '18446744073709551615', maybe_money: '0', money_by_word: {} },
    {
      at: '18446744073709551615',
      time: '2026-11-18 11:06:40.123456789',
      received: '2026-11-18 11:06:40.123',
      flag: 255,
      short: 65_535,
      maybe_flag: 0,
      maybe_short: 65_535,
      maybe_count: '9007199254740991',
      maybe_money: '-9223372036854775808',
      money_by_word: { input: '9223372036854775807', '': '-1' },
    },
  ]);
});

test('texts of any length, also where their bytes need a longer length than their characters', async () => {
  const lengths = [
    0, 1, 42, 43, 47, 48, 49, 63, 64, 126, 127, 128, 5_461, 5_462, 16_383, 16_384, 20_000, 700_000,
  ];
  const texts = ['x', 'ä', '€', '🙂', '\0'].flatMap(unit => lengths.map(length => unit.repeat(length)));
  const block = everything();
  texts.forEach((text, at) => {
    add(block, {
      at,
      text,
      word: text.slice(0, 100),
      texts: [text.slice(0, 200), text],
      by_word: { [text.slice(0, 64)]: text },
    });
  });
  // Half a character, as JavaScript may have it, is written as the character for "none".
  add(block, { at: texts.length, text: 'a\ud83d', word: '\ude42' });
  const rows = await stored(block.sealed());
  texts.forEach((text, at) => {
    const row = rows[at]!;
    expect(row.text === text && (row.texts as string[])[1] === text).toBe(true);
    expect((row.by_word as Record<string, string>)[text.slice(0, 64)] === text).toBe(true);
  });
  expect(rows.at(-1)).toMatchObject({ text: 'a\ufffd', word: '\ufffd' });
});

test.each([1, 255, 256, 257, 300, 65_536, 70_000])('%i different words', async count => {
  const block = everything();
  const value = (at: number) => ({
    at,
    word: `word ${at}`,
    words: [`list ${at}`, '', `list ${at % 7}`],
    by_word: { [`key ${at}`]: `${at}`, same: 'x' },
  });
  for (let at = 0; at < count; at++) add(block, value(at));
  const rows = await stored(block.sealed());
  expect(rows).toHaveLength(count);
  for (const at of [0, 254, 255, 256, 65_535, 65_536, count - 1]) {
    if (at < count) expect(rows[at]).toMatchObject({ ...value(at), at: `${at}` });
  }
});

test('a block that was cleared leaves nothing to the next one', async () => {
  const block = everything();
  add(block, { at: 1, word: 'first', text: 'a', words: ['p', 'q'], by_word: { k: 'v' } });
  expect(await stored(block.sealed())).toMatchObject([
    { word: 'first', text: 'a', words: ['p', 'q'], by_word: { k: 'v' } },
  ]);
  block.clear();
  expect(block.rows).toBe(0);
  add(block, { at: 2, word: 'first', words: ['q'], by_word: { other: 'w' } });
  add(block, { at: 3, word: 'second' });
  expect(await stored(block.sealed())).toMatchObject([
    { word: 'first', text: '', words: ['q'], by_word: { other: 'w' } },
    { word: 'second', words: [], by_word: {} },
  ]);
});

test('what is sealed can be sent again', async () => {
  const block = everything();
  for (let at = 0; at < 1_000; at++) add(block, { at, word: `word ${at}`, text: 'x'.repeat(at) });
  const rows = block.sealed();
  const [first, second] = [await stored(rows), await stored(rows)];
  expect(first).toHaveLength(1_000);
  expect(second).toEqual(first);
});
