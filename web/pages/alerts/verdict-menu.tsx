import { Popover } from '../../ui/popover.tsx';
import { VerdictButtons } from './verdict-buttons.tsx';

/** The verdict behind a button: nothing is asked for a row that nobody judges. */
export function VerdictMenu({ id }: { id: string }) {
  return (
    <Popover
      label="Verdict"
      content={() => (
        <div className="p-2">
          <VerdictButtons id={id} />
        </div>
      )}
    >
      Verdict
    </Popover>
  );
}
