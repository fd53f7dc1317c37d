/**
 * Headers as OTEL_EXPORTER_OTLP_HEADERS gives them: `key=value,key=value`, values percent-encoded where needed. Throws an
 * Error that names the part which cannot be read, without its value, since that may be a key.
 */
export function parseHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals)).trim().toLowerCase();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) {
      throw new Error('headers are written key=value,key=value');
    }
    headers[name] = readValue(name, part.slice(equals + 1).trim());
  }
  return headers;
}

function readValue(name: string, text: string): string {
  try {
    const value = decodeURIComponent(text);
    // What node:http would refuse at every request.
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new Error('not a header value');
    return value;
  } catch (cause) {
    throw new Error(`the value of ${name} is not percent-encoded text`, { cause });
  }
}
