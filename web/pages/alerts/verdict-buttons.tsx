import { useState } from 'react';
import type { Verdict } from '#contract/verdict.ts';
import { usePeople, useVerdict } from '../../data/rules.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Segmented } from '../../ui/segmented.tsx';

const VERDICTS: { value: Verdict; label: string }[] = [
  { value: 'real', label: 'Real' },
  { value: 'noise', label: 'Noise' },
  { value: 'expected', label: 'Expected' },
];

/** Whether it was worth a page; the last word counts for its rule. */
export function VerdictButtons({ id }: { id: string }) {
  const { data } = usePeople(id);
  const [name] = useStored('name');
  const give = useVerdict(id);
  const [chosen, setChosen] = useState<Verdict | null>(null);
  const verdict = chosen ?? data?.verdict?.verdict ?? ('' as Verdict);
  const choose = (value: Verdict) => {
    setChosen(value);
    give.mutate({ verdict: value, by: name || 'on-call', note: '' }, { onError: () => setChosen(null) });
  };
  return (
    <div>
      <span className="mb-1 block text-label font-semibold">Was it worth telling?</span>
      <Segmented label={`Verdict on ${id}`} value={verdict} options={VERDICTS} onChange={choose} />
      {give.error && <Failure what="The verdict was not kept." error={give.error} />}
    </div>
  );
}
