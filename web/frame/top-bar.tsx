import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { KeyHint } from '../ui/key-hint.tsx';
import { Brand } from './brand.tsx';
import { LiveDot } from './live-dot.tsx';
import { Share } from './share.tsx';

interface TopBarProps {
  /** The page's controls; without them a phone shows the brand. */
  controls: ReactNode;
  ranged: boolean;
  onSearch: () => void;
}

export function TopBar({ controls, ranged, onSearch }: TopBarProps) {
  return (
    <header className="sticky top-0 z-20 flex h-14 items-center gap-2 border-b border-line bg-bg px-4 md:px-6">
      <div className="flex min-w-0 flex-1 items-center gap-1 md:gap-2">
        {controls ?? (
          <span className="md:hidden">
            <Brand compact />
          </span>
        )}
      </div>
      <LiveDot />
      <Button
        look="quiet"
        title="Search and commands"
        onClick={onSearch}
        className="max-xl:w-8 max-xl:px-0 pointer-coarse:max-xl:w-11"
      >
        <Search size={16} aria-hidden />
        <span className="sr-only">Search and commands</span>
        <span className="max-xl:hidden">
          <KeyHint keys="mod+k" />
        </span>
      </Button>
      <Share ranged={ranged} />
    </header>
  );
}
