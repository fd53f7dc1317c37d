import { ByteSink } from './byte-sink.ts';
import type { Column } from './columns.ts';

/** Rows of one table on their way into the store. */
export interface NativeRows {
  columns: readonly string[];
  rows: number;
  bytes: Buffer;
}

/**
 * The columns of one table, filled row by row: push to every column, then call `endRow`. `take` gives the rows so far as
 * one Native block and begins the next; the columns keep their memory.
 */
export class NativeBlock<Columns extends Record<string, Column<never>>> {
  readonly columns: Columns;
  private rowCount = 0;
  private readonly sink = new ByteSink(1 << 16);

  constructor(columns: Columns) {
    this.columns = columns;
  }

  get rows(): number {
    return this.rowCount;
  }

  endRow(): void {
    this.rowCount++;
  }

  take(): NativeRows {
    const { sink } = this;
    const names = Object.keys(this.columns);
    sink.clear();
    sink.varint(names.length);
    sink.varint(this.rowCount);
    for (const name of names) {
      const column = this.columns[name]!;
      sink.text(name);
      sink.text(column.type);
      column.flush(sink);
    }
    const taken = { columns: names, rows: this.rowCount, bytes: Buffer.from(sink.view()) };
    this.rowCount = 0;
    return taken;
  }
}
