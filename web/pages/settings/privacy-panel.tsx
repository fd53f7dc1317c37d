import { useState } from 'react';
import type { Privacy } from '#contract/privacy.ts';
import { type KeptPrivacy, usePrivacy, useSavePrivacy } from '../../data/privacy.ts';
import { Failure } from '../../states/failure.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { PrivacyCapture } from './privacy-capture.tsx';
import { PrivacyKinds } from './privacy-kinds.tsx';
import { PrivacyPatterns } from './privacy-patterns.tsx';
import { PrivacyTry, usePrivacyTrial } from './privacy-try.tsx';
import { samePrivacy } from './privacy-words.ts';
import { SaveBar } from './save-bar.tsx';

/** What is kept of prompts and answers, and what is taken out: edited, tried on a text, then saved. */
export function PrivacyPanel() {
  const { data, error, refetch } = usePrivacy();
  if (data) return <PrivacyEditor kept={data} />;
  if (error)
    return (
      <Failure what="Could not load the privacy settings." error={error} onRetry={() => void refetch()} />
    );
  return <div aria-hidden className="h-96 rounded-card bg-surface" />;
}

function PrivacyEditor({ kept }: { kept: KeptPrivacy }) {
  const [draft, setDraft] = useState<Privacy | null>(null);
  const save = useSavePrivacy();
  const privacy = draft ?? kept.privacy;
  const changed = draft !== null && !samePrivacy(draft, kept.privacy);
  const trial = usePrivacyTrial(privacy);
  const edit = (part: Partial<Privacy>) => {
    save.reset();
    setDraft({ ...privacy, ...part });
  };
  return (
    <div className="flex flex-col gap-6">
      <PrivacyCapture
        value={privacy.capture_content}
        captured={privacy.capture_content === kept.privacy.capture_content ? kept.content_captured : null}
        onChange={capture_content => edit({ capture_content })}
      />
      <PrivacyKinds chosen={privacy.redact} onChange={redact => edit({ redact })} />
      <PrivacyPatterns
        patterns={privacy.custom}
        problem={trial.problem}
        onChange={custom => edit({ custom })}
      />
      <PrivacyTry
        text={trial.text}
        onChange={trial.setText}
        tried={trial.tried}
        isStale={trial.problem !== null}
      />
      <div>
        <SaveBar
          label="Save privacy"
          changed={changed}
          saving={save.isPending}
          saved={save.isSuccess ? 'Saved. It holds within two seconds.' : null}
          onSave={() => save.mutate(withoutEmptyRows(privacy), { onSuccess: () => setDraft(null) })}
          onDiscard={() => setDraft(null)}
        />
        {save.error && <Failure what="The privacy settings were not saved." error={save.error} />}
      </div>
      <LeaveGuard active={changed} what="The changed privacy settings are not saved." />
    </div>
  );
}

const withoutEmptyRows = (privacy: Privacy): Privacy => ({
  ...privacy,
  custom: privacy.custom.filter(({ name, pattern }) => name !== '' || pattern !== ''),
});
