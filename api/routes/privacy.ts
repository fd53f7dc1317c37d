import type { Router } from 'express';
import { getPrivacy, type Privacy, putPrivacy, redactionKinds, testRedaction } from '#contract/privacy.ts';
import { BadPattern } from '#store/redact/custom.ts';
import { createRedactor, type Redactor } from '#store/redact/redactor.ts';
import { redactionKey, writePrivacy } from '#store/state/privacy.ts';
import { HttpProblem } from '../problem.ts';
import { serve } from '../serve.ts';
import type { Services } from '../services.ts';

export function privacyRoutes(router: Router, { state, privacy: inUse }: Services): void {
  const answer = async () => {
    const { privacy, contentCaptured } = await inUse();
    return { privacy, content_captured: contentCaptured };
  };
  const redactorOf = async (privacy: Privacy) => usable(privacy, await redactionKey(state));

  serve(router, getPrivacy, answer);

  serve(router, putPrivacy, async ({ privacy }) => {
    await redactorOf(privacy);
    await writePrivacy(state, { ...privacy, redact: [...new Set(privacy.redact)] });
    return answer();
  });

  serve(router, testRedaction, async ({ privacy, text }) => {
    const redactor = await redactorOf(privacy);
    return { text: redactor.text(text), found: { ...redactor.found } };
  });
}

/** The redactor of these settings; a problem that says what is wrong with them when there is none. */
function usable(privacy: Privacy, key: Uint8Array): Redactor {
  const names = new Set<string>([...redactionKinds, 'text']);
  for (const { name } of privacy.custom) {
    if (names.has(name)) throw new HttpProblem(400, `${name}: this name is taken; choose another one`);
    names.add(name);
  }
  try {
    return createRedactor(privacy, key);
  } catch (error) {
    if (error instanceof BadPattern) throw new HttpProblem(400, error.message);
    throw error;
  }
}
