import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Clock } from './clock.ts';
import { evenDraw, normalQuantile, type Purpose } from './even.ts';
import type { Random } from './random.ts';
import type { Instruments } from './telemetry.ts';

/** One user's request to one feature of the demo application, with everything it needs to run. */
export interface Request {
  clock: Clock;
  random: Random;
  instruments: Instruments;
  environment: string;
  tenant: string;
  user: string;
  session: string;
  /** Whether prompts and answers are written on spans. */
  content: boolean;
  promptVersion: string;
  /** Share of answers that are bad, in [0, 1]: the regression is planted here. */
  badShare: number;
  /** Counts the feature's requests. */
  number: number;
  /** Which model call is being made: 0 is the answer, others are turns that ask for tools. */
  turn: number;
}

/** A uniform draw in [0, 1), spread evenly over the requests of the feature, for each turn apart. */
export function even(request: Request, purpose: Purpose): number {
  return evenDraw(purpose, request.turn, request.number, request.random.next());
}

export function evenChance(request: Request, purpose: Purpose, probability: number): boolean {
  return even(request, purpose) < probability;
}

/** Log-normal by its median and the standard deviation of its logarithm. */
export function evenLogNormal(request: Request, purpose: Purpose, median: number, sigma: number): number {
  return median * Math.exp(sigma * normalQuantile(even(request, purpose)));
}

/** What the root span of a request says; everything below inherits it. */
export function identity(request: Request, feature: string): Attributes {
  return {
    'app.feature': feature,
    'user.id': request.user,
    'tenant.id': request.tenant,
    'gen_ai.conversation.id': request.session,
  };
}

export interface Step {
  name: string;
  kind?: SpanKind;
  attributes: Attributes;
  parent?: Context;
}

/** Runs `work` inside a span that starts and ends by the request's clock; an exception ends it as failed and goes on. */
export async function inSpan<Result>(
  request: Request,
  step: Step,
  work: (span: Span, context: Context) => Promise<Result>,
): Promise<Result> {
  const parent = step.parent ?? ROOT_CONTEXT;
  const { kind = SpanKind.INTERNAL, attributes } = step;
  const startTime = request.clock.nowMs();
  const span = request.instruments.tracer.startSpan(step.name, { kind, attributes, startTime }, parent);
  try {
    return await work(span, trace.setSpan(parent, span));
  } catch (error) {
    const { name, message } = error as Error;
    span.setAttribute('error.type', name);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    span.recordException({ name, message }, request.clock.nowMs());
    throw error;
  } finally {
    span.end(request.clock.nowMs());
  }
}
