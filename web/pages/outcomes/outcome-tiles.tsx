import type { Outcomes } from '../../data/outcomes.ts';
import { format } from '../../format.ts';
import { exactUsd } from '../../money.ts';
import { Tile } from './tile.tsx';
import { joinWords, returnSentence, returnText } from './words.ts';

/** What came of it, what one cost, what it was worth, and for how many calls that is known. */
export function OutcomeTiles({ data }: { data: Outcomes }) {
  const { total, joined_by } = data;
  const joins = Object.entries(joinWords).flatMap(([join, words]) => {
    const count = joined_by[join as keyof typeof joined_by];
    return count > 0 ? [`${format.count(count)} ${words}`] : [];
  });
  return (
    <ul aria-label="Totals" className="mb-4 grid grid-cols-2 gap-2 md:gap-3 lg:grid-cols-5">
      <Tile label="Outcomes" figure={format.count(total.outcomes)} title={format.full(total.outcomes)}>
        {joins.join(', ') || 'none joined to a call'}
      </Tile>
      <Tile
        label="Cost per outcome"
        figure={format.usd(total.cost_per_outcome_usd)}
        title={total.cost_per_outcome_usd === null ? undefined : exactUsd(total.cost_per_outcome_usd)}
      >
        of {format.usd(total.cost_usd)} spent
        {total.unpriced_calls > 0 && (
          <span className="text-warning">; {format.count(total.unpriced_calls)} calls unpriced</span>
        )}
      </Tile>
      <Tile
        label="Value"
        figure={format.usd(total.value_usd)}
        title={total.value_usd === null ? undefined : exactUsd(total.value_usd)}
      >
        {total.value_usd === null
          ? 'no outcome says what it was worth'
          : `${format.usd(total.value_per_outcome_usd)} each, ${format.count(total.valued_outcomes)} with a value`}
      </Tile>
      <Tile
        label="Return on spend"
        figure={returnText(total.return_on_spend)}
        title={returnSentence(total.return_on_spend)}
      >
        (value − cost) / cost
      </Tile>
      <Tile
        label="Coverage"
        figure={format.percent(total.coverage)}
        className="max-lg:col-span-2"
        title={`${format.full(total.covered_calls)} of ${format.full(total.calls)} calls`}
      >
        of calls led to an outcome
      </Tile>
    </ul>
  );
}
