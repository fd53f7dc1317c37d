import { core } from '@opentelemetry/sdk-node';
import { normalQuantile } from './even.ts';
import type { Answered } from './model-call.ts';
import { even, evenChance, type Request } from './request.ts';

/** How good one answer is, in [0, 1], and why. */
export interface Judgement {
  value: number;
  bad: boolean;
}

/** Good answers average 0.91, bad ones 0.33: with 15.5 % bad ones the mean falls by 9 points. */
export function judge(request: Request, bad: boolean): Judgement {
  const spread = normalQuantile(even(request, 'quality'));
  const value = bad ? 0.33 + 0.09 * spread : 0.91 + 0.045 * spread;
  return { value: Number(Math.min(1, Math.max(0, value)).toFixed(3)), bad };
}

const reasons = {
  good: [
    'Answers the question and stays with the sources.',
    'Complete, correct and polite.',
    'Correct next step, clear wording.',
  ],
  bad: [
    'Does not answer what was asked.',
    'Refuses although the request is allowed.',
    'Off topic: the question was ignored.',
  ],
};

/** An automatic judge's verdict as the event the GenAI conventions define, tied to the answer. */
export async function reportQuality(
  request: Request,
  answer: Answered,
  { value, bad }: Judgement,
): Promise<void> {
  const explanation = request.random.pick(bad ? reasons.bad : reasons.good);
  await request.clock.sleep(request.random.between(300, 1_500));
  emit(request, answer, {
    'gen_ai.evaluation.name': 'answer_quality',
    'gen_ai.evaluation.score.value': value,
    'gen_ai.evaluation.score.label': value >= 0.6 ? 'pass' : 'fail',
    'gen_ai.evaluation.explanation': explanation,
  });
}

/** A thumb from the user, some seconds later. */
export async function reportFeedback(request: Request, answer: Answered, { bad }: Judgement): Promise<void> {
  await request.clock.sleep(request.random.between(1_000, 20_000));
  const up = evenChance(request, 'thumb', bad ? 0.2 : 0.88);
  emit(request, answer, {
    'gen_ai.evaluation.name': 'user_feedback',
    'gen_ai.evaluation.score.value': up ? 1 : -1,
    'gen_ai.evaluation.score.label': up ? 'thumbs_up' : 'thumbs_down',
  });
}

function emit(request: Request, answer: Answered, attributes: Record<string, string | number>): void {
  // As seconds and nanoseconds: the SDK reads a bare number from before its own start as an offset.
  const time = core.millisToHrTime(request.clock.nowMs());
  request.instruments.logger.emit({
    eventName: 'gen_ai.evaluation.result',
    timestamp: time,
    observedTimestamp: time,
    context: answer.context,
    attributes: { ...attributes, 'gen_ai.response.id': answer.responseId },
  });
}
