import type { ReactNode } from 'react';
import type { Ingest } from '../../data/ingest.ts';
import { format } from '../../format.ts';
import { classes } from '../../ui/classes.ts';
import { type Status, statusText } from '../../ui/status.tsx';
import { some } from './words.ts';

const UNKNOWN = 'No collector has reported it';

/** What became of everything that was sent, in six figures, and what was set aside. */
export function Tiles({ ingest }: { ingest: Ingest }) {
  const { totals } = ingest;
  const { acked, stored, received, rejected, refused_requests: refused } = totals;
  return (
    <section aria-label="Totals" className="mb-4">
      {!ingest.store_answers && (
        <p className="mb-2 text-muted">Since the collector started, as the store does not answer:</p>
      )}
      <dl className="grid grid-cols-2 gap-2 md:grid-cols-3 md:gap-3 xl:grid-cols-6">
        <Tile label="Acked" value={acked} note={`of ${format.count(received)} sent`} />
        <Tile label="Stored" value={stored} note={storedNote(acked, stored)} />
        <Tile label="Waiting now" value={totals.waiting} note="acked, not stored yet" />
        <Tile
          label="Rejected"
          value={rejected}
          status={rejected > 0 || refused ? 'warning' : 'neutral'}
          note={rejectedNote(received, rejected, refused)}
        />
        <Tile label="Duplicates" value={totals.duplicates} note="sent again, counted once" />
        <WalTile bytes={totals.wal_bytes} limit={totals.wal_limit_bytes} />
      </dl>
      <SetAside {...totals} />
    </section>
  );
}

function storedNote(acked: number, stored: number): string {
  if (stored >= acked) return acked > 0 ? 'all that was acked' : 'nothing to store';
  return `${format.percent(Math.floor((stored / acked) * 1000) / 1000)} of acked`;
}

function rejectedNote(received: number, rejected: number, refused: number | null): string {
  const share = rejected > 0 ? `${format.percent(rejected / received)} of sent` : 'no item';
  return refused ? `${share}, ${some(refused, 'whole request')}` : share;
}

interface TileProps {
  label: string;
  value: number | null;
  note: string;
  status?: Status;
}

function Tile({ label, value, note, status = 'neutral' }: TileProps) {
  return (
    <Box label={label} note={value === null ? UNKNOWN : note}>
      <span
        title={value === null ? UNKNOWN : format.full(value)}
        className={status === 'neutral' ? undefined : statusText[status]}
      >
        {format.count(value)}
      </span>
    </Box>
  );
}

function Box({ label, note, children }: { label: string; note: string; children: ReactNode }) {
  return (
    <div className="relative min-h-[88px] min-w-0 overflow-hidden rounded-card border border-line px-3 py-[11px]">
      <dt className="text-label font-semibold">{label}</dt>
      <dd>
        <span className="block truncate text-figure font-semibold">{children}</span>
        <span className="block text-label text-muted">{note}</span>
      </dd>
    </div>
  );
}

/** Senders are turned away when the log is full, so its fill is drawn. */
function WalTile({ bytes, limit }: { bytes: number | null; limit: number | null }) {
  if (bytes === null || limit === null) return <Tile label="Write-ahead log" value={null} note="" />;
  const share = limit > 0 ? Math.min(1, bytes / limit) : 0;
  const status: Status = share >= 0.8 ? 'critical' : share >= 0.5 ? 'warning' : 'neutral';
  const fill = { critical: 'bg-critical', warning: 'bg-warning', neutral: 'bg-accent', good: 'bg-good' };
  return (
    <Box label="Write-ahead log" note={`${format.percent(share)} of ${format.bytes(limit)}`}>
      <span className={status === 'neutral' ? undefined : statusText[status]}>{format.bytes(bytes)}</span>
      <span aria-hidden className="absolute inset-x-0 bottom-0 h-1 bg-surface">
        <span className={classes('block h-full', fill[status])} style={{ width: `${share * 100}%` }} />
      </span>
    </Box>
  );
}

function SetAside({ truncated, quarantined }: Pick<Ingest['totals'], 'truncated' | 'quarantined'>) {
  const sentences = [
    truncated
      ? `${some(truncated, 'item')} had attributes cut to the size limits; the rest of them is kept.`
      : '',
    quarantined
      ? `${some(quarantined, 'item')} that the store would not take ${quarantined === 1 ? 'is' : 'are'} set aside in the folder wal/quarantine, with the error.`
      : '',
  ].filter(Boolean);
  if (sentences.length === 0) return null;
  return <p className="mt-2 max-w-text text-muted">{sentences.join(' ')}</p>;
}
