import { demoWork } from '#contract/demo.ts';
import { badAnswers, cases } from '../features/support-texts.ts';
import type { Random } from '../random.ts';
import { callApi, type DemoApi } from './api.ts';

/** Of each question, with other orders and days: enough cases for the gate to tell. */
const VARIATIONS = 6;
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The prompt versions that answered the set, with the share of answers of each that are short, and bad. */
const runs = [
  { version: 'v12', short: 0.3, bad: 0 },
  { version: 'v13', short: 0.1, bad: 0 },
  { version: 'v14', short: 0.1, bad: 0.25 },
] as const;

interface Case {
  case_id: string;
  reference: string | null;
}

/** The team's golden set, as somebody would make it. False when it is there already. */
export async function makeGoldenSet(api: DemoApi): Promise<boolean> {
  const made = await callApi(api, 'POST', '/api/v1/golden/sets', {
    set: demoWork.goldenSet,
    description: 'Questions of customers with the answers the support team agreed on',
    feature: demoWork.feature,
    evaluators: [{ name: 'token_f1' }, { name: 'refusal' }],
  });
  if (made === undefined) return false;
  await callApi(api, 'POST', `/api/v1/golden/sets/${demoWork.goldenSet}/cases`, {
    cases: goldenCases(),
    note: 'From the help centre',
  });
  return true;
}

function goldenCases() {
  return cases.flatMap(({ question, answer, policies: [policy = 'case'] }) =>
    Array.from({ length: question.includes('{') ? VARIATIONS : 1 }, (_, at) => {
      const fill = (template: string) =>
        template.replaceAll('{order}', `N-${204_301 + 97 * at}`).replaceAll('{day}', DAYS[at] ?? 'Monday');
      return {
        case_id: `${policy}-${at + 1}`,
        input: [{ role: 'user', parts: [{ type: 'text', content: fill(question) }] }],
        reference: fill(answer),
        tags: [policy],
      };
    }),
  );
}

/** Answers the newest version of the set with each prompt version: cases are pulled, results sent back. */
export async function runGoldenSet(api: DemoApi, random: Random): Promise<void> {
  for (const { version, short, bad } of runs) {
    const run = await callApi<{ run_id: string }>(
      api,
      'POST',
      `/api/v1/golden/sets/${demoWork.goldenSet}/runs`,
      { prompt: `support-answer@${version}`, model: 'gpt-5-mini' },
    );
    if (!run) return;
    const path = `/api/v1/golden/runs/${run.run_id}`;
    const pulled = await callApi<{ cases: Case[] }>(api, 'GET', `${path}/cases?limit=500`);
    const results = (pulled?.cases ?? []).map(one => resultOf(one, { version, short, bad }, random));
    await callApi(api, 'POST', `${path}/results`, { results });
  }
}

interface Version {
  version: string;
  short: number;
  bad: number;
}

/** What is hard for one version is hard for the others: a case is answered alike unless a version answers it badly. */
function resultOf({ case_id, reference }: Case, { version, short, bad }: Version, all: Random) {
  const random = all.fork(`${case_id} ${version}`);
  const good = reference ?? '';
  const plain = all.fork(case_id).chance(short) ? firstSentence(good) : good;
  const output = random.chance(bad) ? random.pick(badAnswers) : plain;
  const output_tokens = 64 + Math.ceil(output.length / 4);
  const input_tokens = 1_480 + random.integer(0, 60);
  return {
    case_id,
    output,
    latency_ms: Math.round(random.logNormal(1_250, 0.3)),
    input_tokens,
    output_tokens,
    // $0.25 and $2 per million tokens.
    cost_usd: ((input_tokens * 250 + output_tokens * 2_000) / 1e9).toFixed(9),
  };
}

const firstSentence = (text: string) => text.split(/(?<=[.;:]) /)[0] ?? text;
