import { statfs } from 'node:fs/promises';
import type { IngestProblem } from '#contract/ingest.ts';
import type { IngestReport } from '#store/state/ingest-status.ts';

/** A problem as those who notice it tell it. */
export type Told = Omit<IngestProblem, 'id' | 'since'>;

/** What is wrong now, by id. A problem that is raised again keeps the time it began and takes the new words. */
export class Problems {
  private readonly byId = new Map<string, IngestProblem>();

  raise(id: string, told: Told, nowMs: number): void {
    const since = this.byId.get(id)?.since ?? new Date(nowMs).toISOString();
    this.byId.set(id, { id, ...told, since });
  }

  clear(id: string): void {
    this.byId.delete(id);
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** Critical ones first, then in the order they began. */
  list(): IngestProblem[] {
    const rank = ({ severity }: IngestProblem) => (severity === 'critical' ? 0 : 1);
    return [...this.byId.values()].sort((a, b) => rank(a) - rank(b) || (a.since < b.since ? -1 : 1));
  }
}

/** What problems are told from. Sizes are bytes. */
export interface Vitals {
  waiting: number;
  /** Age of the oldest acknowledged item that is not stored, in milliseconds. */
  waitingMs: number;
  walBytes: number;
  walLimitBytes: number;
  quarantined: number;
  /** Acknowledged items whose bytes in the write-ahead log are damaged. */
  unreadable: number;
  /** Acknowledged items that are neither stored nor waiting nor set aside. */
  unaccounted: number;
  /** Traces whose calls could not be derived. */
  unsettled: number;
  check: IngestReport['check'];
  /** Null when the file system does not say. */
  freeBytes: number | null;
}

const gib = 1024 ** 3;
const longWaitMs = 60_000;
const diskLow = { warning: gib, critical: gib / 4 };
/** Share of the write-ahead log's limit; it must fall below `clear` again, so that a problem does not come and go. */
const walShare = { warning: 0.8, critical: 0.95, clear: 0.75 };

/** Raises what is wrong and clears what is not any more. */
export function judgeVitals(problems: Problems, vitals: Vitals, nowMs: number): void {
  const found: Record<string, Told | null> = {
    'wal-nearly-full': walProblem(vitals, problems.has('wal-nearly-full')),
    'store-behind': waitingProblem(vitals),
    'spans-missing': missingProblem(vitals),
    quarantined: quarantineProblem(vitals),
    'log-damaged': damagedLogProblem(vitals),
    'items-unaccounted': unaccountedProblem(vitals),
    unsettled: unsettledProblem(vitals),
    'disk-low': diskProblem(vitals),
  };
  for (const [id, told] of Object.entries(found)) {
    if (told) problems.raise(id, told, nowMs);
    else problems.clear(id);
  }
}

/** Bytes that may still be written below a folder; null when the file system does not say. */
export async function freeBytesOf(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function walProblem({ walBytes, walLimitBytes }: Vitals, isKnown: boolean): Told | null {
  const share = walBytes / walLimitBytes;
  if (share < (isKnown ? walShare.clear : walShare.warning)) return null;
  return {
    severity: share >= walShare.critical ? 'critical' : 'warning',
    title: `The write-ahead log is ${Math.floor(100 * share)} % full`,
    detail: `${size(walBytes)} of ${size(walLimitBytes)} wait for the store. When it is full senders are told to come back later and keep their data.`,
  };
}

function waitingProblem({ waiting, waitingMs }: Vitals): Told | null {
  if (waiting === 0 || waitingMs < longWaitMs) return null;
  return {
    severity: 'warning',
    title: 'The store is behind',
    detail: `${count(waiting)} acknowledged items wait to be stored, the oldest for ${duration(waitingMs)}. They are safe on disk and follow when the store answers.`,
  };
}

function missingProblem({ check }: Vitals): Told | null {
  if (check.verdict !== 'missing') return null;
  return {
    severity: 'critical',
    title: 'Spans acknowledged are missing from the store',
    detail: `${count(check.missing)} of ${count(check.checked)} acknowledged spans that were looked for are not there. Their ids are in the collector's log.`,
  };
}

function quarantineProblem({ quarantined }: Vitals): Told | null {
  if (quarantined === 0) return null;
  return {
    severity: 'warning',
    title: `${count(quarantined)} ${quarantined === 1 ? 'item is' : 'items are'} in quarantine`,
    detail:
      'They could not be stored. They are in the folder wal/quarantine of the data folder; all others are stored.',
  };
}

function damagedLogProblem({ unreadable }: Vitals): Told | null {
  if (unreadable === 0) return null;
  return {
    severity: 'critical',
    title: `${count(unreadable)} acknowledged ${unreadable === 1 ? 'item' : 'items'} cannot be read from the write-ahead log`,
    detail:
      'The disk gives back other bytes than were written. The file is in the folder wal/quarantine of the data folder; everything else in it was stored. Look at the disk, and ask the senders to send again.',
  };
}

function unaccountedProblem({ unaccounted }: Vitals): Told | null {
  if (unaccounted === 0) return null;
  return {
    severity: 'critical',
    title: `${count(unaccounted)} acknowledged ${unaccounted === 1 ? 'item is' : 'items are'} not accounted for`,
    detail:
      'Acknowledged is more than stored, waiting and set aside together. A restart of the collector reads its log again; if this stays, it is a fault of Driftline.',
  };
}

function unsettledProblem({ unsettled }: Vitals): Told | null {
  if (unsettled === 0) return null;
  return {
    severity: 'critical',
    title: `The calls of ${count(unsettled)} ${unsettled === 1 ? 'trace are' : 'traces are'} not in the ledger`,
    detail:
      'They could not be derived, or the store has not the memory for it. The spans are stored; the ids and reasons are in the folder wal/quarantine of the data folder. A trace is tried again when it has news.',
  };
}

function diskProblem({ freeBytes }: Vitals): Told | null {
  if (freeBytes === null || freeBytes >= diskLow.warning) return null;
  return {
    severity: freeBytes < diskLow.critical ? 'critical' : 'warning',
    title: 'The disk is nearly full',
    detail: `${size(freeBytes)} are left where the data folder is. The store takes no rows below 1 GiB; what is received waits in the write-ahead log.`,
  };
}

const count = (items: number) => items.toLocaleString('en-US');

/** `90 s`, `12 min`. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

/** `812 MiB`, `4.3 GiB`. */
function size(bytes: number): string {
  return bytes < gib ? `${Math.floor(bytes / 1024 ** 2)} MiB` : `${(bytes / gib).toFixed(1)} GiB`;
}
