import { type PrivacyInUse, privacyInUse } from '#store/redact/in-use.ts';
import type { StateDb } from '#store/state/open.ts';
import type { PrivacyDefaults } from '#store/state/privacy.ts';
import type { CollectorLog } from './hooks.ts';

const refreshMs = 2000;

/**
 * What is kept and what is taken out, read again every two seconds; when it cannot be read, what was known before holds.
 * Rejects when the first look fails, since nothing must be received without knowing what to take out.
 */
export async function followPrivacy(
  state: StateDb,
  defaults: PrivacyDefaults,
  log: CollectorLog,
): Promise<{ current(): PrivacyInUse; stop(): void }> {
  const read = privacyInUse(state, defaults);
  let current = await read();
  let reading = false;
  const refresh = async () => {
    if (reading) return;
    reading = true;
    try {
      current = await read();
    } catch (error) {
      log.warn({ error }, 'could not read the privacy settings again; those known before are used');
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void refresh(), refreshMs);
  return { current: () => current, stop: () => clearInterval(timer) };
}
