import { Pencil } from 'lucide-react';
import { useState } from 'react';
import type { CardTextKind } from '#contract/model-card.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { type ModelCard, useCardTexts, usePutCardTexts } from '../../data/model-card.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/text-area.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Missing, Section } from './section.tsx';

const titles: Record<CardTextKind, string> = {
  intended_use: 'Intended use',
  limits: 'Limits',
  owner: 'Owner',
};
const kinds = Object.keys(titles) as CardTextKind[];

/** What no data can tell, each in the words of a person, with who wrote it and when. */
export function Written({ card }: { card: ModelCard }) {
  const [writing, setWriting] = useState(false);
  return (
    <>
      {kinds.map(kind => {
        const text = card.texts[kind];
        return (
          <Section key={kind} title={titles[kind]}>
            {text ? (
              <>
                <p className="max-w-text break-words whitespace-pre-wrap">{text.text}</p>
                <p className="text-label text-muted">
                  Version {text.version}, {dayTime(Date.parse(text.written_at), viewerZone())}
                  {text.author && ` by ${text.author}`}
                </p>
              </>
            ) : (
              <Missing>Missing: nobody has written this.</Missing>
            )}
          </Section>
        );
      })}
      <Button className="mt-3 print:hidden" onClick={() => setWriting(true)}>
        <Pencil size={16} aria-hidden />
        Write
      </Button>
      <Dialog title={`Card of ${card.feature}`} open={writing} onClose={() => setWriting(false)}>
        <Form card={card} onClose={() => setWriting(false)} />
      </Dialog>
    </>
  );
}

function Form({ card, onClose }: { card: ModelCard; onClose: () => void }) {
  const put = usePutCardTexts(card.feature);
  const [texts, setTexts] = useState(() =>
    Object.fromEntries(kinds.map(kind => [kind, card.texts[kind]?.text ?? ''])),
  );
  const [author, setAuthor] = useState('');
  const area = (kind: CardTextKind) => ({
    label: titles[kind],
    value: texts[kind] ?? '',
    maxLength: 8_192,
    onChange: ({ target: { value } }: { target: { value: string } }) => setTexts({ ...texts, [kind]: value }),
  });
  return (
    <form
      className="flex w-full flex-col gap-3 p-4"
      onSubmit={event => {
        event.preventDefault();
        put.mutate({ ...texts, author }, { onSuccess: onClose });
      }}
    >
      <TextArea {...area('intended_use')} rows={3} />
      <TextArea {...area('limits')} rows={3} />
      <TextField {...area('owner')} />
      <TextField label="Your name" value={author} onChange={event => setAuthor(event.target.value)} />
      <p className="text-muted">What differs becomes a new version; the ones before are kept.</p>
      {put.error && <Failure what="The texts could not be saved." error={put.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={put.isPending}>
          Save
        </Button>
      </div>
      <Earlier feature={card.feature} />
    </form>
  );
}

/** Versions that were, newest first. */
function Earlier({ feature }: { feature: string }) {
  const { data, error, refetch } = useCardTexts(feature);
  if (error)
    return <Failure what="Could not load earlier versions." error={error} onRetry={() => void refetch()} />;
  if (!data || data.texts.length === 0) return null;
  return (
    <details>
      <summary className="cursor-pointer font-semibold">{data.texts.length} versions so far</summary>
      <ul>
        {data.texts.map(one => (
          <li key={`${one.kind} ${one.version}`} className="border-t border-line py-2">
            <p className="text-label text-muted">
              {titles[one.kind]}, version {one.version}, {dayTime(Date.parse(one.written_at), viewerZone())}
              {one.author && ` by ${one.author}`}
            </p>
            <p className="break-words whitespace-pre-wrap">{one.text || '(withdrawn)'}</p>
          </li>
        ))}
      </ul>
    </details>
  );
}
