import { Link } from '@tanstack/react-router';
import { Eye, EyeOff, Lightbulb } from 'lucide-react';
import type { RuleView } from '#contract/rule.ts';
import { Note } from '../../states/note.tsx';
import { classes } from '../../ui/classes.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { FalseAlarms } from './false-alarms.tsx';
import { Preview } from './preview.tsx';
import { metricName, usefulWords } from './words.ts';

/** What a person made first, then what is always watched. */
export function RuleList({ rules }: { rules: readonly RuleView[] }) {
  const own = rules.filter(({ kind }) => kind !== 'drift');
  const drift = rules.filter(({ kind }) => kind === 'drift');
  return (
    <div className="flex flex-col gap-6">
      <section aria-labelledby="own-rules">
        <h2 id="own-rules" className="mb-2 text-lead font-semibold">
          Plain rules
        </h2>
        {own.length === 0 ? (
          <div className="rounded-card border border-line">
            <Note title="No plain rule yet.">
              <span className="max-w-text">
                The drift detector below needs none. A rule is for a line that must never be crossed: an error
                rate, an objective, a silence.
              </span>
            </Note>
          </div>
        ) : (
          <Rows rules={own} />
        )}
      </section>
      <section aria-labelledby="drift-rules">
        <h2 id="drift-rules" className="mb-2 text-lead font-semibold">
          Drift, watched by itself
        </h2>
        <FalseAlarms />
        {drift.length === 0 ? (
          <div className="rounded-card border border-line">
            <Note title="Nothing is watched yet." />
          </div>
        ) : (
          <Rows rules={drift} />
        )}
      </section>
    </div>
  );
}

function Rows({ rules }: { rules: readonly RuleView[] }) {
  return (
    <ul className="overflow-hidden rounded-card border border-line">
      {rules.map(rule => (
        <Row key={rule.id} rule={rule} />
      ))}
    </ul>
  );
}

function Row({ rule }: { rule: RuleView }) {
  const { record, error, enabled, definition, source } = rule;
  const name = rule.kind === 'drift' ? metricName(rule) : rule.name;
  return (
    <li
      className={classes(
        'relative grid gap-x-4 gap-y-1 border-t border-line px-4 py-3 first:border-t-0 md:grid-cols-[minmax(0,1fr)_7rem_7rem_9rem]',
        definition !== null && 'hover:bg-surface',
        !enabled && 'text-muted',
      )}
    >
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2">
          {definition ? (
            <Link
              from="/rules"
              search={old => ({ ...old, edit: rule.id })}
              resetScroll={false}
              className="min-w-0 font-semibold break-words after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
            >
              {name}
            </Link>
          ) : (
            <span className="font-semibold">{name}</span>
          )}
          {source === 'file' && <span className="text-label text-muted">from driftline.yaml</span>}
          {!enabled && <span className="text-label">switched off</span>}
          {record.firing > 0 && (
            <span className="inline-flex items-center gap-1 text-label text-critical">
              <StatusIcon status="critical" size={14} />
              {record.firing} firing
            </span>
          )}
        </p>
        {rule.kind !== 'drift' && <p className="text-muted break-words">{rule.summary}</p>}
        {rule.power && (
          <p className="mt-1 flex items-start gap-1.5 text-label text-muted">
            {rule.power.blind ? (
              <EyeOff size={14} aria-hidden className="mt-0.5 shrink-0 text-warning" />
            ) : (
              <Eye size={14} aria-hidden className="mt-0.5 shrink-0" />
            )}
            <span className="min-w-0 break-words">
              {rule.power.blind && <span className="font-semibold text-warning">Blind. </span>}
              {rule.power.text}
            </span>
          </p>
        )}
        {rule.kind === 'drift' && rule.power === null && (
          <p className="mt-1 text-label text-muted">
            Still learning: it takes 14 days and 200 values of a series to know what is normal.
          </p>
        )}
        {error !== null && (
          <p className="flex items-start gap-1 text-critical">
            <StatusIcon status="critical" />
            <span className="min-w-0 break-words">Could not be evaluated: {error}</span>
          </p>
        )}
        {record.proposal && (
          <p className="mt-1 flex items-start gap-1.5">
            <Lightbulb size={16} aria-hidden className="mt-0.5 shrink-0 text-warning" />
            {record.proposal.text}
          </p>
        )}
        {rule.kind === 'drift' && (
          <Disclosure summary="What it would have paged">
            <div className="pt-1 pb-2">
              <Preview rule={{ kind: 'drift', metric: rule.id.replace(/^drift:/, '') }} />
            </div>
          </Disclosure>
        )}
      </div>
      <div className="flex flex-wrap gap-x-4 md:contents">
        <Figure label="in 7 days" value={times(record.fires_7d)} />
        <Figure label="in 60 days" value={times(record.fires_60d)} />
        <Figure label="useful" value={usefulWords(record)} />
      </div>
    </li>
  );
}

const times = (count: number) => (count === 0 ? 'never' : count === 1 ? 'once' : `${count} times`);

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <p className="flex items-baseline gap-1.5 tabular-nums md:flex-col md:items-end md:gap-0">
      <span>{value}</span>
      <span className="text-label text-muted">{label}</span>
    </p>
  );
}
