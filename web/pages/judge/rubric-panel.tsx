import type { Rubric } from '#contract/judge.ts';
import { useEvaluators } from '../../data/quality.ts';
import { Panel } from '../../states/panel.tsx';
import { Disclosure } from '../../ui/disclosure.tsx';
import { EvaluatorRules } from '../quality/scoring-sheet.tsx';

/** What the judge is asked, word by word, and of which calls. */
export function RubricPanel({ rubrics }: { rubrics: readonly Rubric[] }) {
  const query = useEvaluators();
  return (
    <Panel title="What it is asked, and of which calls" what="the rules" query={query} height={120}>
      {({ evaluators, rules, scoring }) => (
        <>
          {scoring.notes.map(note => (
            <p key={note} className="px-4 text-warning">
              {note}
            </p>
          ))}
          <ul className="grid md:grid-cols-2">
            {rubrics.map(rubric => {
              const info = evaluators.find(({ name }) => name === rubric.name);
              return (
                <li key={rubric.name} className="min-w-0 border-t border-line px-4 py-3">
                  <h3 className="text-body font-semibold">
                    {rubric.name}{' '}
                    <span className="text-label font-normal text-muted">version {rubric.version}</span>
                  </h3>
                  <p className="max-w-text">
                    {rubric.summary}
                    {rubric.direction === 'lower' && ' (lower is better)'}
                  </p>
                  {!rules.some(({ evaluator, enabled }) => enabled && evaluator === rubric.name) && (
                    <p className="text-muted">It judges no calls that arrive.</p>
                  )}
                  {info && (
                    <EvaluatorRules
                      info={info}
                      rules={rules.filter(({ evaluator }) => evaluator === info.name)}
                    />
                  )}
                  <Disclosure
                    summary={`The rubric, word by word (answers ${rubric.scale.replace('-', ' to ')})`}
                  >
                    <p className="max-w-text py-1 pl-5 break-words whitespace-pre-line text-muted">
                      {rubric.text}
                    </p>
                  </Disclosure>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Panel>
  );
}
