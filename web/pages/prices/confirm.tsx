import { type FormEvent, useState } from 'react';
import type { PricePreview } from '#contract/price.ts';
import { type Proposal, useApplyProposal } from '../../data/prices.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Differences } from './differences.tsx';
import { EffectView } from './effect-view.tsx';
import { RepriceOffer } from './reprice-offer.tsx';

interface ConfirmProps {
  proposal: Proposal;
  preview: PricePreview;
  onBack: () => void;
  onClose: () => void;
}

/** The diff with its effect in money, and who applies it and why; then whether past calls are priced anew. */
export function Confirm({ proposal, preview, onBack, onClose }: ConfirmProps) {
  const apply = useApplyProposal();
  const [name, setName] = useStored('name');
  const [by, setBy] = useState(name);
  const [note, setNote] = useState('');
  if (apply.data)
    return (
      <RepriceOffer
        past={apply.data.past}
        models={[...new Set(preview.differences.map(({ model }) => model))]}
        note={note}
        by={by}
        onClose={onClose}
      />
    );
  const nothing = preview.differences.length === 0;
  const refused = preview.problems.length > 0 && proposal.skip_bad_rows !== true;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setName(by.trim());
    apply.mutate({ ...proposal, hash: preview.hash, noted_by: by.trim(), note: note.trim() });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Differences preview={preview} />
      {preview.effect && <EffectView effect={preview.effect} />}
      {nothing && preview.problems.length === 0 && <p>The price book says all of this already.</p>}
      {!nothing && !refused && (
        <div className="grid gap-3 md:grid-cols-2">
          <TextField
            label="Why (kept with the price)"
            placeholder="contract of November"
            maxLength={1000}
            value={note}
            onChange={event => setNote(event.target.value)}
          />
          <TextField
            label="Your name"
            autoComplete="name"
            maxLength={200}
            value={by}
            onChange={event => setBy(event.target.value)}
          />
        </div>
      )}
      {apply.error && <Failure what="Nothing was changed." error={apply.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onBack}>Back</Button>
        <Button type="submit" look="primary" disabled={nothing || refused || apply.isPending}>
          {apply.isPending ? 'Applying' : 'Apply'}
        </Button>
      </div>
    </form>
  );
}
