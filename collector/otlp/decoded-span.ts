import type { Attributes, Resource, Scope, Span, SpanEvent, SpanLink } from '../telemetry.ts';
import { type AttributeRange, attributesOfRange } from './attribute-list.ts';
import type { DecodeContext, Owner } from './request.ts';

// Nearly all spans have none; whoever adds one makes a list first.
const none: never[] = [];

/**
 * A span as it came, with its attributes still in the bytes of its request. Whoever asks for `attributes` makes them an
 * object, which is from then on what counts; whoever can do without asks `range`.
 */
export class DecodedSpan implements Span {
  readonly projectId: string;
  traceId = '';
  spanId = '';
  parentSpanId = '';
  name = '';
  kind = 'unspecified';
  startNs = 0n;
  endNs = 0n;
  status: Span['status'] = 'unset';
  statusMessage = '';
  events: SpanEvent[] = none;
  links: SpanLink[] = none;
  readonly resource: Resource;
  readonly scope: Scope;
  readonly receivedAtMs: number;
  flags: string[] = none;
  #range: AttributeRange | null = null;
  #attributes: Attributes | null = null;

  constructor({ resource, scope }: Owner, { projectId, receivedAtMs }: DecodeContext) {
    this.projectId = projectId;
    this.resource = resource;
    this.scope = scope;
    this.receivedAtMs = receivedAtMs;
  }

  get attributes(): Attributes {
    if (this.#attributes === null) {
      this.#attributes = attributesOfRange(this.#range!);
      this.#range = null;
    }
    return this.#attributes;
  }

  set attributes(attributes: Attributes) {
    this.#attributes = attributes;
    this.#range = null;
  }

  /** Where the attributes lie in the request; null once they have become an object. */
  get range(): AttributeRange | null {
    return this.#range;
  }

  set range(range: AttributeRange) {
    this.#range = range;
    this.#attributes = null;
  }
}

/** The attributes of a span as they lie in its request, or null when only an object can tell. */
export function rangeOf(span: Span): AttributeRange | null {
  return span instanceof DecodedSpan ? span.range : null;
}
