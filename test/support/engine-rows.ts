import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClickHouse, openClickHouse } from '#store/engine/client.ts';
import type { Driftline } from './driftline.ts';

/** Asks the embedded engine of a running Driftline directly, past the API. */
export async function withEngine<T>(
  { dataDir }: Pick<Driftline, 'dataDir'>,
  ask: (clickhouse: ClickHouse) => Promise<T>,
): Promise<T> {
  const written = JSON.parse(readFileSync(join(dataDir, 'engine.json'), 'utf8')) as Record<string, string>;
  const clickhouse = openClickHouse({
    url: written.clickhouseUrl ?? '',
    user: written.clickhouseUser ?? '',
    password: written.clickhousePassword ?? '',
  });
  try {
    return await ask(clickhouse);
  } finally {
    await clickhouse.close();
  }
}
