import type { ClickHouse } from '../engine/client.ts';

interface Piece {
  projectId: string;
  /** `2026-10`. */
  month: string;
  file: string;
  /** From 0. */
  piece: number;
}

/** Keeps one piece of a file of a closed month; the same piece again takes its place. */
export async function keepPiece(
  clickhouse: ClickHouse,
  { projectId, month, file, piece, bytes }: Piece & { bytes: Buffer },
): Promise<void> {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(piece);
  await clickhouse.insertEncoded('closed_exports', {
    format: 'RowBinary',
    columns: ['project_id', 'month', 'file', 'piece', 'bytes'],
    rows: 1,
    chunks: [...[projectId, month, file].flatMap(text => sized(Buffer.from(text))), number, ...sized(bytes)],
  });
}

/** A string of RowBinary: its length as LEB128, then itself. */
function sized(bytes: Buffer): Buffer[] {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  return [Buffer.from([...length, rest]), bytes];
}

/** One piece as it was kept; null when there is none. */
export async function readPiece(clickhouse: ClickHouse, of: Piece): Promise<Buffer | null> {
  const [row] = await clickhouse.query<{ text: string }>(
    `SELECT base64Encode(bytes) AS text FROM closed_exports FINAL
     WHERE project_id = {project:String} AND month = {month:String} AND file = {file:String} AND piece = {piece:UInt32}`,
    { project: of.projectId, month: of.month, file: of.file, piece: of.piece },
  );
  return row ? Buffer.from(row.text, 'base64') : null;
}
