import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useAlerts } from '../data/alerts.ts';
import { useOverview } from '../data/overview.ts';
import { writeFilters } from '../state/filters.ts';
import { useThemeChoice } from '../state/theme.ts';
import { useView } from '../state/use-view.ts';
import { classes } from '../ui/classes.ts';
import DialogPanel from '../ui/dialog-panel.tsx';
import { mainPages, moneyPages, otherPages, qualityPages } from './destinations.ts';

interface Command {
  id: string;
  label: string;
  kind: string;
  run: () => void;
}

/** Everything one can go to or do, found by a few letters. Default export because it is loaded lazily. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const words = text.toLowerCase().split(/\s+/);
  const commands = useCommands(text.trim()).filter(({ label, kind }) =>
    words.every(word => `${label} ${kind}`.toLowerCase().includes(word)),
  );
  const chosen = Math.min(at, commands.length - 1);
  useEffect(() => {
    box.current?.querySelector(`[data-at="${chosen}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, commands.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') run(commands[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <DialogPanel title="Search and commands" quietTitle open onClose={onClose}>
      <div className="sticky top-0 border-b border-line bg-bg">
        <input
          // biome-ignore lint/a11y/noAutofocus: a search that was called by its key expects typing
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={commands[chosen] ? `${list}-${chosen}` : undefined}
          aria-label="Page, feature, alert, trace id or command"
          placeholder="Page, feature, alert, trace id or command"
          className="h-12 w-full bg-bg px-4 text-lead outline-none"
          value={text}
          onChange={event => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div ref={box} id={list} role="listbox" aria-label="Results" className="p-2">
        {commands.map((command, index) => (
          <div
            key={command.id}
            id={`${list}-${index}`}
            data-at={index}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onPointerMove={() => setAt(index)}
            onClick={() => run(command)}
            onKeyDown={onKeyDown}
            className={classes(
              'flex min-h-10 cursor-pointer items-center justify-between gap-4 rounded-control px-3 pointer-coarse:min-h-11',
              index === chosen && 'bg-surface',
            )}
          >
            <span className="min-w-0 truncate">{command.label}</span>
            <span className="shrink-0 text-label text-muted">{command.kind}</span>
          </div>
        ))}
      </div>
      {commands.length === 0 && <p className="p-4 pt-2 text-muted">Nothing found.</p>}
    </DialogPanel>
  );
}

function useCommands(text: string): Command[] {
  const navigate = useNavigate();
  const { view } = useView();
  const alerts = useAlerts().data?.alerts ?? [];
  const features = useOverview(view).data?.features ?? [];
  const [theme, setTheme] = useThemeChoice();
  const pages = [...mainPages, ...qualityPages, ...moneyPages, ...otherPages].map(({ to, label }) => ({
    id: to,
    label,
    kind: 'Page',
    run: () => void navigate({ to }),
  }));
  const trace = /^[0-9a-f]{32}$/i.test(text)
    ? [
        {
          id: text,
          label: `Trace ${text}`,
          kind: 'Trace',
          run: () => void navigate({ to: '/traces/$traceId', params: { traceId: text.toLowerCase() } }),
        },
      ]
    : [];
  return [
    ...trace,
    ...pages,
    ...alerts.slice(0, 50).map(alert => ({
      id: alert.id,
      label: alert.title,
      kind: alert.state === 'firing' ? 'Firing alert' : 'Resolved alert',
      run: () => void navigate({ to: '/a/$id', params: { id: alert.id } }),
    })),
    ...features.map(({ feature }) => ({
      id: `feature ${feature}`,
      label: feature || '(no feature)',
      kind: 'Feature',
      run: () =>
        void navigate({ to: '/', search: { f: writeFilters([{ dimension: 'feature', value: feature }]) } }),
    })),
    ...(['light', 'dark', 'system'] as const)
      .filter(name => name !== theme)
      .map(name => ({
        id: `theme ${name}`,
        label: name === 'system' ? 'Follow the system’s theme' : `Use the ${name} theme`,
        kind: 'Command',
        run: () => setTheme(name),
      })),
  ];
}
