/**
 * Every attribute key that some table of the mapping names. Tables name many more keys than a span has attributes, so each
 * span's attributes are looked up here once, instead of looking every key up in every span.
 */
const places = new Map<string, number>();

/** The place of a key that a table names. Only while modules load: a key named later has no place in readings begun before. */
export function placeOf(key: string): number {
  const place = places.get(key) ?? places.size;
  places.set(key, place);
  return place;
}

/** The place of a key, or -1 when no table names it. */
export function knownPlace(key: string): number {
  return places.get(key) ?? -1;
}

export function placeCount(): number {
  return places.size;
}
