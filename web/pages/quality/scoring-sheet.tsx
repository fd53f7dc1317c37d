import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { EvaluatorInfo, ScoringRule } from '#contract/evaluator.ts';
import { type Evaluators, useRemoveRule, useSaveRule } from '../../data/quality.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import type { Asked } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { kindText, samplingText } from './rule-draft.ts';
import { RuleForm } from './rule-form.tsx';
import { TryForm } from './try-form.tsx';

interface ScoringSheetProps {
  /** Null when it is closed; the name of an evaluator opens that one. */
  opened: string | null;
  onClose: () => void;
  query: Asked<Evaluators>;
}

/** Which evaluators score what arrives, of which features, and how much of it. */
export function ScoringSheet({ opened, onClose, query }: ScoringSheetProps) {
  const { data, error } = query;
  return (
    <Dialog shape="side" open={opened !== null} onClose={onClose} title="Evaluators">
      {!data && error !== null && (
        <Failure what="Could not load the evaluators." error={error} onRetry={() => void query.refetch()} />
      )}
      {data && (
        <>
          <ScoringState {...data.scoring} rules={data.rules} />
          <ul>
            {byUse(data).map(({ info, rules }) => (
              <li key={info.name} className="border-t border-line px-4 py-3">
                <EvaluatorItem info={info} rules={rules} open={opened === info.name} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

/** Those that score something first. */
function byUse({ evaluators, rules }: Evaluators) {
  return evaluators
    .map(info => ({ info, rules: rules.filter(({ evaluator }) => evaluator === info.name) }))
    .sort((a, b) => Number(b.rules.length > 0) - Number(a.rules.length > 0));
}

function ScoringState({
  scores_per_minute,
  scored,
  notes,
  rules,
}: Evaluators['scoring'] & { rules: ScoringRule[] }) {
  const on = rules.filter(({ enabled }) => enabled).length;
  return (
    <div className="max-w-text px-4 pb-3">
      <p>
        {on === 0
          ? 'Nothing scores what arrives yet.'
          : `${format.count(scored)} scores made since the start; at most ${format.full(scores_per_minute)} a minute.`}
      </p>
      {notes.map(note => (
        <p key={note} className="text-warning">
          {note}
        </p>
      ))}
    </div>
  );
}

function EvaluatorItem({ info, rules, open }: { info: EvaluatorInfo; rules: ScoringRule[]; open: boolean }) {
  return (
    <>
      <h3 className="text-body font-semibold">{info.name}</h3>
      <p className="max-w-text">{info.summary}</p>
      <p className="text-label text-muted">
        {kindText(info)}
        {info.kind === 'judge' && (
          <>
            {'; '}
            <Link to="/judge" className="text-accent underline hover:no-underline">
              judge settings
            </Link>
          </>
        )}
      </p>
      <EvaluatorRules info={info} rules={rules} open={open} />
    </>
  );
}

/** Of which calls an evaluator scores how much, and what it says of one. */
export function EvaluatorRules({
  info,
  rules,
  open = false,
}: {
  info: EvaluatorInfo;
  rules: ScoringRule[];
  open?: boolean;
}) {
  return (
    <>
      {rules.length > 0 && (
        <ul className="mt-1">
          {rules.map(rule => (
            <RuleLine key={rule.feature} rule={rule} info={info} />
          ))}
        </ul>
      )}
      <Disclosure summary={rules.length > 0 ? 'Add for a feature' : 'Switch on'} open={open}>
        <RuleForm info={info} />
      </Disclosure>
      <Disclosure summary="Try on a recent call">
        <TryForm info={info} />
      </Disclosure>
    </>
  );
}

function RuleLine({ rule, info }: { rule: ScoringRule; info: EvaluatorInfo }) {
  const [editing, setEditing] = useState(false);
  const save = useSaveRule();
  const remove = useRemoveRule();
  const { feature, enabled, settings, sampling } = rule;
  const busy = save.isPending || remove.isPending;
  const of = feature || 'every other feature';
  return (
    <li className="py-1">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 flex-1">
          <span className="font-semibold">{of}</span>
          <span className="text-muted">
            {enabled ? `: ${samplingText(format, sampling)}` : ': switched off'}
          </span>
        </span>
        <Button
          disabled={busy}
          aria-label={`${enabled ? 'Switch off' : 'Switch on'} ${info.name} for ${of}`}
          onClick={() =>
            save.mutate({ name: info.name, request: { feature, settings, sampling, enabled: !enabled } })
          }
        >
          {enabled ? 'Switch off' : 'Switch on'}
        </Button>
        <Button
          look="quiet"
          aria-expanded={editing}
          aria-label={`Edit ${info.name} for ${of}`}
          onClick={() => setEditing(!editing)}
        >
          Edit
        </Button>
        <Button
          look="quiet"
          disabled={busy}
          aria-label={`Remove ${info.name} for ${of}`}
          onClick={() => remove.mutate({ name: info.name, feature })}
        >
          Remove
        </Button>
      </div>
      {(save.error ?? remove.error) && (
        <Failure what="Could not change it." error={save.error ?? remove.error} />
      )}
      {editing && <RuleForm info={info} rule={rule} onDone={() => setEditing(false)} />}
    </li>
  );
}
