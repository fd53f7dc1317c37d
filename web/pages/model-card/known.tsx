import type { UsedName, VersionDimension } from '#contract/model-card.ts';
import type { ScoreEstimate } from '#contract/quality.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import type { ModelCard } from '../../data/model-card.ts';
import { format } from '../../format.ts';
import { Mean } from '../quality/estimate-cells.tsx';
import { FactTable } from './fact-table.tsx';
import { Missing, Section } from './section.tsx';

const dimensions: Record<VersionDimension, string> = {
  prompt: 'Prompt',
  release: 'Release',
  model: 'Model',
  variant: 'Variant',
};
const at = (iso: string) => dayTime(Date.parse(iso), viewerZone());

/** What answers: prompts, models, releases, with when each was seen. */
export function Versions({ card }: { card: ModelCard }) {
  const lines = (Object.keys(dimensions) as VersionDimension[]).flatMap(dimension =>
    card.versions[dimension].map((one: UsedName) => ({
      id: `${dimension} ${one.name}`,
      name: (
        <>
          <span className="text-muted">{dimensions[dimension]}</span> {one.name || '(none named)'}
        </>
      ),
      cells: [format.full(one.calls), format.percent(one.share), at(one.first_seen), at(one.last_seen)],
    })),
  );
  return (
    <Section title="Versions">
      {lines.length === 0 ? (
        <Missing>Not known: no call names a prompt, release, model or variant.</Missing>
      ) : (
        <FactTable
          label="Versions"
          heads={['Name', 'Calls', 'Share', 'First seen', 'Last seen']}
          lines={lines}
        />
      )}
    </Section>
  );
}

/** Every score with how sure it is. */
export function Quality({ card }: { card: ModelCard }) {
  return (
    <Section title="Quality">
      {card.quality.length === 0 ? (
        <Missing>Missing: no call has a score.</Missing>
      ) : (
        <FactTable
          label="Quality"
          heads={['Score', 'Mean and 95 % interval', 'Scores', 'Effective', 'Of calls', 'Scored', 'Better']}
          lines={card.quality.map(one => ({
            id: one.score,
            name: one.score,
            cells: [
              <Mean key="mean" estimate={one} />,
              format.full(one.n),
              format.full(Math.round(one.effective_n)),
              format.full(one.calls),
              format.percent(one.coverage),
              one.better,
            ],
          }))}
        />
      )}
    </Section>
  );
}

/** Latency, cost and tokens, each with the calls it stands on. */
export function Figures({ card: { latency, cost, tokens } }: { card: ModelCard }) {
  const from = cost.source === 'ledger' ? 'from the ledger' : 'as first priced';
  const lines: [string, string, number][] = [
    ['Latency p50', format.latency(latency.p50_ms), latency.calls],
    ['Latency p95', format.latency(latency.p95_ms), latency.calls],
    [`Cost per 1,000 calls, ${from}`, format.usd(cost.usd_per_1000_calls), cost.priced_calls],
    [`Cost in the window, ${from}`, format.usd(cost.total_usd), cost.priced_calls],
    ['Input tokens a call', format.plain(tokens.input.mean), tokens.input.calls],
    ['Output tokens a call', format.plain(tokens.output.mean), tokens.output.calls],
  ];
  return (
    <Section title="Speed, cost and tokens">
      <FactTable
        label="Speed, cost and tokens"
        heads={['Figure', 'Value', 'Calls it stands on']}
        lines={lines.map(([name, value, calls]) => ({
          id: name,
          name,
          cells: [calls === 0 ? 'not known' : value, format.full(calls)],
        }))}
      />
    </Section>
  );
}

export const intervalOf = ({ low, high }: Pick<ScoreEstimate, 'low' | 'high'>) =>
  low === null || high === null ? 'not known' : `${format.score(low)} – ${format.score(high)}`;
