import { ChevronRight } from 'lucide-react';
import type { ChannelKind, ChannelKindInfo } from '#contract/channel.ts';

/** The first step of a new channel. */
export function ChannelKinds({
  kinds,
  onChoose,
}: {
  kinds: ChannelKindInfo[];
  onChoose: (kind: ChannelKind) => void;
}) {
  return (
    <div className="p-4">
      <p className="mb-3 text-muted">Where shall alerts arrive?</p>
      <ul className="rounded-card border border-line">
        {kinds.map(({ kind, label, about }) => (
          <li key={kind} className="border-t border-line first:border-t-0">
            <button
              type="button"
              onClick={() => onChoose(kind)}
              className="flex w-full cursor-pointer items-center gap-3 p-3 text-left hover:bg-surface focus-visible:-outline-offset-2"
            >
              <span className="min-w-0 flex-1">
                <span className="block font-semibold">{label}</span>
                <span className="block text-muted">{about}</span>
              </span>
              <ChevronRight size={16} aria-hidden className="shrink-0 text-muted" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
