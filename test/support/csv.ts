/** Rows of a CSV text by column name; a field without quotes and without characters is null. Throws on anything unclosed. */
export function readCsv(text: string): Record<string, string | null>[] {
  const [names = [], ...rows] = records(text);
  return rows.map(row => {
    if (row.length !== names.length) throw new Error(`a row has ${row.length} of ${names.length} fields`);
    return Object.fromEntries(names.map((name, at) => [name ?? '', row[at] ?? null]));
  });
}

function records(text: string): (string | null)[][] {
  const all: (string | null)[][] = [];
  let row: (string | null)[] = [];
  const field = /("(?:[^"]|"")*"|[^",\n\r]*)(,|\r?\n|$)/y;
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (!found) throw new Error('a field is not closed');
    const [, raw = '', end] = found;
    row.push(raw === '' ? null : raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === ',') continue;
    all.push(row);
    row = [];
  }
  return all;
}
