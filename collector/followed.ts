import { priceBookReader } from '#store/prices/load.ts';
import { privacyInUse } from '#store/redact/in-use.ts';
import type { StateDb } from '#store/state/open.ts';
import type { PrivacyDefaults } from '#store/state/privacy.ts';
import { readSetting } from '#store/state/settings.ts';
import type { Source } from './follow.ts';
import { mappingInUse } from './request/association.ts';

const pricesEveryMs = 5000;
const settingsEveryMs = 2000;

/** What a collector takes from the state database and looks at again now and then. */
export const followed = {
  prices: (state: StateDb) => source(priceBookReader(state), pricesEveryMs, 'the prices'),

  mapping: (state: StateDb) =>
    source(
      async () => {
        const setting = await readSetting(state, 'mapping');
        return setting ? mappingInUse(setting.mapping) : undefined;
      },
      settingsEveryMs,
      'the mapping',
    ),

  privacy: (state: StateDb, defaults: PrivacyDefaults) =>
    source(privacyInUse(state, defaults), settingsEveryMs, 'the privacy settings'),
};

const source = <T>(read: () => Promise<T>, everyMs: number, what: string): Source<T> => ({
  read,
  everyMs,
  complaint: `could not read ${what} again; what was known before is used`,
});
