import type { JudgeSettings } from '#contract/judge.ts';
import type { JudgeChange } from '../../data/judge.ts';

/** The settings as they are written into the form; numbers are text until they are sent. */
export interface JudgeDraft {
  base_url: string;
  model: string;
  provider: string;
  /** Null keeps the key there is; '' removes it. */
  api_key: string | null;
  /** '' is no cap. */
  cap: string;
  timeout_s: string;
  retries: string;
  concurrency: string;
  anchors_every_hours: string;
}

export const draftOf = (settings: JudgeSettings): JudgeDraft => ({
  base_url: settings.base_url,
  model: settings.model,
  provider: settings.provider,
  api_key: null,
  cap: settings.cap_usd_per_day === null ? '' : plainUsd(settings.cap_usd_per_day),
  timeout_s: String(settings.timeout_ms / 1000),
  retries: String(settings.retries),
  concurrency: String(settings.concurrency),
  anchors_every_hours: String(settings.anchors_every_hours),
});

/** `5.000000000` is 5, `0.250000000` is 0.25. */
const plainUsd = (usd: string) => usd.replace(/\.?0+$/, '') || '0';

export type JudgeErrors = Partial<Record<keyof JudgeDraft, string>>;

export function draftErrors(draft: JudgeDraft): JudgeErrors {
  const errors: JudgeErrors = {};
  const within = (name: keyof JudgeDraft, least: number, most: number, whole: boolean) => {
    const text = String(draft[name]).trim();
    const value = Number(text);
    if (text === '' || !(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      errors[name] = `${whole ? 'A whole number' : 'A number'} from ${least} to ${most}`;
  };
  if (hostOf(draft.base_url) === null) errors.base_url = 'An address such as http://127.0.0.1:11434/v1';
  if (draft.cap.trim() !== '' && !/^\d{1,9}(\.\d{1,9})?$/.test(draft.cap.trim()))
    errors.cap = 'An amount such as 5 or 0.25; empty for no cap';
  within('timeout_s', 0.1, 600, false);
  within('retries', 0, 10, true);
  within('concurrency', 1, 64, true);
  within('anchors_every_hours', 0.25, 168, false);
  return errors;
}

/** Of a draft without errors. */
export const changeOf = (draft: JudgeDraft, mayLeave: boolean): JudgeChange => ({
  base_url: draft.base_url.trim(),
  model: draft.model.trim(),
  provider: draft.provider.trim(),
  ...(draft.api_key !== null && { api_key: draft.api_key === '' ? null : draft.api_key }),
  timeout_ms: Math.round(Number(draft.timeout_s) * 1000),
  retries: Number(draft.retries),
  concurrency: Number(draft.concurrency),
  cap_usd_per_day: draft.cap.trim() === '' ? null : draft.cap.trim(),
  anchors_every_hours: Number(draft.anchors_every_hours),
  texts_may_leave: mayLeave,
});

export const isChanged = (draft: JudgeDraft, settings: JudgeSettings): boolean =>
  JSON.stringify(draft) !== JSON.stringify(draftOf(settings));

/** Host and port of an http address; null when it is none. */
export function hostOf(address: string): string | null {
  if (!URL.canParse(address.trim())) return null;
  const { protocol, host } = new URL(address.trim());
  return protocol === 'http:' || protocol === 'https:' ? host : null;
}

/** As the server decides it: names that others could point elsewhere are not this machine. */
export function isLocal(address: string): boolean {
  if (hostOf(address) === null) return true;
  const { hostname } = new URL(address.trim());
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * The host prompts would be sent to and nobody has agreed to yet; null on this machine, without a model, and for the place
 * that was agreed to when it was saved.
 */
export function newlyLeaves(draft: JudgeDraft, saved: JudgeSettings): string | null {
  const host = hostOf(draft.base_url);
  if (host === null || draft.model.trim() === '' || isLocal(draft.base_url)) return null;
  return saved.model !== '' && host === hostOf(saved.base_url) ? null : host;
}
