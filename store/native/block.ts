import { ByteSink } from './byte-sink.ts';
import type { Column } from './columns.ts';

/** Rows of one table on their way into the store. */
export interface NativeRows {
  columns: readonly string[];
  rows: number;
  /** One after the other, they are one Native block. */
  chunks: Buffer[];
}

/**
 * The columns of one table, filled row by row: push to every column, then call `endRow`. The bytes are not copied again on
 * their way out: what `sealed` gives is good until `clear`, which begins the next block and keeps the memory.
 */
export class NativeBlock<Columns extends Record<string, Column<never>>> {
  readonly columns: Columns;
  private rowCount = 0;

  constructor(columns: Columns) {
    this.columns = columns;
  }

  get rows(): number {
    return this.rowCount;
  }

  endRow(): void {
    this.rowCount++;
  }

  sealed(): NativeRows {
    const names = Object.keys(this.columns);
    const head = new ByteSink(16);
    head.varint(names.length);
    head.varint(this.rowCount);
    const chunks = [head.view()];
    for (const name of names) {
      const column = this.columns[name]!;
      const title = new ByteSink(64);
      title.text(name);
      title.text(column.type);
      chunks.push(title.view(), ...column.parts());
    }
    return { columns: names, rows: this.rowCount, chunks };
  }

  clear(): void {
    this.rowCount = 0;
    for (const column of Object.values(this.columns)) column.clear();
  }
}
