import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { privacyInUse } from '#store/redact/in-use.ts';
import { openState } from '#store/state/open.ts';
import { writePrivacy } from '#store/state/privacy.ts';
import { follow } from './follow.ts';

test('what is saved is known a little later, and what cannot be read changes nothing', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'driftline-follow-'));
  const state = await openState({ dataDir });
  const warnings: string[] = [];
  const log = { info() {}, error() {}, warn: (_: object, message: string) => warnings.push(message) };
  const read = privacyInUse(state, { captureContent: 'on', isLoopback: true });
  const followed = await follow({ read, everyMs: 100, complaint: 'not read' }, log);
  try {
    expect(followed.current().contentCaptured).toBe(true);
    expect(followed.current().redactor.text('ada@example.com')).toMatch(/^\[email /);
    await writePrivacy(state, {
      capture_content: 'off',
      redact: [],
      custom: [{ name: 'own', pattern: 'a+' }],
    });
    await vi.waitFor(() => expect(followed.current().contentCaptured).toBe(false), { timeout: 120_000 });
    const { redactor } = followed.current();
    expect(redactor.text('ada@example.com')).toContain('@');
    await writePrivacy(state, {
      capture_content: 'on',
      redact: [],
      custom: [{ name: 'own', pattern: 'a*' }],
    });
    await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(0), { timeout: 120_000 });
    expect(followed.current().redactor).toBe(redactor);
  } finally {
    followed.stop();
    await state.destroy();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
