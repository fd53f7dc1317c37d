/** One record of a CSV file with the line it begins on, 1 being the first. */
export interface CsvRecord {
  line: number;
  cells: string[];
}

/**
 * Records of a CSV text (RFC 4180; `,` or `;`, any line end, quoted cells may hold both). Empty lines are left out. Throws naming
 * the line when a quote is never closed.
 */
export function readCsv(text: string): CsvRecord[] {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const separator = separatorOf(body);
  const cell = new RegExp(`"((?:[^"]|"")*)"|([^"${separator}\\r\\n][^${separator}\\r\\n]*)?`, 'y');
  const records: CsvRecord[] = [];
  let record: CsvRecord = { line: 1, cells: [] };
  let line = 1;
  for (let at = 0; at <= body.length; ) {
    cell.lastIndex = at;
    const found = cell.exec(body);
    const value = found?.[1]?.replaceAll('""', '"') ?? found?.[2] ?? '';
    at += found?.[0].length ?? 0;
    const end = body[at] ?? '';
    if (end === '"')
      throw new Error(`line ${line}: a quote is not closed, or stands inside a cell without quotes`);
    record.cells.push(value.replace(/^'(?=[=+\-@])/, ''));
    line += (found?.[0].match(/\n/g) ?? []).length;
    if (end !== separator) {
      if (record.cells.length > 1 || value !== '') records.push(record);
      if (end === '\r' && body[at + 1] === '\n') at += 1;
      line += 1;
      record = { line, cells: [] };
      if (end !== '' && end !== '\r' && end !== '\n')
        throw new Error(`line ${line - 1}: "${body.slice(at, at + 20)}" stands behind a closed quote`);
    }
    at += 1;
  }
  return records;
}

/** Spreadsheets of countries with a decimal comma separate by semicolons. */
function separatorOf(body: string): string {
  const head = body.slice(0, body.search(/\r|\n|$/));
  return head.includes(';') && !head.includes(',') ? ';' : ',';
}

/** The text of such records; cells are quoted where they must be, and what a spreadsheet would run begins with `'`. */
export function writeCsv(records: readonly (readonly string[])[]): string {
  return records.map(cells => `${cells.map(quoted).join(',')}\r\n`).join('');
}

const quoted = (cell: string) => quotedText(/^[=+\-@]/.test(cell) ? `'${cell}` : cell);

const quotedText = (cell: string) =>
  /[",;\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
