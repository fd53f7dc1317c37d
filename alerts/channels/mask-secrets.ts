import type { Attempt } from './channel.ts';

/** Shorter ones would also hide words that are none. */
const leastLength = 6;

/** What a receiver or a library says may repeat what was sent: secrets are taken out before it is kept, shown or logged. */
export function maskSecrets(attempt: Attempt, secrets: readonly string[]): Attempt {
  const parts = secrets.flatMap(secretParts).filter(part => part.length >= leastLength);
  const mask = (text: string) => parts.reduce((masked, part) => masked.replaceAll(part, '•••'), text);
  const answer = attempt.answer == null ? null : mask(attempt.answer);
  return attempt.outcome === 'delivered'
    ? { ...attempt, answer }
    : { ...attempt, answer, error: mask(attempt.error) };
}

/** Of an address its path, query and password are secret; its host is told anyway. Longest first. */
function secretParts(secret: string): string[] {
  const lines = secret.split('\n').flatMap(line => [line, ...line.split(/[:=]\s*/).slice(1)]);
  if (!URL.canParse(secret)) return [secret, ...lines];
  const { pathname, search, password, searchParams } = new URL(secret);
  return [
    secret,
    pathname + search,
    pathname,
    search.slice(1),
    password,
    decodeURIComponent(password),
    ...searchParams.values(),
  ].filter(part => part !== '/');
}
