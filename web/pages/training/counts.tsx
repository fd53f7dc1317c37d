import type { TrainingExport } from '../../data/training.ts';
import { format } from '../../format.ts';
import { leftOut } from './words.ts';

/** Each call once: what became a pair, and what did not and why. */
export function Counts({ counts }: { counts: TrainingExport['counts'] }) {
  const out = leftOut(counts);
  return (
    <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1">
      <Line name="Calls that match" count={counts.calls} />
      {out.map(({ count, why }) => (
        <Line key={why} name={`Left out: ${why}`} count={-count} quiet />
      ))}
      <Line name="Pairs" count={counts.pairs} strong />
      <Line name="of them corrected by people" count={counts.corrected} quiet />
      <Line name="of them with private values replaced" count={counts.redacted} quiet />
    </dl>
  );
}

interface LineProps {
  name: string;
  count: number;
  quiet?: boolean;
  strong?: boolean;
}

function Line({ name, count, quiet = false, strong = false }: LineProps) {
  const look = quiet ? 'text-muted' : strong ? 'border-t border-line pt-1 font-semibold' : '';
  return (
    <>
      <dt className={`min-w-0 ${look}`}>{name}</dt>
      <dd className={`text-right ${look}`}>
        {count < 0 ? `\u2212${format.full(-count)}` : format.full(count)}
      </dd>
    </>
  );
}
