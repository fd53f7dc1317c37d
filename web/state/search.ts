/** The URL's query as plain `name=text` pairs: values are never JSON, and stay readable. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

/** Keeps `:` `,` `/` and `=` readable; they have no meaning of their own inside a query value. */
const write = (value: string) =>
  encodeURIComponent(value).replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%2F/g, '/');

export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${write(name)}=${write(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
