import { type ReactNode, useEffect } from 'react';

interface PageTitleProps {
  /** Also the name of the browser tab. */
  title: string;
  children?: ReactNode;
  /** Beside the title. */
  actions?: ReactNode;
}

/** The answer of the page in one line. */
export function PageTitle({ title, children, actions }: PageTitleProps) {
  useDocumentTitle(title);
  return (
    <div className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
      <div className="min-w-0">
        <h1 className="text-h1">{title}</h1>
        {children}
      </div>
      {actions}
    </div>
  );
}

export function useDocumentTitle(title: string) {
  useEffect(() => {
    document.title = title ? `${title} · Driftline` : 'Driftline';
  }, [title]);
}
