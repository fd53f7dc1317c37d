import { useState } from 'react';
import { type GoldenCase, usePutCases } from '../../data/golden.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextArea } from '../../ui/text-area.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { questionOf, readCalls, textOf, writeCalls } from './words.ts';

interface CaseFormProps {
  set: string;
  editing: GoldenCase | 'new' | null;
  onClose: () => void;
}

export function CaseForm({ set, editing, onClose }: CaseFormProps) {
  return (
    <Dialog
      title={editing === 'new' ? 'Add a case' : 'Edit the case'}
      open={editing !== null}
      onClose={onClose}
      shape="side"
    >
      {editing !== null && <Form set={set} of={editing === 'new' ? null : editing} onClose={onClose} />}
    </Dialog>
  );
}

const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '');
const tagsOf = (text: string) => text.split(',').flatMap(tag => tag.trim() || []);

function Form({ set, of, onClose }: { set: string; of: GoldenCase | null; onClose: () => void }) {
  const put = usePutCases(set);
  const [question, setQuestion] = useState(of ? questionOf(of) : '');
  const [reference, setReference] = useState(of?.reference ?? '');
  const [context, setContext] = useState(of?.context.join('\n') ?? '');
  const [tags, setTags] = useState(of?.tags.join(', ') ?? '');
  const [tools, setTools] = useState(writeCalls(of?.tool_calls ?? null));
  const calls = readCalls(tools);
  const wrong = calls !== null && 'wrong' in calls ? calls.wrong : null;
  const [language, setLanguage] = useState(of?.language ?? '');
  // Turns before the last one stay as they are: only the question is written here.
  const before = of && of.input.length > 1 ? of.input.slice(0, of.input.findLastIndex(isAsked(of))) : [];
  const save = () => {
    const input =
      of && question === questionOf(of)
        ? of.input
        : [...before, { role: 'user', parts: [{ type: 'text', content: question }] }];
    const said = {
      ...(of && { case_id: of.case_id }),
      input,
      reference: reference.trim() === '' ? null : reference,
      context: lines(context),
      tags: tagsOf(tags),
      language,
      tool_calls: calls !== null && 'wrong' in calls ? null : calls,
    };
    put.mutate({ cases: [said], note: of ? `${of.case_id} edited` : 'a case added' }, { onSuccess: onClose });
  };
  return (
    <form
      className="flex flex-col gap-3 p-4"
      onSubmit={event => {
        event.preventDefault();
        if (question.trim() !== '' && wrong === null) save();
      }}
    >
      {before.length > 0 && (
        <div className="rounded-control border border-line bg-surface px-3 py-2 text-muted">
          {before.map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: turns have no identity but their place
            <p key={at} className="line-clamp-3">
              <span className="font-semibold">{one.role}</span>: {textOf(one)}
            </p>
          ))}
        </div>
      )}
      <TextArea
        label="What the user asks"
        rows={4}
        value={question}
        required
        onChange={event => setQuestion(event.target.value)}
      />
      <TextArea
        label="Reference answer"
        rows={5}
        value={reference}
        placeholder="Leave empty when there is none"
        onChange={event => setReference(event.target.value)}
      />
      <TextArea
        label="Passages the answer should rest on, one a line"
        rows={3}
        value={context}
        onChange={event => setContext(event.target.value)}
      />
      <TextArea
        label="Tools it should ask for, one a line (optional)"
        rows={2}
        value={tools}
        placeholder={'find_order {"id": "7"}'}
        onChange={event => setTools(event.target.value)}
      />
      {wrong !== null && (
        <p role="alert" className="-mt-2 break-words text-label text-critical">
          "{wrong}": after the name of a tool come its arguments as JSON. Write none when it should ask for no
          tool.
        </p>
      )}
      <TextField label="Tags, with commas" value={tags} onChange={event => setTags(event.target.value)} />
      <TextField
        label="Language of the answer"
        value={language}
        placeholder="en"
        maxLength={16}
        onChange={event => setLanguage(event.target.value.trim())}
      />
      {put.error && <Failure what="The case could not be saved." error={put.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          disabled={question.trim() === '' || wrong !== null || put.isPending}
        >
          Save as a new version
        </Button>
      </div>
    </form>
  );
}

const isAsked = (of: GoldenCase) => (one: GoldenCase['input'][number]) =>
  one.role === 'user' || of.input.every(({ role }) => role !== 'user');
