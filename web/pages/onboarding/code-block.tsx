import { CopyButton } from '../../ui/copy-button.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import type { Snippet } from './snippets.ts';

/** Code to copy; long lines scroll inside the box. */
export function CodeBlock({ title, code }: Snippet) {
  return (
    <figure className="min-w-0 rounded-card border border-line">
      <figcaption className="flex min-h-10 items-center justify-between gap-2 border-b border-line py-1 pr-1 pl-3 text-label">
        <span className="min-w-0 font-semibold">{title}</span>
        <CopyButton look="quiet" text={code} label="Copy" />
      </figcaption>
      <ScrollBox label={title} className="bg-surface p-3">
        <pre className="font-mono text-[0.8125rem]/5">
          <code>{code}</code>
        </pre>
      </ScrollBox>
    </figure>
  );
}
