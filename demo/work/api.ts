export interface DemoApi {
  /** Where Driftline's API is, e.g. `http://127.0.0.1:8080`. */
  url: string;
  /** API key, where one is needed. */
  key?: string | undefined;
  signal: AbortSignal;
}

type Method = 'GET' | 'POST' | 'PUT';

/** The answer of the API; `undefined` where what is made there already (409). Throws on any other refusal. */
export async function callApi<Reply>(
  { url, key, signal }: DemoApi,
  method: Method,
  path: string,
  body?: unknown,
): Promise<Reply | undefined> {
  const response = await fetch(new URL(path, url), {
    method,
    signal,
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (response.status === 409) return undefined;
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as Reply;
}
