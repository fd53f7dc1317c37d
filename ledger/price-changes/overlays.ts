import { randomBytes } from 'node:crypto';
import type { Overlay, OverlayTerms } from '#contract/price.ts';
import { pricesFrom } from '#store/prices/price-list.ts';
import type { StateDb } from '#store/state/open.ts';
import {
  addOverlayVersion,
  listOverlayVersions,
  type PriceOverlayVersion,
} from '#store/state/price-overlays.ts';
import { changePriceBook } from '#store/state/prices.ts';

export interface OverlayChange {
  projectId: string;
  /** Null: a new one. */
  overlayId: string | null;
  /** The version that is to be succeeded; 0 for a new one. */
  version: number;
  /** Null: it is withdrawn. */
  terms: OverlayTerms | null;
  notedBy: string;
  note: string;
  nowMs: number;
}

/** There is no such overlay, or another version took its place meanwhile. */
export class OverlayRefused extends Error {
  readonly reason: 'unknown' | 'outdated';

  constructor(reason: OverlayRefused['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Writes a further version down. Throws OverlayRefused when that is not possible. */
export async function changeOverlay(state: StateDb, change: OverlayChange): Promise<PriceOverlayVersion> {
  const written = await changePriceBook(state, change.nowMs, async (transaction, knownFrom) => {
    const version = nextVersion(await listOverlayVersions(transaction), change, knownFrom);
    await addOverlayVersion(transaction, version);
    return version;
  });
  return written!;
}

/** The version that a change makes of these. */
export function nextVersion(
  versions: readonly PriceOverlayVersion[],
  change: OverlayChange,
  knownFrom: string,
): PriceOverlayVersion {
  const { overlayId, projectId, terms } = change;
  const last = versions.findLast(one => one.overlay_id === overlayId && one.project_id === projectId);
  if (overlayId !== null && !last) throw new OverlayRefused('unknown', `There is no overlay ${overlayId}.`);
  if ((last?.version ?? 0) !== change.version)
    throw new OverlayRefused(
      'outdated',
      'Somebody else has changed this overlay meanwhile. Look at it again.',
    );
  const kept = terms ?? last?.terms;
  if (!kept) throw new OverlayRefused('unknown', 'An overlay that is not there cannot be withdrawn.');
  return {
    overlay_id: overlayId ?? newId(kept.name),
    version: change.version + 1,
    project_id: projectId,
    known_from: knownFrom,
    withdrawn: terms === null,
    terms: kept,
    noted_by: change.notedBy,
    note: change.note,
  };
}

/** It stands in the price version of every call it priced, so it says what it is: `acme-2026-3f9a0c`. */
function newId(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 24);
  return `${words || 'overlay'}-${randomBytes(3).toString('hex')}`;
}

/** What is wrong with these terms; null when nothing is. */
export function overlayProblem(terms: OverlayTerms): string | null {
  const { discount_percent: percent, prices, commitment_usd_per_month: commitment } = terms;
  if (percent === null && Object.keys(prices).length === 0 && commitment === null)
    return 'give a discount, prices or a commitment';
  if (terms.paid_ahead && percent === null && Object.keys(prices).length === 0)
    return 'discount_percent: what is paid ahead covers usage at a price; give the discount too, 0 for list prices';
  if (percent !== null && Number(percent) > 100) return 'discount_percent: more than 100 is no discount';
  if (terms.valid_to !== null && Date.parse(terms.valid_to) <= Date.parse(terms.valid_from))
    return 'valid_to: it ends before it begins';
  try {
    pricesFrom(prices);
    return null;
  } catch (error) {
    return `prices: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export const overlayReply = ({ overlay_id, version, terms, ...row }: PriceOverlayVersion): Overlay => ({
  overlay_id,
  version,
  ...terms,
  known_from: row.known_from,
  noted_by: row.noted_by,
  note: row.note,
  withdrawn: row.withdrawn,
});
