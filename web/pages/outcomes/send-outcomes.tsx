import { CopyButton } from '../../ui/copy-button.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';

const example = () => `curl -X POST ${window.location.origin}/api/v1/outcomes \\
  -H 'content-type: application/json' \\
  -d '{"name": "ticket_resolved", "session_id": "…", "value_usd": "4.20"}'`;

/** What to do while there is no outcome at all. */
export function SendOutcomes() {
  return (
    <section className="mb-6 rounded-card border border-line p-4">
      <h2 className="text-body">No outcomes in this time.</h2>
      <p className="mt-1 max-w-text text-muted">
        Tell what came of calls: a ticket resolved, a purchase, a thumb. Name the trace, response, session or
        user that led to it, up to 14 days later or even before the spans arrive. Or write a log record or
        span event named <code className="font-mono">driftline.outcome</code>.
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
