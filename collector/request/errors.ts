import type { SpanFacts } from './facts.ts';
import { placeOf } from './places.ts';
import { firstCount, firstText, type Reading, sources } from './reading.ts';
import { cutCharacters } from './text.ts';

const MAX_MESSAGE_CHARS = 1024;

/** What the conventions say when an error has no known type. */
const OTHER = '_OTHER';

const errorType = sources('error.type');
const level = placeOf('langfuse.observation.level');
const observationMessage = placeOf('langfuse.observation.status_message');
const httpStatus = sources('http.response.status_code', 'http.status_code');

type ErrorFacts = Pick<SpanFacts, 'failed' | 'errorType' | 'errorMessage' | 'httpStatus'>;

/** Whether the span failed and how; null for neither. Unset, `ok` and an absent status all mean no error. */
export function errorsOf(reading: Reading): ErrorFacts | null {
  const type = firstText(reading, errorType);
  const failed = isFailed(reading, type);
  const message = failed ? messageOf(reading) : undefined;
  const status = httpStatusOf(reading, message, type);
  if (!failed) return status === undefined ? null : { httpStatus: status };
  return {
    failed: true,
    errorType: type ?? exceptionOf(reading, 'exception.type') ?? status?.toString() ?? OTHER,
    errorMessage: message === undefined ? undefined : cutCharacters(message, MAX_MESSAGE_CHARS),
    httpStatus: status,
  };
}

// A failed Langfuse observation has level ERROR while its span status stays unset.
function isFailed(reading: Reading, type: string | undefined): boolean {
  return reading.span.status === 'error' || type !== undefined || reading.values[level] === 'ERROR';
}

function messageOf(reading: Reading): string | undefined {
  const sent = reading.column === 'langfuse' ? reading.values[observationMessage] : '';
  return sent || reading.span.statusMessage || exceptionOf(reading, 'exception.message');
}

function exceptionOf(reading: Reading, key: string): string | undefined {
  for (const event of reading.events) {
    if (event.name === 'exception' && event.attributes[key]) return event.attributes[key];
  }
  return undefined;
}

function httpStatusOf(
  reading: Reading,
  message: string | undefined,
  type: string | undefined,
): number | undefined {
  const sent = firstCount(reading, httpStatus);
  return sent || leadingStatus(message) || leadingStatus(type);
}

// SDKs write `429 Rate limit reached`; any other number in front is not a status.
function leadingStatus(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const digits = /^\s*([1-5]\d\d)\b/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
