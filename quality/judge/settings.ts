import type { z } from 'zod';
import { type JudgeSettings, judgeSettings } from '#contract/judge.ts';
import { readJudgeSettings } from '#store/state/judges.ts';
import type { StateDb } from '#store/state/open.ts';

export const defaultSettings: JudgeSettings = {
  base_url: 'http://127.0.0.1:11434/v1',
  model: '',
  provider: '',
  has_api_key: false,
  timeout_ms: 60_000,
  retries: 3,
  concurrency: 2,
  cap_usd_per_day: '5.000000000',
  anchors_every_hours: 6,
};

const kept = judgeSettings.omit({ has_api_key: true });

/** As they were set, else the defaults: a model must be named before anything is judged. */
export async function readSettings(
  state: StateDb,
  projectId: string,
): Promise<{ settings: JudgeSettings; apiKey: string }> {
  const row = await readJudgeSettings(state, projectId);
  if (!row) return { settings: defaultSettings, apiKey: '' };
  const settings = kept.parse(JSON.parse(row.settings));
  return { settings: { ...settings, has_api_key: row.api_key !== '' }, apiKey: row.api_key };
}

export const keptSettings = (settings: z.infer<typeof kept>) => JSON.stringify(kept.parse(settings));

/** Whether an address is this machine; names that others could point elsewhere are not. */
export function isLocal(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The model and where it is asked, for people. */
export const judgeName = ({ model, base_url }: JudgeSettings) => `${model} at ${new URL(base_url).host}`;

export function whatLeaves({ base_url, model }: JudgeSettings): string {
  const { host } = new URL(base_url);
  if (model === '') return 'Nothing leaves this machine: no judge is set.';
  if (isLocal(base_url))
    return `Nothing leaves this machine: the judge ${model} is asked at ${host}, on this machine.`;
  return `For every answer that is judged, the question, the answer, its sources and the reference are sent to ${host} (${model}). Private values were taken out as the privacy settings say; nothing else is sent.`;
}

/** Decimal USD as whole nano-dollars. */
export function nanosOf(usd: string): number {
  const [whole = '0', fraction = ''] = usd.split('.');
  return Number(BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9)));
}
