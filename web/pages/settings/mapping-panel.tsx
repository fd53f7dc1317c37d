import { useState } from 'react';
import type { Mapping } from '#contract/mapping.ts';
import { ago, exact, viewerZone } from '../../clock.ts';
import { type KeptMapping, useMapping, useSaveMapping, useTriedMapping } from '../../data/mapping.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { fields, sameMapping } from './mapping-draft.ts';
import { MappingField } from './mapping-field.tsx';
import { MappingPreview } from './mapping-preview.tsx';
import { SaveBar } from './save-bar.tsx';

/** Where feature, tenant and the like come from: edited, tried on recent spans, then saved. */
export function MappingPanel() {
  const { data, error, refetch } = useMapping();
  if (data) return <MappingEditor kept={data} />;
  if (error)
    return <Failure what="Could not load the mapping." error={error} onRetry={() => void refetch()} />;
  return <div aria-hidden className="h-96 rounded-card bg-surface" />;
}

interface Draft {
  mapping: Mapping;
  /** What it was made of, so that a change by somebody else is seen. */
  base: KeptMapping;
}

function MappingEditor({ kept }: { kept: KeptMapping }) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const save = useSaveMapping();
  const mapping = draft?.mapping ?? kept.mapping;
  const tried = useTriedMapping(mapping);
  const changed = draft !== null && !sameMapping(draft.mapping, draft.base.mapping);
  const overtaken = changed && draft.base.changed_at !== kept.changed_at;
  const edit = (next: Mapping) => {
    save.reset();
    setDraft({ mapping: next, base: draft?.base ?? kept });
  };
  return (
    <div className="flex flex-col gap-3">
      <ul className="rounded-card border border-line">
        {fields.map(field => (
          <MappingField
            key={field}
            field={field}
            keys={mapping[field]}
            spans={tried.data ?? []}
            onChange={keys => edit({ ...mapping, [field]: keys })}
          />
        ))}
      </ul>
      <SaveBar
        label="Save mapping"
        changed={changed}
        saving={save.isPending}
        saved={save.isSuccess ? 'Saved. It holds for spans received from now on.' : null}
        onSave={() => save.mutate(mapping, { onSuccess: () => setDraft(null) })}
        onDiscard={() => setDraft(null)}
      >
        {kept.changed_at ? (
          <span title={exact(Date.parse(kept.changed_at), viewerZone())}>
            Changed {ago(Date.parse(kept.changed_at), Date.now(), viewerZone())}
          </span>
        ) : (
          'Never changed'
        )}
      </SaveBar>
      {overtaken && (
        <div role="alert" className="flex flex-wrap items-center gap-2">
          <StatusIcon status="warning" />
          Somebody else has saved another mapping meanwhile. Saving replaces theirs.
          <Button onClick={() => setDraft(null)}>Show theirs</Button>
        </div>
      )}
      {save.error && <Failure what="The mapping was not saved." error={save.error} />}
      <MappingPreview mapping={mapping} query={tried} />
      <LeaveGuard active={changed} what="The changed mapping is not saved." />
    </div>
  );
}
