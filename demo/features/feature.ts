import type { Answered } from '../model-call.ts';
import type { Judgement } from '../quality.ts';
import type { Request } from '../request.ts';

/** The version of a prompt that is in use from `daysBefore` days before now on; later entries replace earlier ones. */
export interface Rollout {
  daysBefore: number;
  version: string;
}

/** One AI feature of the demo application. */
export interface Feature {
  name: string;
  service: string;
  /** Mean requests an hour over a week, in the history. */
  requestsPerHour: number;
  /** Share of the live traffic. */
  liveShare: number;
  prompts: readonly Rollout[];
  releases: readonly Rollout[];
  /** Share of requests an automatic judge scores. */
  scoredShare: number;
  /** Share of requests on which a user gives a thumb. */
  feedbackShare: number;
  /** Serves one request and says which call gave the answer; throws when the user got none. */
  serve(request: Request): Promise<{ answer: Answered; judgement: Judgement }>;
}
