import type { ReactNode } from 'react';
import type { Call, Span, TraceDetail } from '#contract/trace.ts';
import { exact, timeSeconds, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { AddToSet } from '../golden/add-to-set.tsx';
import { textOf } from '../golden/words.ts';
import { AddToReview } from '../review/add-to-review.tsx';
import { Attributes } from './attributes.tsx';
import { CallCost } from './call-cost.tsx';
import { callFacts } from './call-facts.ts';
import { LogList } from './log-list.tsx';
import { Messages } from './messages.tsx';
import { ScoreList } from './score-list.tsx';

/** Everything known of one span: what was said, what it cost, how it was judged, what was sent. */
export function SpanPanel({ trace, span }: { trace: TraceDetail; span: Span }) {
  const call = trace.calls.find(one => one.span_id === span.span_id);
  const content = trace.contents[span.span_id];
  const scores = trace.scores.filter(one => one.span_id === span.span_id || (one.span_id === '' && call));
  const logs = trace.logs.filter(one => one.span_id === span.span_id);
  const failed = span.status === 'error' || call?.failed;
  return (
    <article aria-label={`Span ${span.name}`} className="flex flex-col rounded-card border border-line">
      <header className="flex items-start justify-between gap-2 px-4 pt-3 pb-2">
        <div className="min-w-0">
          <h2 className="text-lead break-words">{span.name}</h2>
          <p className="text-muted">
            {[
              span.role.replaceAll('_', ' '),
              format.latency(span.duration_ms),
              `at +${format.latency(span.offset_ms)}`,
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </div>
        <CopyButton square look="quiet" text={span.span_id} label="Copy span id" />
      </header>
      {failed && <FailureNote span={span} call={call} />}
      {call && <CallFacts call={call} />}
      {call && (
        <Section title="Tokens and cost">
          <CallCost call={call} />
        </Section>
      )}
      {scores.length > 0 && (
        <Section title="Scores">
          <ScoreList scores={scores} />
        </Section>
      )}
      {(content || call) && (
        <Section title="Messages">
          {content ? (
            <Messages input={content.input} output={content.output} />
          ) : (
            <p className="text-muted">The sender did not capture prompts and answers.</p>
          )}
          {call && (
            <div className="mt-3 flex flex-wrap gap-2">
              {content && (
                <AddToSet
                  traceId={trace.trace_id}
                  spanId={span.span_id}
                  answer={content.output.map(textOf).join('\n')}
                />
              )}
              <AddToReview traceId={trace.trace_id} spanId={span.span_id} />
            </div>
          )}
        </Section>
      )}
      {logs.length > 0 && (
        <Section title={`Logs (${logs.length})`}>
          <LogList logs={logs} />
        </Section>
      )}
      {span.events.length > 0 && (
        <Section title={`Events (${span.events.length})`}>
          {span.events.map((event, at) => (
            <Disclosure
              // biome-ignore lint/suspicious/noArrayIndexKey: events have no id and never change
              key={at}
              summary={`${event.name}, ${timeSeconds(Date.parse(event.time), viewerZone())}`}
            >
              <Attributes attributes={event.attributes} />
            </Disclosure>
          ))}
        </Section>
      )}
      <Section title={`Attributes (${Object.keys(span.attributes).length})`}>
        <Attributes attributes={span.attributes} />
      </Section>
      <Section title="Origin">
        <Attributes
          attributes={{
            started: exact(Date.parse(span.start_time), viewerZone()),
            service: span.service,
            scope: span.scope,
            ...(span.dialect && { dialect: span.dialect }),
            kind: span.kind,
            'span id': span.span_id,
            ...(span.parent_span_id && { 'parent span id': span.parent_span_id }),
          }}
        />
        <Disclosure summary={`Resource (${Object.keys(span.resource).length})`}>
          <Attributes attributes={span.resource} />
        </Disclosure>
      </Section>
    </article>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t border-line px-4 py-3">
      <h3 className="mb-2 text-label text-muted">{title}</h3>
      {children}
    </section>
  );
}

function FailureNote({ span, call }: { span: Span; call: Call | undefined }) {
  const words = call?.error_message || span.status_message;
  return (
    <div className="mx-4 mb-3 rounded-control border border-critical px-3 py-2">
      <p className="flex items-center gap-2 font-semibold text-critical">
        <StatusIcon status="critical" />
        {call?.error_type || 'Failed'}
      </p>
      {words && <p className="mt-1 break-words">{words}</p>}
    </div>
  );
}

function CallFacts({ call }: { call: Call }) {
  const merged = call.merged_from.map(path => path.split('/').at(-1)).join(', ');
  return (
    <div className="border-t border-line px-4 py-3">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2">
        {callFacts(call).map(({ label, value }) => (
          <div key={label} className="min-w-0">
            <dt className="text-label text-muted">{label}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {merged && (
        <p className="mt-2 break-words text-muted">
          {call.merged_from.length === 1
            ? `Counted once: another span told of the same call and was merged into it (${merged}).`
            : `Counted once: ${call.merged_from.length} other spans told of the same call and were merged into it (${merged}).`}
        </p>
      )}
    </div>
  );
}
