/** A row of a CSV file (RFC 4180) and the line it begins on, from 1. */
export interface CsvRow {
  line: number;
  fields: string[];
}

/** Quoted fields may hold commas, line ends and doubled quotes. Throws when a quote is never closed. */
export function readCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  const body = text.replace(/^\uFEFF/, '');
  let line = 1;
  let at = 0;
  while (at < body.length) {
    const row: CsvRow = { line, fields: [] };
    for (let more = true; more; ) {
      const field = body[at] === '"' ? quoted(body, at, row.line) : plain(body, at);
      row.fields.push(field.value);
      line += lineEnds(body, at, field.end);
      at = field.end;
      more = body[at] === ',';
      if (more) at += 1;
    }
    if (body[at] === '\r') at += 1;
    if (body[at] === '\n') at += 1;
    line += 1;
    if (row.fields.length > 1 || row.fields[0] !== '') rows.push(row);
  }
  return rows;
}

function plain(text: string, from: number): { value: string; end: number } {
  const pattern = /[,\r\n]/g;
  pattern.lastIndex = from;
  const end = pattern.exec(text)?.index ?? text.length;
  return { value: text.slice(from, end), end };
}

function quoted(text: string, from: number, line: number): { value: string; end: number } {
  let value = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new Error(`line ${line}: a quote is not closed`);
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      // What stands between the quote and the next comma belongs to the field, as spreadsheets read it.
      const rest = plain(text, quote + 1);
      return { value: value + rest.value, end: rest.end };
    }
    value += '"';
    at = quote + 2;
  }
}

function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
