import { randomBytes } from 'node:crypto';
import { type Privacy, redactionKinds } from '#contract/privacy.ts';
import type { StateDb } from './open.ts';
import { readSetting, writeSetting } from './settings.ts';

/** What holds until somebody saves something else. */
export interface PrivacyDefaults {
  captureContent: Privacy['capture_content'];
  /** Bound to loopback: `auto` keeps content only then. */
  isLoopback: boolean;
}

/** What was saved, else every kind of private value and the capture of content that the environment asks for. */
export async function readPrivacy(db: StateDb, { captureContent }: PrivacyDefaults): Promise<Privacy> {
  const saved = await readSetting(db, 'privacy');
  return saved ?? { capture_content: captureContent, redact: [...redactionKinds], custom: [] };
}

export async function writePrivacy(db: StateDb, privacy: Privacy): Promise<void> {
  await writeSetting(db, 'privacy', privacy);
}

/** Whether prompts and answers are kept. */
export function capturesContent({ capture_content }: Privacy, { isLoopback }: PrivacyDefaults): boolean {
  return capture_content === 'on' || (capture_content === 'auto' && isLoopback);
}

/**
 * The secret that private values are named by, chosen once per installation. It is in the state database and not in a file
 * because all collectors and APIs of an installation must give a value the same name, on whatever machine they run.
 */
export async function redactionKey(db: StateDb): Promise<Buffer> {
  const known = await readSetting(db, 'redaction_key');
  if (known !== null) return Buffer.from(known, 'hex');
  // Of two processes that start at once, both get what one of them chose.
  await db
    .insertInto('settings')
    .values({ name: 'redaction_key', value: JSON.stringify(randomBytes(32).toString('hex')) })
    .onConflict(conflict => conflict.column('name').doNothing())
    .execute();
  return redactionKey(db);
}
