import type { Selectable } from 'kysely';
import { type OverlayTerms, overlayTerms } from '#contract/price.ts';
import type { StateDb } from './open.ts';
import type { PriceOverlayTable } from './schema.ts';

/** A version of what was negotiated, with its terms read. */
export type PriceOverlayVersion = Omit<Selectable<PriceOverlayTable>, 'terms' | 'withdrawn'> & {
  withdrawn: boolean;
  terms: OverlayTerms;
};

/** Every version of every overlay, each overlay's first version first. */
export async function listOverlayVersions(db: StateDb): Promise<PriceOverlayVersion[]> {
  const rows = await db
    .selectFrom('price_overlays')
    .selectAll()
    .orderBy('overlay_id')
    .orderBy('version')
    .execute();
  return rows.map(({ terms, withdrawn, ...row }) => ({
    ...row,
    withdrawn: withdrawn === 1,
    terms: overlayTerms.parse(JSON.parse(terms)),
  }));
}

/** The last version of each overlay as known at a time (ISO 8601), those withdrawn left out; the first known first. */
export function overlaysKnownAt(
  versions: readonly PriceOverlayVersion[],
  knownAt: string,
): PriceOverlayVersion[] {
  const latest = new Map<string, PriceOverlayVersion>();
  for (const version of versions) {
    const known = latest.get(version.overlay_id);
    if (version.known_from <= knownAt && (!known || known.version < version.version))
      latest.set(version.overlay_id, version);
  }
  return [...latest.values()].filter(({ withdrawn }) => !withdrawn);
}

/** Adds a version. Rejects when that version is there already, which means somebody else was faster. */
export async function addOverlayVersion(db: StateDb, overlay: PriceOverlayVersion): Promise<void> {
  await db
    .insertInto('price_overlays')
    .values({
      ...overlay,
      withdrawn: overlay.withdrawn ? 1 : 0,
      terms: JSON.stringify(overlay.terms),
    })
    .execute();
}
