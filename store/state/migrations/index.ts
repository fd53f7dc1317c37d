import type { Migration } from 'kysely';
import { up as tables } from './0001-tables.ts';

/** In the order of their names. An applied one stays as it is; a change to the schema is a new one. */
export const migrations: Record<string, Migration> = {
  '0001-tables': { up: tables },
};
