import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Mapping } from '#contract/mapping.ts';
import { ago, exact, viewerZone } from '../../clock.ts';
import type { TriedSpan } from '../../data/mapping.ts';
import { Note } from '../../states/note.tsx';
import { type Asked, Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { countFound, fields, fieldWords } from './mapping-draft.ts';

const SHOWN = 5;

interface MappingPreviewProps {
  mapping: Mapping;
  query: Asked<TriedSpan[]>;
}

/** What the mapping on screen finds in recent spans, beside what the ledger holds for their calls today. */
export function MappingPreview({ mapping, query }: MappingPreviewProps) {
  const [all, setAll] = useState(false);
  const configured = fields.filter(field => mapping[field].length > 0);
  return (
    <Panel
      title="Tried on recent spans"
      what="recent spans"
      query={query}
      actions={
        <Button look="quiet" className="-mr-2" onClick={() => void query.refetch()}>
          Take newer spans
        </Button>
      }
      empty={spans =>
        spans.length === 0 ? (
          <Note title="No span with a model call has arrived yet.">
            The mapping can be saved all the same.
          </Note>
        ) : configured.length === 0 ? (
          <Note title="No key is configured.">The built-in rules of each sender decide every field.</Note>
        ) : null
      }
    >
      {spans => (
        <>
          <ul className="px-4 pb-3">
            {countFound(spans, mapping).map(({ field, found, different }) => (
              <li key={field}>
                <span className="font-semibold">{fieldWords[field].label}</span>{' '}
                {found === 0
                  ? `in none of ${spans.length} spans: the built-in rules and the spans above decide`
                  : `in ${found} of ${spans.length} spans, ${different === 0 ? 'the same as today' : `${different} not as today`}`}
              </li>
            ))}
          </ul>
          <ol>
            {spans.slice(0, all ? spans.length : SHOWN).map(span => (
              <TriedRow key={`${span.trace_id}/${span.span_id}`} span={span} configured={configured} />
            ))}
          </ol>
          {!all && spans.length > SHOWN && (
            <div className="border-t border-line p-2">
              <Button look="quiet" onClick={() => setAll(true)}>
                Show all {spans.length}
              </Button>
            </div>
          )}
        </>
      )}
    </Panel>
  );
}

function TriedRow({ span, configured }: { span: TriedSpan; configured: readonly string[] }) {
  const startMs = Date.parse(span.start);
  return (
    <li className="border-t border-line px-4 py-2">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <Link
          to="/traces/$traceId"
          params={{ traceId: span.trace_id }}
          search={{ span: span.span_id }}
          className="font-semibold break-all text-accent hover:underline"
        >
          {span.name}
        </Link>
        <span className="text-muted">
          {span.service},{' '}
          <span title={exact(startMs, viewerZone())}>{ago(startMs, Date.now(), viewerZone())}</span>
        </span>
      </p>
      <table className="mt-1 w-full table-fixed">
        <caption className="sr-only">Fields of {span.name}</caption>
        <thead className="text-label text-muted">
          <tr>
            <th scope="col" className="w-[28%] py-0.5 text-left font-normal sm:w-[120px]">
              Field
            </th>
            <th scope="col" className="py-0.5 pr-2 text-left font-normal">
              Mapping finds
            </th>
            <th scope="col" className="py-0.5 text-left font-normal">
              Ledger today
            </th>
          </tr>
        </thead>
        <tbody>
          {span.fields
            .filter(({ field }) => configured.includes(field))
            .map(({ field, configured: found, key, current }) => (
              <tr key={field} className="align-top">
                <th scope="row" className="py-0.5 pr-2 text-left font-normal">
                  {fieldWords[field].label}
                </th>
                <td className="py-0.5 pr-2 break-words">
                  {found === null ? (
                    <span className="text-muted">no key present</span>
                  ) : (
                    <>
                      <span className={found === current ? '' : 'font-semibold'}>{short(found)}</span>
                      <span className="block font-mono text-label break-all text-muted">{key?.key}</span>
                    </>
                  )}
                </td>
                <td className="py-0.5 break-words">
                  {current === null ? <span className="text-muted">none</span> : short(current)}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </li>
  );
}

const short = (value: string) => (value.length > 200 ? `${value.slice(0, 200)} …` : value);
