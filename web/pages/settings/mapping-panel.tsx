import { useBlocker } from '@tanstack/react-router';
import { useState } from 'react';
import type { Mapping } from '#contract/mapping.ts';
import { ago, exact, viewerZone } from '../../clock.ts';
import { type KeptMapping, useMapping, useSaveMapping, useTriedMapping } from '../../data/mapping.ts';
import { Failure } from '../../states/failure.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { fields, sameMapping } from './mapping-draft.ts';
import { MappingField } from './mapping-field.tsx';
import { MappingPreview } from './mapping-preview.tsx';

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
      <div className="sticky bottom-0 z-10 -mx-1 flex flex-wrap items-center gap-2 bg-bg px-1 py-2 max-md:bottom-14">
        <Button
          look="primary"
          disabled={!changed || save.isPending}
          onClick={() => save.mutate(mapping, { onSuccess: () => setDraft(null) })}
        >
          {save.isPending ? 'Saving' : 'Save mapping'}
        </Button>
        <Button disabled={!changed || save.isPending} onClick={() => setDraft(null)}>
          Discard
        </Button>
        <p role="status" className="flex items-center gap-2 text-muted">
          {changed ? (
            <>
              <StatusIcon status="warning" />
              Not saved yet
            </>
          ) : save.isSuccess ? (
            <>
              <StatusIcon status="good" />
              Saved. It holds for spans received from now on.
            </>
          ) : kept.changed_at ? (
            <span title={exact(Date.parse(kept.changed_at), viewerZone())}>
              Changed {ago(Date.parse(kept.changed_at), Date.now(), viewerZone())}
            </span>
          ) : (
            'Never changed'
          )}
        </p>
      </div>
      {overtaken && (
        <div role="alert" className="flex flex-wrap items-center gap-2">
          <StatusIcon status="warning" />
          Somebody else has saved another mapping meanwhile. Saving replaces theirs.
          <Button onClick={() => setDraft(null)}>Show theirs</Button>
        </div>
      )}
      {save.error && <Failure what="The mapping was not saved." error={save.error} />}
      <MappingPreview mapping={mapping} query={tried} />
      <LeaveGuard active={changed} />
    </div>
  );
}

/** Asks before a page with unsaved changes is left; moving within the page is free. */
function LeaveGuard({ active }: { active: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => active && current.pathname !== next.pathname,
    enableBeforeUnload: () => active,
    withResolver: true,
  });
  return (
    <Dialog
      title="Leave without saving?"
      open={blocker.status === 'blocked'}
      onClose={() => blocker.reset?.()}
    >
      <div className="flex flex-col gap-4 p-4">
        <p>The changed mapping is not saved.</p>
        <div className="flex flex-wrap gap-2">
          <Button look="primary" onClick={() => blocker.reset?.()}>
            Stay
          </Button>
          <Button look="danger" onClick={() => blocker.proceed?.()}>
            Leave without saving
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
