import { Link } from '@tanstack/react-router';
import { type Ingest, useIngest, useIngestFindings } from '../../data/ingest.ts';
import { useOnboarding } from '../../data/onboarding.ts';
import { useView } from '../../state/use-view.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { useDocumentTitle } from '../../states/page-title.tsx';
import { controlClasses } from '../../ui/button.tsx';
import { Headline } from './headline.tsx';
import { Rejects } from './rejects.tsx';
import { Sources } from './sources.tsx';
import { Throughput } from './throughput.tsx';
import { Tiles } from './tiles.tsx';
import { Tokens } from './tokens.tsx';
import { Unread } from './unread.tsx';

/** Is everything that was sent here, and read right? */
export function IngestPage() {
  useDocumentTitle('Ingest');
  const { view } = useView();
  const ingest = useIngest(view);
  const findings = useIngestFindings(view);
  const never = useOnboarding().data?.first_span === null;
  return (
    <>
      {ingest.data ? (
        <>
          <Headline ingest={ingest.data} />
          <Tiles ingest={ingest.data} />
        </>
      ) : ingest.error ? (
        <Failure
          what="Could not load the state of ingest."
          error={ingest.error}
          onRetry={() => void ingest.refetch()}
        />
      ) : (
        <Boxes />
      )}
      {ingest.data && never && isUntouched(ingest.data) ? (
        <Untouched />
      ) : (
        <>
          <Throughput query={ingest} />
          <Sources query={ingest} />
          <Rejects query={ingest} />
          <Tokens query={findings} />
          <Unread query={findings} />
        </>
      )}
    </>
  );
}

/** Nothing has come, not even something to refuse. */
const isUntouched = ({ store_answers, totals, rejects }: Ingest) =>
  store_answers && totals.last_received_at === null && totals.received === 0 && rejects.length === 0;

function Untouched() {
  return (
    <Note title="No sender has reached this Driftline, and nothing was refused.">
      <p className="max-w-text">
        As soon as something is sent, this page shows each sender with what it sent, what is stored and what
        was rejected and why, how its tokens are counted, and which of its attributes nobody reads.
      </p>
      <Link to="/get-started" className={controlClasses('primary')}>
        How to send data
      </Link>
    </Note>
  );
}

/** Room of the headline and the tiles while they are asked for. */
function Boxes() {
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      <div aria-hidden>
        <div className="mb-4 h-[60px]" />
        <div className="mb-4 grid grid-cols-2 gap-2 md:grid-cols-3 md:gap-3 xl:grid-cols-6">
          {['acked', 'stored', 'waiting', 'rejected', 'duplicates', 'log'].map(name => (
            <div key={name} className="h-[88px] rounded-card bg-surface" />
          ))}
        </div>
      </div>
    </div>
  );
}
