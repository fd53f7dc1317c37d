/** A key as it is printed on it; hidden where there is no keyboard. */
export function KeyHint({ keys }: { keys: string }) {
  const mac = navigator.platform.startsWith('Mac');
  return (
    <span className="inline-flex gap-1 pointer-coarse:hidden" aria-hidden>
      {keys.split(' ').map(key => (
        <kbd
          key={key}
          className="rounded-[4px] border border-line bg-surface px-1 font-sans text-label text-muted min-w-5 text-center"
        >
          {key
            .replace('mod+', mac ? '⌘' : 'Ctrl ')
            .replace(/^enter$/, '⏎')
            .replace(/\b([a-z])$/, letter => (keys.startsWith('mod') ? letter.toUpperCase() : letter))}
        </kbd>
      ))}
    </span>
  );
}
