/** A request without a body, as far as a decision depends on it. */
export interface Head {
  /** Path and query. */
  url: string;
  /** As `isAllowedHost` and `isAuthorised` read them. */
  headers: { host: string; authorization?: string };
  /** The caller asks for no other answer on this connection. */
  isLast: boolean;
}

const requestLine = /^GET (\/[!-~]*) HTTP\/1\.1$/;
const field = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t -~]*)$/;
/** What makes a request longer than its head, or more than a request. */
const notSimple = new Set(['content-length', 'transfer-encoding', 'expect', 'upgrade', 'trailer']);

/**
 * Reads the head of a GET (all before the empty line). Null for everything that is not as plain as programs send it, so that
 * nobody can be misled about where a request ends.
 */
export function readHead(text: string): Head | null {
  const [first = '', ...lines] = text.split('\r\n');
  const url = requestLine.exec(first)?.[1];
  if (url === undefined) return null;
  let host: string | undefined;
  let authorization: string | undefined;
  let isLast = false;
  for (const line of lines) {
    const [, given = '', value = ''] = field.exec(line) ?? [];
    const name = given.toLowerCase();
    if (name === '' || notSimple.has(name)) return null;
    if (name === 'host') {
      if (host !== undefined) return null;
      host = value.trimEnd();
    } else if (name === 'authorization') {
      if (authorization !== undefined) return null;
      authorization = value.trimEnd();
    } else if (name === 'connection') {
      const wish = value.trimEnd().toLowerCase();
      if (wish !== 'keep-alive' && wish !== 'close') return null;
      isLast ||= wish === 'close';
    }
  }
  if (host === undefined) return null;
  return { url, headers: { host, ...(authorization !== undefined && { authorization }) }, isLast };
}
