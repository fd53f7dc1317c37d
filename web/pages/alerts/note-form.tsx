import { type FormEvent, useState } from 'react';
import { useNote } from '../../data/rules.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** A line of one's own in the timeline of an alert. */
export function NoteForm({ id }: { id: string }) {
  const [name] = useStored('name');
  const [text, setText] = useState('');
  const note = useNote(id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const said = text.trim();
    if (said) note.mutate({ text: said, by: name || 'on-call' }, { onSuccess: () => setText('') });
  };
  return (
    <form onSubmit={submit} className="mt-2 flex flex-wrap items-end gap-2">
      <TextField
        label="Note"
        className="min-w-0 flex-1 basis-48"
        maxLength={2000}
        value={text}
        onChange={event => setText(event.target.value)}
      />
      <Button type="submit" disabled={note.isPending || text.trim() === ''}>
        Add
      </Button>
      {note.error && <Failure what="The note was not kept." error={note.error} />}
    </form>
  );
}
