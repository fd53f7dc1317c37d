import { Buffer } from 'node:buffer';
import { byPattern, wholeMatch } from './detector.ts';

/** JSON Web Tokens: three base64url parts (five when encrypted), the first of which is a JSON object. */
export const findJwts = byPattern(
  /ey[AJ](?<![A-Za-z0-9_-]ey[AJ])[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{2,65536}\.[A-Za-z0-9_-]{0,8192}(?:\.[A-Za-z0-9_-]{1,65536}\.[A-Za-z0-9_-]{1,512})?/,
  match => (isHeader(match[0].slice(0, match[0].indexOf('.'))) ? wholeMatch(match) : null),
);

function isHeader(part: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null;
  } catch {
    return false;
  }
}
