/** Names and values as sent. */
export function Attributes({ attributes }: { attributes: Record<string, string> }) {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return <p className="text-muted">None</p>;
  return (
    <dl className="flex flex-col font-mono text-label">
      {names.map(name => (
        <div
          key={name}
          className="grid gap-x-3 border-t border-line py-1 first:border-t-0 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]"
        >
          <dt className="break-words text-muted">{name}</dt>
          <dd className="max-h-40 overflow-y-auto break-words whitespace-pre-wrap">{attributes[name]}</dd>
        </div>
      ))}
    </dl>
  );
}
