import { type FormEvent, useState } from 'react';
import { type QuietSettings, useQuietSettings, useSaveQuietSettings } from '../../data/drift.ts';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** Who is told of quiet drift, which cohorts are watched and where embeddings are found. */
export function QuietSettingsPanel() {
  const query = useQuietSettings();
  return (
    <Panel title="What is watched, and who is told" what="the settings" query={query} height={200}>
      {settings => <Settings settings={settings} />}
    </Panel>
  );
}

function Settings({ settings }: { settings: QuietSettings }) {
  const save = useSaveQuietSettings();
  const { usage, fairness, embeddings } = settings;
  const { cohorts } = fairness;
  const setCohorts = (next: typeof cohorts) =>
    save.mutate({ ...settings, fairness: { ...fairness, cohorts: next } });
  return (
    <div className="grid gap-4 px-4 pb-4">
      <div className="grid gap-2">
        <CheckBox
          label="Send a message when usage leaves its season"
          checked={usage.notify}
          disabled={save.isPending}
          onChange={event => save.mutate({ ...settings, usage: { notify: event.target.checked } })}
        />
        <CheckBox
          label="Send a message when a gap between cohorts changes"
          checked={fairness.notify}
          disabled={save.isPending}
          onChange={event =>
            save.mutate({ ...settings, fairness: { ...fairness, notify: event.target.checked } })
          }
        />
        <p className="text-muted">
          Messages go the way of their route, with the kind usage or fairness. Neither opens an incident.
        </p>
      </div>
      <section aria-labelledby="watched-cohorts">
        <h3 id="watched-cohorts" className="mb-1">
          Watched cohorts
        </h3>
        <ul>
          {cohorts.map((one, at) => (
            <li key={JSON.stringify(one)} className="flex flex-wrap items-center justify-between gap-2 py-1">
              <span className="min-w-0 break-words">
                {one.by.replace(/^attribute:/, '')}
                <span className="text-muted"> in {one.feature ?? 'all features'}</span>
              </span>
              <Button
                disabled={save.isPending}
                onClick={() => setCohorts(cohorts.filter((_, other) => other !== at))}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
        <AddCohorts
          busy={save.isPending}
          onAdd={(by, feature) => setCohorts([...cohorts, { by, feature: feature || null }])}
        />
      </section>
      <Embeddings
        key={JSON.stringify(embeddings)}
        embeddings={embeddings}
        busy={save.isPending}
        onSave={next => save.mutate({ ...settings, embeddings: next })}
      />
      {save.error && (
        <p role="alert" className="text-critical">
          Not saved: {save.error.message}
        </p>
      )}
    </div>
  );
}

const textOf = (form: HTMLFormElement, name: string) => String(new FormData(form).get(name) ?? '').trim();

function AddCohorts({ busy, onAdd }: { busy: boolean; onAdd: (by: string, feature: string) => void }) {
  const [by, setBy] = useState('');
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onAdd(by.trim(), textOf(event.currentTarget, 'feature'));
    setBy('');
    event.currentTarget.reset();
  };
  return (
    <form onSubmit={add} className="mt-1 flex flex-wrap items-end gap-2">
      <TextField
        label="By (tenant, variant, … or attribute:key)"
        name="by"
        value={by}
        onChange={event => setBy(event.target.value)}
        className="basis-64"
      />
      <TextField label="Feature (empty: all)" name="feature" className="basis-40" />
      <Button type="submit" disabled={busy || by.trim() === ''}>
        Watch
      </Button>
    </form>
  );
}

interface EmbeddingsProps {
  embeddings: QuietSettings['embeddings'];
  busy: boolean;
  onSave: (embeddings: QuietSettings['embeddings']) => void;
}

function Embeddings({ embeddings, busy, onSave }: EmbeddingsProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSave({ input: textOf(event.currentTarget, 'input'), output: textOf(event.currentTarget, 'output') });
  };
  return (
    <form onSubmit={submit}>
      <h3 className="mb-1">Embeddings in span attributes</h3>
      <div className="flex flex-wrap items-end gap-2">
        <TextField label="Of the input" name="input" defaultValue={embeddings.input} className="basis-64" />
        <TextField
          label="Of the output"
          name="output"
          defaultValue={embeddings.output}
          className="basis-64"
        />
        <Button type="submit" disabled={busy}>
          Save
        </Button>
      </div>
    </form>
  );
}
