import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readSettings, settings } from '../../config.ts';

interface Service {
  image?: string;
  build?: string;
  environment: Record<string, string>;
}
const compose = parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8')) as {
  services: Record<string, Service>;
};
const app = compose.services.driftline!;

test('every variable the compose file sets for Driftline is a setting', () => {
  const known = Object.values(settings).map(({ variable }) => variable);
  expect(known).toEqual(expect.arrayContaining(Object.keys(app.environment)));
});

test('the settings it gives are accepted', () => {
  const given = Object.fromEntries(
    Object.entries(app.environment).map(([name, value]) => [
      name,
      value.replace(/\$\{(\w+)[^}]*\}/g, 'value-of-at-least-16'),
    ]),
  );
  given.DRIFTLINE_PUBLIC_URL = 'http://localhost:8080';
  expect(readSettings(given)).toMatchObject({ host: '0.0.0.0', clickhouseUrl: 'http://clickhouse:8123' });
});

test('images are pinned to a version', () => {
  const images = Object.values(compose.services).flatMap(({ image }) => image ?? []);
  expect(images).toHaveLength(2);
  for (const image of images) expect(image).toMatch(/:\d+\.\d+/);
});
