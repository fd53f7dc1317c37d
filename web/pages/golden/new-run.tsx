import { useState } from 'react';
import { type GoldenRun, useCreateRun } from '../../data/golden.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface NewRunProps {
  set: string;
  open: boolean;
  onClose: () => void;
}

/** Begins a run and says how the application feeds it. */
export function NewRun({ set, open, onClose }: NewRunProps) {
  return (
    <Dialog title="New run" open={open} onClose={onClose} shape="side">
      <Steps set={set} onClose={onClose} />
    </Dialog>
  );
}

function Steps({ set, onClose }: { set: string; onClose: () => void }) {
  const create = useCreateRun(set);
  const [prompt, setPrompt] = useState('');
  const [model, setModel] = useState('');
  const [release, setRelease] = useState('');
  if (create.data) return <Feed run={create.data} onClose={onClose} />;
  return (
    <form
      className="flex flex-col gap-3 p-4"
      onSubmit={event => {
        event.preventDefault();
        create.mutate({ prompt, model, release });
      }}
    >
      <TextField
        label="Prompt and its version"
        value={prompt}
        placeholder="answer@v14"
        onChange={event => setPrompt(event.target.value)}
      />
      <TextField
        label="Model"
        value={model}
        placeholder="gpt-4o-mini"
        onChange={event => setModel(event.target.value)}
      />
      <TextField
        label="Release"
        value={release}
        placeholder="2026.11.3"
        onChange={event => setRelease(event.target.value)}
      />
      <p className="text-muted">
        The run holds to the newest version of the set. Comparisons and the gate find it by these words.
      </p>
      {create.error && <Failure what="The run could not be begun." error={create.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" disabled={create.isPending}>
          Begin the run
        </Button>
      </div>
    </form>
  );
}

function Feed({ run, onClose }: { run: GoldenRun; onClose: () => void }) {
  const base = `${window.location.origin}/api/v1/golden/runs/${run.run_id}`;
  const pull = [
    `curl '${base}/cases?limit=100'`,
    `curl '${base}/results' -H 'content-type: application/json' \\`,
    `  -d '{"results":[{"case_id":"…","output":"…"}]}'`,
  ].join('\n');
  const attributes = [`driftline.golden.run=${run.run_id}`, 'driftline.golden.case=<case_id>'].join('\n');
  return (
    <div className="flex flex-col gap-3 p-4">
      <p>
        <span className="font-semibold">{run.name}</span> has begun. Feed it in one of two ways:
      </p>
      <Snippet title="Pull the cases and post the answers" text={pull} />
      <Snippet title="Or send spans with these attributes around each answer" text={attributes} />
      <div className="flex justify-end">
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}

function Snippet({ title, text }: { title: string; text: string }) {
  return (
    <section aria-label={title}>
      <div className="flex items-center justify-between gap-2">
        <h3>{title}</h3>
        <CopyButton look="quiet" text={text} label="Copy" />
      </div>
      <pre className="rounded-control bg-surface p-3 font-mono text-label break-all whitespace-pre-wrap">
        {text}
      </pre>
    </section>
  );
}
