/** One record of a CSV file by column name, with the line of the file it begins on. */
export interface CsvRecord {
  line: number;
  fields: Record<string, string>;
}

/**
 * Records of a CSV (or TSV) text with a header (RFC 4180): quotes, line breaks inside quotes, BOM, `,` `;` or tab. Records of
 * another length than the header come back in `refused`.
 */
export function readCsv(text: string): {
  columns: string[];
  records: CsvRecord[];
  refused: { line: number; why: string }[];
} {
  const rows = readRows(text.replace(/^\uFEFF/, ''));
  const header = rows.shift();
  const columns = (header?.cells ?? []).map(name => name.trim());
  const records: CsvRecord[] = [];
  const refused: { line: number; why: string }[] = [];
  for (const { line, cells } of rows) {
    if (cells.length === 1 && cells[0]!.trim() === '') continue;
    if (cells.length !== columns.length) {
      refused.push({ line, why: `has ${cells.length} values, the header names ${columns.length} columns` });
      continue;
    }
    records.push({ line, fields: Object.fromEntries(columns.map((name, at) => [name, cells[at]!.trim()])) });
  }
  return { columns, records, refused };
}

interface Row {
  line: number;
  cells: string[];
}

function readRows(text: string): Row[] {
  const separator = separatorOf(text);
  const rows: Row[] = [];
  let row: Row = { line: 1, cells: [] };
  let cell = '';
  let quoted = false;
  let line = 1;
  const endCell = () => {
    row.cells.push(cell);
    cell = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '\n') line += 1;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (character === '"' && cell === '') quoted = true;
    else if (character === separator) endCell();
    else if (character === '\n') {
      endCell();
      rows.push(row);
      row = { line, cells: [] };
    } else if (character !== '\r') cell += character;
  }
  if (cell !== '' || row.cells.length > 0) {
    endCell();
    rows.push(row);
  }
  return rows;
}

/** The one that the header has most of. */
function separatorOf(text: string): string {
  const header = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n'));
  const count = (separator: string) => header.split(separator).length;
  return [',', '\t', ';'].sort((a, b) => count(b) - count(a))[0]!;
}

/** A record as a line of CSV; texts that a spreadsheet would take for a formula are made plain. */
export function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(value)) return String(value);
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
