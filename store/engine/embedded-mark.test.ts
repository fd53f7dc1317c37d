import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../../test/support/engine.ts';
import { embeddedIn, markEmbedded } from './embedded-mark.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

test('a server has no mark, an embedded engine the last one it was given', async () => {
  expect(await embeddedIn(engine)).toBeNull();
  await markEmbedded(engine, '/srv/first');
  for (const dataDir of ['/srv/second', '/srv/it\'s a \\ "würzige" {folder}']) {
    await markEmbedded(engine, dataDir);
    expect(await embeddedIn(engine)).toBe(dataDir);
  }
});
