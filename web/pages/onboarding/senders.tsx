import { useState } from 'react';
import type { Onboarding } from '../../data/onboarding.ts';
import { Tabs } from '../../ui/tabs.tsx';
import { CodeBlock } from './code-block.tsx';
import { sendersFor } from './snippets.ts';

/** How to send, by what one uses. */
export function Senders({ state }: { state: Onboarding }) {
  const [chosen, setChosen] = useState('node');
  const senders = sendersFor({
    otlpHttp: state.otlp_http,
    otlpGrpc: state.otlp_grpc,
    keyRequired: state.key_required,
  });
  const sender = senders.find(({ value }) => value === chosen);
  return (
    <Tabs label="What do you use?" value={chosen} onChange={setChosen} tabs={senders}>
      <div className="flex flex-col gap-3">
        <p className="max-w-text text-muted">{sender?.note}</p>
        {sender?.snippets.map(snippet => (
          <CodeBlock key={snippet.title} {...snippet} />
        ))}
      </div>
    </Tabs>
  );
}
