import { Link } from '@tanstack/react-router';
import { controlClasses } from '../ui/button.tsx';
import { PageTitle } from './page-title.tsx';

export function NotFound() {
  return (
    <>
      <PageTitle title="There is no such page" />
      <p className="mb-4 text-muted">The link may be cut off, or the page has moved.</p>
      <Link to="/" className={controlClasses()}>
        Go to the overview
      </Link>
    </>
  );
}
