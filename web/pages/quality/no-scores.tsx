import { useOnboarding } from '../../data/onboarding.ts';
import { useView } from '../../state/use-view.ts';
import { Empty } from '../../states/empty.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';

const example = () => `curl -X POST ${window.location.origin}/api/v1/scores \\
  -H 'content-type: application/json' \\
  -d '{"trace_id": "…", "name": "answer_quality", "value": 0.9}'`;

/** What to do while there is no score: switch on an evaluator, or send one's own. */
export function NoScores({ onScoring }: { onScoring: () => void }) {
  const { view } = useView();
  const never = useOnboarding().data?.first_span === null;
  // Without data, or with filters that leave none, that is what to say.
  if (never || view.filters.length > 0 || view.env) return <Empty what="scores" />;
  return (
    <section className="mb-4 rounded-card border border-line p-4">
      <h2 className="text-body">No scores in this time.</h2>
      <p className="mt-1 max-w-text text-muted">
        An evaluator gives every call, or a sample of them, a number: whether it was refused, cut off, empty,
        grounded in what was retrieved. Rules run on this machine and cost nothing.
      </p>
      <div className="mt-2">
        <Button look="primary" onClick={onScoring}>
          Switch on an evaluator
        </Button>
      </div>
      <p className="mt-4 max-w-text text-muted">
        Or send scores of your own: as OpenTelemetry evaluation events beside the spans, or over HTTP, before
        or after the span has arrived.
      </p>
      <ScrollBox label="Example" className="mt-3 rounded-control bg-surface p-3">
        <pre className="font-mono text-label">{example()}</pre>
      </ScrollBox>
      <div className="mt-2">
        <CopyButton text={example()} label="Copy" />
      </div>
    </section>
  );
}
