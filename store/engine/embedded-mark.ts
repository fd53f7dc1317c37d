import { type ClickHouse, type ClickHouseAddress, openClickHouse } from './client.ts';

// Beside our database and not in it, so that a backup restored into a server does not bring the mark along.
const view = 'driftline_embedded';

/** Marks a running engine as the embedded one of a data folder, in place of an earlier mark. */
export function markEmbedded(address: ClickHouseAddress, dataDir: string): Promise<void> {
  return ask(address, clickhouse => {
    // A view takes no parameters; in hexadecimal a path cannot be anything but data.
    const path = Buffer.from(dataDir).toString('hex');
    return clickhouse.command(`CREATE OR REPLACE VIEW ${view} AS SELECT unhex('${path}') AS data_dir`);
  });
}

/** The data folder whose embedded engine this is; null for a server. */
export function embeddedIn(address: ClickHouseAddress): Promise<string | null> {
  return ask(address, async clickhouse => {
    // A server's user need not be allowed to see it: then it is not there.
    const marks = await clickhouse.query(
      'SELECT 1 FROM system.tables WHERE database = currentDatabase() AND name = {view:String}',
      { view },
    );
    if (marks.length === 0) return null;
    const [row] = await clickhouse.query<{ data_dir: string }>(`SELECT data_dir FROM ${view}`);
    return row?.data_dir ?? null;
  });
}

async function ask<T>(address: ClickHouseAddress, question: (clickhouse: ClickHouse) => Promise<T>) {
  const clickhouse = openClickHouse({ ...address, database: 'default' });
  try {
    return await question(clickhouse);
  } finally {
    await clickhouse.close();
  }
}
