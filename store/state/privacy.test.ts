import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { redactionKinds } from '#contract/privacy.ts';
import { openState } from './open.ts';
import { capturesContent, readPrivacy, redactionKey, writePrivacy } from './privacy.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'driftline-privacy-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('the key is chosen once, also when two processes start at the same time', async () => {
  const [one, other] = [await openState({ dataDir }), await openState({ dataDir })];
  const [key, same] = await Promise.all([redactionKey(one), redactionKey(other)]);
  await Promise.all([one.destroy(), other.destroy()]);
  expect(key).toHaveLength(32);
  expect(same).toEqual(key);
  const again = await openState({ dataDir });
  expect(await redactionKey(again)).toEqual(key);
  await again.destroy();
});

test('nobody else may read the state, an older one included', async () => {
  await (await openState({ dataDir })).destroy();
  const mode = () => statSync(join(dataDir, 'state.db')).mode & 0o777;
  expect(mode()).toBe(0o600);
  chmodSync(join(dataDir, 'state.db'), 0o644);
  const db = await openState({ dataDir });
  await redactionKey(db);
  expect(mode()).toBe(0o600);
  expect(statSync(join(dataDir, 'state.db-wal')).mode & 0o777).toBe(0o600);
  await db.destroy();
});

test('the environment decides until something is saved', async () => {
  const db = await openState({ dataDir });
  const defaults = { captureContent: 'auto', isLoopback: true } as const;
  const before = await readPrivacy(db, defaults);
  expect(before).toEqual({ capture_content: 'auto', redact: [...redactionKinds], custom: [] });
  expect(capturesContent(before, defaults)).toBe(true);
  expect(capturesContent(before, { ...defaults, isLoopback: false })).toBe(false);
  await writePrivacy(db, { ...before, capture_content: 'on', redact: [] });
  const saved = await readPrivacy(db, defaults);
  expect(saved).toEqual({ capture_content: 'on', redact: [], custom: [] });
  expect(capturesContent(saved, { ...defaults, isLoopback: false })).toBe(true);
  await db.destroy();
});
