import type { Privacy } from '#contract/privacy.ts';
import type { StateDb } from '../state/open.ts';
import { capturesContent, type PrivacyDefaults, readPrivacy, redactionKey } from '../state/privacy.ts';
import { createRedactor, type Redactor } from './redactor.ts';

export interface PrivacyInUse {
  privacy: Privacy;
  contentCaptured: boolean;
  redactor: Redactor;
}

/**
 * Asks the state database what holds now; the redactor is only made anew when something has changed. Rejects with BadPattern
 * when a pattern was saved by a version that could read it.
 */
export function privacyInUse(db: StateDb, defaults: PrivacyDefaults): () => Promise<PrivacyInUse> {
  let known: { text: string; inUse: PrivacyInUse } | null = null;
  return async () => {
    const privacy = await readPrivacy(db, defaults);
    const text = JSON.stringify(privacy);
    if (known?.text !== text) {
      const redactor = createRedactor(privacy, await redactionKey(db));
      known = { text, inUse: { privacy, contentCaptured: capturesContent(privacy, defaults), redactor } };
    }
    return known.inUse;
  };
}
