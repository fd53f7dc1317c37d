import { CopyButton } from '../../ui/copy-button.tsx';

/** Shown once: the server does not give it out again. */
export function SigningSecret({ name, secret }: { name: string; secret: string }) {
  return (
    <div role="status" className="rounded-card border border-good p-4">
      <p className="font-semibold">Signing secret of {name}</p>
      <p className="text-muted">
        Copy it now, it is not shown again. Receivers verify the Standard Webhooks signature with it.
      </p>
      <p className="mt-2 flex flex-wrap items-center gap-2">
        <code className="min-w-0 rounded-control bg-surface px-2 py-1 font-mono break-all">{secret}</code>
        <CopyButton text={secret} label="Copy the secret" />
      </p>
    </div>
  );
}
