import { Check } from 'lucide-react';
import type { ReactNode } from 'react';

interface ChoiceListProps {
  label: string;
  choices: { value: string; label: ReactNode; note?: ReactNode }[];
  isChosen: (value: string) => boolean;
  onChoose: (value: string) => void;
}

/** Choices in a panel, the chosen ones ticked. */
export function ChoiceList({ label, choices, isChosen, onChoose }: ChoiceListProps) {
  return (
    <ul aria-label={label} className="flex flex-col">
      {choices.map(choice => {
        const chosen = isChosen(choice.value);
        return (
          <li key={choice.value}>
            <button
              type="button"
              aria-pressed={chosen}
              onClick={() => onChoose(choice.value)}
              className="flex min-h-8 w-full items-center gap-2 rounded-control px-2 text-left hover:bg-surface focus-visible:-outline-offset-2 pointer-coarse:min-h-11"
            >
              <Check
                size={16}
                aria-hidden
                className={chosen ? 'shrink-0 text-accent' : 'invisible shrink-0'}
              />
              <span className="min-w-0 flex-1 break-words">{choice.label}</span>
              {choice.note !== undefined && <span className="text-label text-muted">{choice.note}</span>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
