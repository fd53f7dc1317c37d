import { type FormEvent, useState } from 'react';
import { type JudgeState, useSaveJudge } from '../../data/judge.ts';
import { Failure } from '../../states/failure.tsx';
import { Block } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { LeaveGuard } from '../settings/leave-guard.tsx';
import { SaveBar } from '../settings/save-bar.tsx';
import { changeOf, draftErrors, hostOf, isChanged, isLocal, type JudgeDraft, newlyLeaves } from './draft.ts';

interface SettingsFormProps {
  state: JudgeState;
  draft: JudgeDraft;
  /** Host that prompts may be sent to; null when nobody has said so since the page was opened. */
  agreed: string | null;
  onAgree: (host: string | null) => void;
  onEdit: (part: Partial<JudgeDraft>) => void;
  /** Saved or thrown away. */
  onDone: () => void;
}

/** Endpoint, model, key and cap; the rest is folded away. */
export function SettingsForm({ state, draft, agreed, onAgree, onEdit, onDone }: SettingsFormProps) {
  const save = useSaveJudge();
  const [tried, setTried] = useState(false);
  const found = draftErrors(draft);
  const errors = tried ? found : {};
  const asks = newlyLeaves(draft, state.settings);
  const changed = isChanged(draft, state.settings);
  const unanswered = asks !== null && agreed !== asks;
  const edit = (part: Partial<JudgeDraft>) => {
    save.reset();
    onEdit(part);
  };
  const submit = () => {
    setTried(true);
    if (Object.keys(found).length > 0 || unanswered) return;
    const mayLeave = !isLocal(draft.base_url);
    save.mutate(changeOf(draft, mayLeave), {
      onSuccess: () => {
        setTried(false);
        onDone();
      },
    });
  };
  return (
    <Block title="Where it is asked">
      <form
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          submit();
        }}
        className="flex flex-col gap-3"
      >
        <TextField
          label="Endpoint (OpenAI-compatible)"
          type="url"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          value={draft.base_url}
          error={errors.base_url}
          onChange={event => edit({ base_url: event.target.value })}
        />
        <TextField
          label="Model (empty: no judge)"
          autoComplete="off"
          spellCheck={false}
          value={draft.model}
          onChange={event => edit({ model: event.target.value })}
        />
        <Leaving draft={draft} asks={asks} agreed={agreed} tried={tried} onAgree={onAgree} />
        <KeyField state={state} draft={draft} onEdit={edit} />
        <TextField
          label="Cap in US dollars a day (empty: none)"
          inputMode="decimal"
          value={draft.cap}
          error={errors.cap}
          onChange={event => edit({ cap: event.target.value })}
        />
        {draft.cap.trim() === '' && draft.model.trim() !== '' && (
          <p className="flex items-center gap-2 text-warning">
            <StatusIcon status="warning" />
            Without a cap only the shares of calls that are judged limit what is spent.
          </p>
        )}
        <MoreFields draft={draft} errors={errors} onEdit={edit} />
        <SaveBar
          label="Save judge"
          inForm
          changed={changed}
          saving={save.isPending}
          saved={save.isSuccess ? 'Saved. It holds from the next question on.' : null}
          onSave={submit}
          onDiscard={() => {
            save.reset();
            setTried(false);
            onDone();
          }}
        />
        {save.error && <Failure what="The judge was not saved." error={save.error} />}
      </form>
      <LeaveGuard active={changed} what="The changed settings of the judge are not saved." />
    </Block>
  );
}

interface LeavingProps {
  draft: JudgeDraft;
  asks: string | null;
  agreed: string | null;
  tried: boolean;
  onAgree: (host: string | null) => void;
}

/** What would leave this machine, in words; somebody has to agree before it does. */
function Leaving({ draft, asks, agreed, tried, onAgree }: LeavingProps) {
  const host = hostOf(draft.base_url);
  if (draft.model.trim() === '' || host === null || isLocal(draft.base_url)) return null;
  return (
    <section aria-label="What leaves this machine" className="rounded-control bg-surface p-3">
      <p className="flex items-start gap-2 font-semibold text-warning">
        <span className="mt-0.5">
          <StatusIcon status="warning" />
        </span>
        Prompts {asks === null ? 'leave' : 'will leave'} this machine to {host}.
      </p>
      <p className="mt-1 max-w-text text-muted">
        Of every call that is judged: the question, the answer, its sources and the reference. Private values
        are taken out first, as the privacy settings say.
      </p>
      {asks !== null && (
        <div className="mt-2">
          <CheckBox
            label={`Prompts and answers may be sent to ${host}`}
            checked={agreed === asks}
            onChange={event => onAgree(event.target.checked ? asks : null)}
          />
          {tried && agreed !== asks && (
            <p role="alert" className="mt-1 text-label text-critical">
              Agree to it, or use an endpoint on this machine.
            </p>
          )}
        </div>
      )}
    </section>
  );
}

type Edit = (part: Partial<JudgeDraft>) => void;

/** A kept key is never shown; another place never gets it. */
function KeyField({ state, draft, onEdit }: { state: JudgeState; draft: JudgeDraft; onEdit: Edit }) {
  const isSamePlace = hostOf(draft.base_url) === hostOf(state.settings.base_url);
  const isKept = state.settings.has_api_key && isSamePlace && draft.api_key === null;
  return (
    <div className="flex flex-wrap items-end gap-2">
      <TextField
        className="flex-1"
        label="API key"
        type="password"
        autoComplete="off"
        placeholder={isKept ? 'Kept; type to replace it' : 'None'}
        value={draft.api_key ?? ''}
        onChange={event => onEdit({ api_key: event.target.value === '' ? null : event.target.value })}
      />
      {isKept && <Button onClick={() => onEdit({ api_key: '' })}>Remove key</Button>}
      {draft.api_key === '' && state.settings.has_api_key && (
        <p className="w-full text-label text-warning">
          The key is removed when you save.{' '}
          <Button look="quiet" onClick={() => onEdit({ api_key: null })}>
            Keep it
          </Button>
        </p>
      )}
    </div>
  );
}

interface MoreFieldsProps {
  draft: JudgeDraft;
  errors: ReturnType<typeof draftErrors>;
  onEdit: Edit;
}

function MoreFields({ draft, errors, onEdit }: MoreFieldsProps) {
  const number = (name: 'timeout_s' | 'retries' | 'concurrency' | 'anchors_every_hours', label: string) => (
    <TextField
      label={label}
      inputMode="decimal"
      value={draft[name]}
      error={errors[name]}
      onChange={event => onEdit({ [name]: event.target.value.trim() })}
    />
  );
  const isWrong = ['timeout_s', 'retries', 'concurrency', 'anchors_every_hours'].some(name => name in errors);
  return (
    <Disclosure summary="Timeouts, prices and how often anchors are scored" {...(isWrong && { open: true })}>
      <div className="grid gap-3 py-2 md:grid-cols-2">
        <TextField
          label="Provider whose prices hold (empty: by model)"
          autoComplete="off"
          value={draft.provider}
          onChange={event => onEdit({ provider: event.target.value })}
        />
        {number('timeout_s', 'Seconds before a question is given up')}
        {number('retries', 'Further attempts')}
        {number('concurrency', 'Questions at once')}
        {number('anchors_every_hours', 'Hours between scorings of anchors')}
      </div>
    </Disclosure>
  );
}
