import { z } from 'zod';
import { channel, field } from './channel.ts';
import { readNotice } from './notice.ts';
import { postSigned, webAddress } from './webhook.ts';

const mostCases = 50;

/**
 * Tells a training pipeline that answers got worse, with references to the calls that did. It is told once, when an
 * incident opens or gets graver, and never that it is over: what it started goes on.
 */
export const retrain = channel({
  label: 'Retraining',
  about: 'Starts a training pipeline with references to failing calls, signed after Standard Webhooks.',
  signed: true,
  fields: [
    field('url', 'Address', {
      type: 'url',
      required: true,
      placeholder: 'https://ci.example.com/hooks/retrain',
    }),
    field('metrics', 'Only for', {
      type: 'choice',
      default: 'answers',
      options: [
        { value: 'answers', label: 'Scores and refusals' },
        { value: 'all', label: 'Every metric' },
      ],
    }),
  ],
  config: z.object({ url: webAddress, metrics: z.enum(['answers', 'all']).default('answers') }),
  target: ({ url }) => new URL(url).host,
  takes: ({ phase, type }) =>
    phase === 'test' || (type.startsWith('incident.') && (phase === 'firing' || phase === 'updated')),
  async send(event, { url, metrics }, context) {
    const { metric, phase } = readNotice(event);
    const isAnswers = metric.startsWith('score:') || metric === 'refusal';
    if (metrics === 'answers' && !isAnswers && phase !== 'test') {
      return {
        outcome: 'delivered',
        status: null,
        answer: `not sent: ${metric || 'this'} is not about answers`,
      };
    }
    const { timestamp, data } = JSON.parse(event.body) as { timestamp: string; data: object };
    const cases = phase === 'test' ? [] : ((await context.cases?.()) ?? []).slice(0, mostCases);
    const body = {
      type: phase === 'test' ? 'test' : 'retrain.requested',
      timestamp,
      data: { ...data, cases },
    };
    return postSigned(url, { id: event.id, body: JSON.stringify(body) }, context);
  },
});
