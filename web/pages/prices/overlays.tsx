import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { ListedOverlay } from '#contract/price.ts';
import { useReportingZone } from '../../data/onboarding.ts';
import { useOverlays, useSaveOverlay } from '../../data/prices.ts';
import { useStored } from '../../state/stored.ts';
import { Failure } from '../../states/failure.tsx';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import { basisWords, CommitmentMonthRow } from './commitment-month.tsx';
import { EditOverlay } from './edit-overlay.tsx';
import { kindName, priceText, validText } from './words.ts';

/** What was negotiated with providers. */
export function Overlays({ kinds }: { kinds: readonly string[] }) {
  const overlays = useOverlays(true);
  const [editing, setEditing] = useState<ListedOverlay | 'new' | null>(null);
  return (
    <>
      <Panel
        title="Discounts and commitments"
        what="the discounts"
        query={overlays}
        height={120}
        actions={
          <Button onClick={() => setEditing('new')}>
            <Plus size={16} aria-hidden />
            Add discount
          </Button>
        }
        empty={data =>
          data.overlays.length === 0 ? (
            <Note title="Everything is at list price.">
              A discount in percent, prices of your own, or an amount committed per month.
            </Note>
          ) : null
        }
      >
        {data => (
          <ul className="mt-2">
            {data.overlays.map(overlay => (
              <Row key={overlay.overlay_id} overlay={overlay} onEdit={() => setEditing(overlay)} />
            ))}
          </ul>
        )}
      </Panel>
      <EditOverlay overlay={editing} kinds={kinds} onClose={() => setEditing(null)} />
    </>
  );
}

function Row({ overlay, onEdit }: { overlay: ListedOverlay; onEdit: () => void }) {
  const save = useSaveOverlay();
  const [by] = useStored('name');
  const zone = useReportingZone();
  return (
    <li className="border-t border-line px-4 py-3">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <p className="font-semibold break-words">{overlay.name}</p>
          <p className="text-muted">
            {whatFor(overlay)}, {validText(overlay)}
          </p>
          <p>{agreed(overlay)}</p>
          {overlay.months[0] && <p className="text-muted">{basisWords[overlay.months[0].basis]}</p>}
        </div>
        <div className="flex gap-2">
          <Button onClick={onEdit} aria-label={`Change ${overlay.name}`}>
            Change
          </Button>
          <Popover
            label="Withdraw it?"
            look="quiet"
            align="end"
            aria-label={`Withdraw ${overlay.name}`}
            content={close => (
              <div className="flex w-72 flex-col gap-3 p-2">
                <p>
                  As if it had never held, for every call priced from now on. To let it end on a day, change
                  it instead.
                </p>
                <Button
                  look="danger"
                  disabled={save.isPending}
                  onClick={() =>
                    save.mutate({ overlay, terms: null, noted_by: by, note: '' }, { onSuccess: close })
                  }
                >
                  Withdraw
                </Button>
                {save.error && <Failure what="It was not withdrawn." error={save.error} />}
              </div>
            )}
          >
            Withdraw
          </Popover>
        </div>
      </div>
      {overlay.months.map(month => (
        <CommitmentMonthRow key={month.month} month={month} zone={zone} />
      ))}
    </li>
  );
}

const whatFor = ({ provider, model }: ListedOverlay) =>
  [provider || 'every provider', model || 'every model'].join(', ');

function agreed({ discount_percent: percent, prices, currency }: ListedOverlay): string {
  const own = Object.entries(prices).map(
    ([kind, price]) => `${kindName(kind)} ${priceText(price, currency)}`,
  );
  return [percent === null ? null : `${percent} % off`, ...own].filter(text => text !== null).join(', ');
}
