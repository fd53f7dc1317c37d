import type { IngestSource } from '../../data/ingest.ts';

export const sourceSorts = ['sent', 'rejected', 'silent'] as const;
export type SourceSort = (typeof sourceSorts)[number];

type Named = Pick<
  IngestSource,
  'service' | 'sdk' | 'sdk_version' | 'scope_name' | 'scope_version' | 'dialect'
>;

export const sourceKey = (source: Named) =>
  [
    source.service,
    source.sdk,
    source.sdk_version,
    source.scope_name,
    source.scope_version,
    source.dialect,
  ].join('\n');

/** In the order asked for; the API's own is by what was sent. */
export function sortSources(sources: readonly IngestSource[], sort: SourceSort): IngestSource[] {
  if (sort === 'rejected') return [...sources].sort((one, other) => other.rejected - one.rejected);
  if (sort === 'silent')
    return [...sources].sort((one, other) => Date.parse(one.last_seen) - Date.parse(other.last_seen));
  return [...sources];
}
