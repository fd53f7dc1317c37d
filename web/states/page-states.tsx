import { useRouter } from '@tanstack/react-router';
import { Failure } from './failure.tsx';

/** Boxes in the geometry of the page that is coming, the same as in index.html. */
export function PagePending() {
  return (
    <div role="status">
      <h1 className="sr-only">Loading</h1>
      <div aria-hidden>
        <div className="shell-title" />
        <div className="shell-tiles">
          <i />
          <i />
          <i />
          <i />
          <i />
        </div>
      </div>
    </div>
  );
}

/** A page that failed to load or to draw; the frame around it keeps working. */
export function PageFailure({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <>
      <h1 className="sr-only">This page could not be shown</h1>
      <Failure what="This page could not be shown." error={error} onRetry={() => void router.invalidate()} />
    </>
  );
}
