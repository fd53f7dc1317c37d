/** Which sheet is open: what an export was made of, a new one, or a schedule (`new` or its id). */
export interface TrainingSearch {
  export?: string | undefined;
  schedule?: string | undefined;
}

const id = (value: unknown) => (typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : undefined);

/** Keeps what is valid and drops the rest, so that a mistyped link opens with defaults. */
export function readTrainingSearch(search: Record<string, unknown>): TrainingSearch {
  const found: TrainingSearch = {};
  const [made, schedule] = [id(search.export), id(search.schedule)];
  if (made) found.export = made;
  if (schedule) found.schedule = schedule;
  return found;
}
