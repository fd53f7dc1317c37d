import { PostgresDialect } from 'kysely';

const int8 = 20;

/** The state database on a PostgreSQL server (`postgres://user:password@host/database`). */
export async function postgresDialect(databaseUrl: string): Promise<PostgresDialect> {
  // Only who uses PostgreSQL waits for its driver to load.
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 8,
    types: {
      // Our counters stay far below 2^53; as strings they would differ from SQLite's numbers.
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // A restarting server ends idle connections. The pool forgets them; unheard, the event would end the process.
  pool.on('error', () => {});
  return new PostgresDialect({ pool });
}
