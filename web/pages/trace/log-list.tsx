import { useState } from 'react';
import type { Span, TraceDetail } from '#contract/trace.ts';
import { exact, timeSeconds, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { Button } from '../../ui/button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon, statusText } from '../../ui/status.tsx';
import { Attributes } from './attributes.tsx';
import { severityStatus } from './severity.ts';

type Log = TraceDetail['logs'][number];

const SHOWN = 20;

interface LogListProps {
  logs: readonly Log[];
  /** Leads from a record to its span; without it the span is known from where the list stands. */
  spans?: { byId: ReadonlyMap<string, Span>; onSelect: (spanId: string) => void };
}

/** Log records in order of time: severity, time, body, and their attributes on demand. */
export function LogList({ logs, spans }: LogListProps) {
  const [all, setAll] = useState(false);
  const shown = all ? logs : logs.slice(0, SHOWN);
  return (
    <>
      <ol className="flex flex-col">
        {shown.map((log, at) => (
          <LogItem
            // biome-ignore lint/suspicious/noArrayIndexKey: log records have no id and never change
            key={at}
            log={log}
            span={spans?.byId.get(log.span_id)}
            onSelect={spans?.onSelect}
          />
        ))}
      </ol>
      {logs.length > shown.length && (
        <Button look="quiet" className="-ml-3" onClick={() => setAll(true)}>
          Show all {format.count(logs.length)}
        </Button>
      )}
    </>
  );
}

interface LogItemProps {
  log: Log;
  span: Span | undefined;
  onSelect: ((spanId: string) => void) | undefined;
}

function LogItem({ log, span, onSelect }: LogItemProps) {
  const { time, severity, event_name, body, attributes } = log;
  const status = severityStatus(severity);
  const count = Object.keys(attributes).length;
  const atMs = Date.parse(time);
  return (
    <li className="border-t border-line py-1.5 first:border-t-0">
      <p className="flex flex-wrap items-center gap-x-2 text-label text-muted">
        <time dateTime={time} title={exact(atMs, viewerZone())}>
          {timeSeconds(atMs, viewerZone())}
        </time>
        {severity && (
          <span className={`flex items-center gap-1 ${statusText[status]}`}>
            <StatusIcon status={status} size={12} />
            {severity}
          </span>
        )}
        {event_name && <span className="break-all">{event_name}</span>}
        {span && onSelect && (
          <button
            type="button"
            className="min-w-0 truncate text-accent hover:underline"
            onClick={() => onSelect(span.span_id)}
          >
            {span.name}
          </button>
        )}
      </p>
      {body && <p className="max-h-40 overflow-y-auto whitespace-pre-wrap break-words">{body}</p>}
      {count > 0 && (
        <Disclosure summary={`${count} ${count === 1 ? 'attribute' : 'attributes'}`}>
          <Attributes attributes={attributes} />
        </Disclosure>
      )}
    </li>
  );
}
