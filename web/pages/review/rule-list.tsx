import { X } from 'lucide-react';
import type { ReviewRule } from '../../data/review.ts';
import { Button } from '../../ui/button.tsx';
import { CheckBox } from '../../ui/check-box.tsx';
import { Select } from '../../ui/select.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { type RuleDraft, ruleTitles, withRule } from './queue-draft.ts';

const kinds = Object.keys(ruleTitles) as ReviewRule['kind'][];
const MOST = 12;
/** Names of scores to choose from while typing. */
export const SCORE_LIST = 'known-scores';

interface RuleListProps {
  rules: readonly RuleDraft[];
  onChange: (rules: readonly RuleDraft[]) => void;
}

/** What brings calls in; each can be paused or taken out. */
export function RuleList({ rules, onChange }: RuleListProps) {
  const set = (changed: RuleDraft) => onChange(rules.map(one => (one.key === changed.key ? changed : one)));
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 font-semibold">What brings calls in</legend>
      {rules.length === 0 && (
        <p className="text-muted">Nothing: calls come in by hand, from a trace or through the API.</p>
      )}
      {rules.map(one => (
        <div key={one.key} className="rounded-control border border-line p-3">
          <div className="flex items-start justify-between gap-2">
            <CheckBox
              label={ruleTitles[one.rule.kind]}
              checked={one.rule.enabled}
              onChange={event => set({ ...one, rule: { ...one.rule, enabled: event.target.checked } })}
            >
              {!one.rule.enabled && <span className="text-warning"> paused</span>}
            </CheckBox>
            <Button
              square
              look="quiet"
              className="-mt-1.5 -mr-2"
              aria-label={`Remove: ${ruleTitles[one.rule.kind]}`}
              onClick={() => onChange(rules.filter(({ key }) => key !== one.key))}
            >
              <X size={16} aria-hidden />
            </Button>
          </div>
          <RuleFields draft={one} onChange={set} />
        </div>
      ))}
      {rules.length < MOST && (
        <Select
          label="Add a rule"
          value=""
          options={[
            { value: '', label: 'Add a rule …' },
            ...kinds.map(value => ({ value: value as string, label: ruleTitles[value] })),
          ]}
          onChange={value => {
            const kind = kinds.find(one => one === value);
            if (kind) onChange(withRule(rules, kind));
          }}
        />
      )}
      <p className="text-label text-muted">
        Only labels of a queue that is filled by chance alone speak for all calls; those of chosen calls are
        kept apart.
      </p>
    </fieldset>
  );
}

function RuleFields({ draft, onChange }: { draft: RuleDraft; onChange: (draft: RuleDraft) => void }) {
  const text = (name: 'names' | 'number' | 'where' | 'tools') => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => onChange({ ...draft, [name]: event.target.value }),
  });
  const number = { inputMode: 'decimal', ...text('number') } as const;
  const { kind } = draft.rule;
  if (kind === 'flagged') return null;
  return (
    <div className="mt-2 grid gap-3 md:grid-cols-2">
      {kind === 'low_score' && (
        <>
          <TextField
            label="A low score, by name"
            placeholder="relevancy"
            list={SCORE_LIST}
            {...text('names')}
          />
          <TextField label="Below" {...number} />
        </>
      )}
      {kind === 'disagreement' && (
        <>
          <TextField
            label="Scores, with commas"
            placeholder="relevancy"
            list={SCORE_LIST}
            {...text('names')}
          />
          <TextField label="Apart by at least" {...number} />
        </>
      )}
      {kind === 'drift' && <TextField label="Calls of each incident" {...number} />}
      {kind === 'new_cluster' && <TextField label="Calls that ask alike, at least" {...number} />}
      {kind === 'high_risk' && (
        <>
          <TextField label="Words in question or answer" placeholder="lawyer, suicid*" {...text('names')} />
          <TextField label="Tools it asks for" placeholder="close_account" {...text('tools')} />
          <TextField label="Only of these (optional)" placeholder="feature:loans" {...text('where')} />
        </>
      )}
      {kind === 'sample' && (
        <>
          <TextField label="Share of calls, percent" {...number} />
          <TextField label="Only of these (optional)" placeholder="prompt:answer v14" {...text('where')} />
        </>
      )}
    </div>
  );
}
