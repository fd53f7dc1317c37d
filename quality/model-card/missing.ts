import { cardTextKinds, type ModelCard } from '#contract/model-card.ts';

const textNames = { intended_use: 'intended use', limits: 'limits', owner: 'owner' } as const;

/** What the card cannot say, and why, in sentences. */
export function missingOf(card: Omit<ModelCard, 'missing'>, scoreNames: number): string[] {
  const { calls, cost, tokens, latency, quality, failures, golden, texts, versions } = card;
  const unwritten = cardTextKinds.filter(kind => texts[kind] === null).map(kind => textNames[kind]);
  const said: [boolean, string][] = [
    [unwritten.length > 0, `Nobody has written: ${unwritten.join(', ')}.`],
    [calls === 0, 'No calls in this window.'],
    [calls > 0 && quality.length === 0, 'No call has a score: nothing is known of quality.'],
    [
      scoreNames > quality.length,
      `Of ${scoreNames} scores only the ${quality.length} most frequent are shown.`,
    ],
    [
      quality.length > 0 && failures.refusals === null,
      'Refusals are not looked for: no evaluator named refusal.',
    ],
    [calls > 0 && latency.calls === 0, 'No call has a duration.'],
    [calls > 0 && cost.priced_calls === 0, 'No call has a price.'],
    [
      cost.priced_calls > 0 && cost.priced_calls < cost.calls,
      `${cost.calls - cost.priced_calls} of ${cost.calls} calls have no price and are left out of the cost.`,
    ],
    [
      cost.source === 'ledger' && cost.calls !== calls,
      `The ledger knows ${cost.calls} calls of this window, ${calls} are stored.`,
    ],
    [
      calls > 0 && tokens.input.calls === 0 && tokens.output.calls === 0,
      'No call says how many tokens it used.',
    ],
    [calls > 0 && versions.prompt.length === 0, 'No call names a prompt version.'],
    [calls > 0 && versions.release.length === 0, 'No call names a release.'],
    [
      calls > 0 && card.fairness === null,
      'Gaps between cohorts are not known: fewer than two tenants are named.',
    ],
    [golden.runs.length === 0, 'No golden set of this feature has been run with this version.'],
    [
      golden.runs.length > 0 && golden.gates.length === 0,
      'No gate: there is no earlier run to compare with.',
    ],
  ];
  return said.filter(([is]) => is).map(([, sentence]) => sentence);
}
