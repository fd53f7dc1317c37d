import { Link } from '@tanstack/react-router';
import { Download, Pencil, Plus, Trash2, Upload } from 'lucide-react';
import { useState } from 'react';
import { useDownload } from '../../data/download.ts';
import {
  exportAddress,
  type GoldenCase,
  type GoldenSetDetail,
  useFromCorrections,
  useGoldenCases,
  useRemoveCase,
} from '../../data/golden.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { CaseForm } from './case-form.tsx';
import { ImportCases } from './import-cases.tsx';
import type { SetSearch } from './search.ts';
import { ToolCalls } from './tool-calls.tsx';
import { plural, questionOf, sourceLabels } from './words.ts';

interface CasesProps {
  set: string;
  detail: GoldenSetDetail | undefined;
  search: SetSearch;
  onSearch: (change: { [K in keyof SetSearch]?: SetSearch[K] | undefined }) => void;
}

const pageSize = 50;

/** Cases of one version: find, add, edit, import. Older versions can only be read. */
export function Cases({ set, detail, search, onSearch }: CasesProps) {
  const [limit, setLimit] = useState(pageSize);
  const [editing, setEditing] = useState<GoldenCase | 'new' | null>(null);
  const [importing, setImporting] = useState(false);
  const asked = { q: search.q ?? '', tag: search.tag ?? '', limit, ...(search.v && { version: search.v }) };
  const query = useGoldenCases(set, asked);
  const download = useDownload();
  const newest = detail?.version ?? 0;
  const isOld = search.v !== undefined && search.v < newest;
  const version = search.v ?? newest;
  const isFiltered = Boolean(search.q || search.tag);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button look="primary" disabled={isOld} onClick={() => setEditing('new')}>
          <Plus size={16} aria-hidden />
          Add case
        </Button>
        <Button disabled={isOld} onClick={() => setImporting(true)}>
          <Upload size={16} aria-hidden />
          Import
        </Button>
        <FromCorrections set={set} disabled={isOld} />
        <Button
          disabled={version === 0 || download.isPending}
          onClick={() =>
            download.mutate({ address: exportAddress(set, version), name: `${set}-v${version}.jsonl` })
          }
        >
          <Download size={16} aria-hidden />
          Export
        </Button>
      </div>
      {download.error && <Failure what="The file could not be saved." error={download.error} />}
      {isOld && (
        <p className="flex flex-wrap items-center gap-2 rounded-card border border-line bg-surface px-4 py-2">
          Version {search.v} of {newest}: it can be read, run and exported, not changed.
          <Button onClick={() => onSearch({ v: undefined })}>Show the newest</Button>
        </p>
      )}
      <div className="flex flex-wrap items-end gap-2">
        <TextField
          label="Find in cases"
          quietLabel
          type="search"
          placeholder="Find in question, reference, tag"
          className="w-72 max-w-full"
          defaultValue={search.q ?? ''}
          onChange={event => onSearch({ q: event.target.value || undefined })}
        />
        {(detail?.tags.length ?? 0) > 0 && (
          <Select
            label="Tag"
            value={search.tag ?? ''}
            options={[
              { value: '', label: 'Every tag' },
              ...(detail?.tags ?? []).map(tag => ({ value: tag, label: tag })),
            ]}
            onChange={tag => onSearch({ tag: tag || undefined })}
          />
        )}
      </div>
      <Panel
        title={query.data ? plural(query.data.total, isFiltered ? 'matching case' : 'case') : 'Cases'}
        what="the cases"
        query={query}
        height={160}
        empty={({ cases }) =>
          cases.length > 0 ? null : isFiltered ? (
            <Note title="No case matches.">
              <Button onClick={() => onSearch({ q: undefined, tag: undefined })}>Show all</Button>
            </Note>
          ) : (
            <Note title="The set has no cases yet.">
              <span>Add one here, import a file, or open a trace and add what was asked there.</span>
            </Note>
          )
        }
      >
        {({ cases, next }) => (
          <>
            <ul>
              {cases.map(one => (
                <CaseRow key={one.case_id} set={set} of={one} isOld={isOld} onEdit={() => setEditing(one)} />
              ))}
            </ul>
            {next !== null && limit < 500 && (
              <div className="border-t border-line p-3">
                <Button onClick={() => setLimit(limit + 150)}>Show more</Button>
              </div>
            )}
          </>
        )}
      </Panel>
      <CaseForm set={set} editing={editing} onClose={() => setEditing(null)} />
      <ImportCases set={set} open={importing} onClose={() => setImporting(false)} />
    </div>
  );
}

interface CaseRowProps {
  set: string;
  of: GoldenCase;
  isOld: boolean;
  onEdit: () => void;
}

function CaseRow({ set, of, isOld, onEdit }: CaseRowProps) {
  const remove = useRemoveCase(set);
  const facts = [
    sourceLabels[of.source],
    `since version ${of.revision}`,
    of.language,
    ...of.tags.map(tag => `#${tag}`),
  ];
  return (
    <li className="flex items-start justify-between gap-3 border-t border-line px-4 py-2 hover:bg-surface">
      <div className="min-w-0 flex-1">
        <p className="line-clamp-2 font-semibold">{questionOf(of) || of.case_id}</p>
        <p className="line-clamp-2">
          {of.reference === null ? <span className="text-muted">no reference answer</span> : of.reference}
        </p>
        {of.tool_calls && <ToolCalls label="should ask for" calls={of.tool_calls} />}
        <p className="text-label text-muted">
          {of.case_id}, {facts.filter(Boolean).join(', ')}
          {of.trace_id && (
            <>
              ,{' '}
              <Link
                to="/traces/$traceId"
                params={{ traceId: of.trace_id }}
                search={of.span_id ? { span: of.span_id } : {}}
                className="text-accent underline"
              >
                trace
              </Link>
            </>
          )}
        </p>
        {remove.error && <Failure what="The case could not be removed." error={remove.error} />}
      </div>
      {!isOld && (
        <div className="flex">
          <Button look="quiet" square aria-label={`Edit ${of.case_id}`} title="Edit" onClick={onEdit}>
            <Pencil size={16} aria-hidden />
          </Button>
          <Button
            look="quiet"
            square
            aria-label={`Remove ${of.case_id}`}
            title="Leave out from the next version on"
            disabled={remove.isPending}
            onClick={() => remove.mutate(of.case_id)}
          >
            <Trash2 size={16} aria-hidden />
          </Button>
        </div>
      )}
    </li>
  );
}

/** Answers people corrected in the last 30 days become cases. */
function FromCorrections({ set, disabled }: { set: string; disabled: boolean }) {
  const take = useFromCorrections(set);
  return (
    <>
      <Button
        disabled={disabled || take.isPending}
        title="Answers people corrected in the last 30 days"
        onClick={() => take.mutate({ from: 'now-30d', to: 'now' })}
      >
        Take corrections
      </Button>
      <span role="status" className="text-muted empty:hidden">
        {take.data &&
          (take.data.corrections === 0
            ? 'Nothing was corrected in the last 30 days.'
            : `${plural(take.data.added, 'case')} added, ${take.data.changed} changed.${
                take.data.without_text > 0
                  ? ` The text of ${plural(take.data.without_text, 'call')} is not kept.`
                  : ''
              }`)}
      </span>
      {take.error && <Failure what="The corrections could not be taken." error={take.error} />}
    </>
  );
}
