import { ChartColumn, Table2 } from 'lucide-react';
import { Button } from '../ui/button.tsx';

interface TableToggleProps {
  /** What the chart shows, for its name. */
  title: string;
  asTable: boolean;
  onChange: (asTable: boolean) => void;
}

/** Every chart can be read as a table. */
export function TableToggle({ title, asTable, onChange }: TableToggleProps) {
  const words = asTable ? 'Show as chart' : 'Show as table';
  const Icon = asTable ? ChartColumn : Table2;
  return (
    <Button
      look="quiet"
      square
      className="-mr-2"
      aria-label={`${words}: ${title}`}
      title={words}
      onClick={() => onChange(!asTable)}
    >
      <Icon size={16} aria-hidden />
    </Button>
  );
}
