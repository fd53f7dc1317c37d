import type { Mapping } from '#contract/mapping.ts';
import type { StateDb } from '#store/state/open.ts';
import { readSetting } from '#store/state/settings.ts';
import type { CollectorLog } from './hooks.ts';
import { mappingInUse } from './request/association.ts';

const refreshMs = 2000;

/**
 * The mapping of the state database, read again every two seconds; one that cannot be read leaves the one known before.
 * `current()` is undefined while no key is configured. Rejects when the first look fails.
 */
export async function followMapping(
  state: StateDb,
  log: CollectorLog,
): Promise<{ current(): Mapping | undefined; stop(): void }> {
  const read = async () => {
    const setting = await readSetting(state, 'mapping');
    return setting ? mappingInUse(setting.mapping) : undefined;
  };
  let current = await read();
  let reading = false;
  const refresh = async () => {
    if (reading) return;
    reading = true;
    try {
      current = await read();
    } catch (error) {
      log.warn({ error }, 'could not read the mapping again; the one known before is used');
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void refresh(), refreshMs);
  return { current: () => current, stop: () => clearInterval(timer) };
}
