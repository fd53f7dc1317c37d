import { type FormEvent, useState } from 'react';
import { apiKey, setApiKey } from '../data/api-key.ts';
import { queryClient } from '../data/query-client.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/text-field.tsx';
import { BrandMark } from './brand.tsx';

/** Asks for the API key; the page one came for opens after it. Default export because it is loaded lazily. */
export default function SignIn() {
  const [key, setKey] = useState('');
  // A key that was already there and led here was refused.
  const refused = apiKey() !== '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!key.trim()) return;
    setApiKey(key.trim());
    void queryClient.resetQueries();
  };
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <form onSubmit={submit} className="flex w-full max-w-[360px] flex-col gap-4">
        <BrandMark size={32} />
        <div>
          <h1 className="text-h1">Sign in to Driftline</h1>
          <p className="mt-1 text-muted">This server asks for an API key. It is kept for this tab only.</p>
        </div>
        <TextField
          label="API key"
          type="password"
          autoComplete="current-password"
          value={key}
          error={refused && !key ? 'That key was not accepted.' : undefined}
          onChange={event => setKey(event.target.value)}
        />
        <Button type="submit" look="primary" disabled={!key.trim()}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
