import { keymap } from '../keys.ts';
import DialogPanel from '../ui/dialog-panel.tsx';
import { KeyHint } from '../ui/key-hint.tsx';

const groups = [...new Set(keymap.map(({ group }) => group))];

/** What the keys do. Default export because it is loaded lazily. */
export default function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <DialogPanel title="Keyboard" open onClose={onClose}>
      <div className="grid gap-x-8 gap-y-4 p-4 md:grid-cols-2">
        {groups.map(group => (
          <section key={group}>
            <h3 className="mb-1 text-label text-muted">{group}</h3>
            <dl>
              {keymap
                .filter(one => one.group === group)
                .map(({ keys, label }) => (
                  <div key={keys} className="flex h-8 items-center justify-between gap-4">
                    <dt>{label}</dt>
                    <dd>
                      <KeyHint keys={keys} />
                      <span className="sr-only">{keys}</span>
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </DialogPanel>
  );
}
