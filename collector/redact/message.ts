import type { Redactor } from '#store/redact/redactor.ts';

/** JSON.parse shows a few characters of the text it could not read, too few to see what they belong to. */
const excerpt = /, (?:\.{3})?"[\s\S]*"(?:\.{3})? (?=is not valid JSON)/;

/** The reason why a request was refused, without what it may quote from the request. */
export function redactMessage(message: string, redactor: Redactor): string {
  return redactor.text(message.replace(excerpt, ': it '));
}
