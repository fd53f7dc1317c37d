import type { ReactNode } from 'react';
import { timeNear, viewerZone } from '../../clock.ts';
import type { Ingest } from '../../data/ingest.ts';
import { format } from '../../format.ts';
import { classes } from '../../ui/classes.ts';
import { type Status, statusText } from '../../ui/status.tsx';
import { isBehind, size, some } from './words.ts';

const UNKNOWN = 'No collector has reported it';

/** What became of everything that was sent, in six figures, and what was set aside. */
export function Tiles({ ingest }: { ingest: Ingest }) {
  const { totals } = ingest;
  const { acked, stored, received, rejected, refused_requests: refused } = totals;
  const behind = isBehind(totals, Date.now());
  return (
    <section aria-label="Totals" className="mb-4">
      {!ingest.store_answers && (
        <p className="mb-2 text-muted">Since the collector started, as the store does not answer:</p>
      )}
      <dl className="grid grid-cols-2 gap-2 md:grid-cols-3 md:gap-3 xl:grid-cols-6">
        <Tile
          label="Acked"
          value={acked}
          note={behind ? 'as far as it is read' : `of ${format.count(received)} sent`}
        />
        <Tile label="Stored" value={stored} note={storedNote(acked, stored, behind)} />
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
      {behind && <Unread since={totals.unread_since!} />}
      <Truncated items={totals.truncated} />
    </section>
  );
}

function storedNote(acked: number, stored: number, behind: boolean): string {
  if (stored >= acked && behind) return 'all that is read';
  if (stored >= acked) return acked > 0 ? 'all that was acked' : 'nothing to store';
  return `${format.count(acked - stored)} fewer than acked`;
}

function rejectedNote(received: number, rejected: number, refused: number | null): string {
  const share = rejected > 0 ? `${format.percent(rejected / received)} of sent` : 'no item';
  return refused ? `${share}, and ${format.count(refused)} refused whole` : share;
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

const fillOf = (share: number) => (share > 0 && share < 0.001 ? 'under 0.1 %' : format.percent(share));

/** Senders are turned away when the log is full, so its fill is drawn. */
function WalTile({ bytes, limit }: { bytes: number | null; limit: number | null }) {
  if (bytes === null || limit === null) return <Tile label="Write-ahead log" value={null} note="" />;
  const share = limit > 0 ? Math.min(1, bytes / limit) : 0;
  const status: Status = share >= 0.8 ? 'critical' : share >= 0.5 ? 'warning' : 'neutral';
  const fill = { critical: 'bg-critical', warning: 'bg-warning', neutral: 'bg-accent', good: 'bg-good' };
  return (
    <Box label="Write-ahead log" note={`${fillOf(share)} of ${size(limit)}`}>
      <span className={status === 'neutral' ? undefined : statusText[status]}>{size(bytes)}</span>
      <span aria-hidden className="absolute inset-x-0 bottom-0 h-1 bg-surface">
        <span className={classes('block h-full', fill[status])} style={{ width: `${share * 100}%` }} />
      </span>
    </Box>
  );
}

/** What is received now is read a moment later. */
function Unread({ since }: { since: string }) {
  return (
    <p className="mt-2 max-w-text text-muted">
      More is received than is stored: what came after {timeNear(Date.parse(since), Date.now(), viewerZone())}{' '}
      waits in the write-ahead log. It is in “Waiting now”, and not yet in the figures of its senders.
    </p>
  );
}

/** What is in quarantine is a problem, and told as one. */
function Truncated({ items }: { items: number | null }) {
  if (!items) return null;
  return (
    <p className="mt-2 max-w-text text-muted">
      {some(items, 'item')} had attributes cut to the size limits; the rest of {items === 1 ? 'it' : 'them'}{' '}
      is kept.
    </p>
  );
}
