/** Who sends: the project that the data goes to, and the ingest key it came with. */
export interface Sender {
  projectId: string;
  /** Names the key without giving it away; null where none is asked for. */
  keyId: string | null;
}

/** The sender an `authorization` header belongs to; null when it opens nothing. */
export type Authorize = (header: string | undefined) => Sender | null | Promise<Sender | null>;
