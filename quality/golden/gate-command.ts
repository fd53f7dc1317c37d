import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { GateReply } from '#contract/golden.ts';

interface GateOptions {
  set: string;
  baseline: string;
  candidate: string;
  evaluator?: string;
  margin: number;
  alpha: number;
  report?: string;
  wait: number;
  url: string;
  key?: string;
}

/** What a shell sees: 2 is also for anything that kept the gate from judging. */
const exitCodes = { pass: 0, fail: 1, not_enough_cases: 2 } as const;
const cannotJudge = 2;
const pollMs = 2_000;

/** Adds `driftline gate`, which asks a running Driftline and ends with the exit code of the verdict. */
export function addGateCommand(program: Command): void {
  const command = program
    .command('gate')
    .description(
      'whether a candidate may replace a baseline on a golden set: exit code 0 yes, 1 no, 2 not known',
    )
    .requiredOption('--set <name>', 'golden set')
    .requiredOption('--baseline <run>', 'run by id or name, or the newest of prompt:…, model:… or release:…')
    .requiredOption('--candidate <run>', 'the same')
    .option('--evaluator <name>', "default: the set's first one")
    .option('--margin <score>', 'the candidate may be worse by this much', number(0, 0.5), 0.02)
    .option('--alpha <chance>', 'chance of passing one that is worse by that much', number(1e-6, 0.499), 0.05)
    .option('--report <file>', 'write a Markdown report for the pull request')
    .option('--wait <seconds>', 'wait up to this long for results of the candidate', number(0, 3_600), 0)
    .option('--url <url>', 'where Driftline is', 'http://127.0.0.1:8080')
    .option('--key <key>', 'API key');
  command.exitOverride(error => process.exit(error.exitCode === 0 ? 0 : cannotJudge));
  command.action(async (options: GateOptions) => {
    try {
      process.exitCode = await gate(options, line => console.log(line));
    } catch (error) {
      console.error(`driftline: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = cannotJudge;
    }
  });
}

async function gate(options: GateOptions, say: (line: string) => void): Promise<number> {
  let reply = await ask(options);
  for (let waitedMs = 0; isWaiting(reply) && waitedMs < options.wait * 1000; waitedMs += pollMs) {
    await new Promise(resolve => setTimeout(resolve, pollMs));
    reply = await ask(options);
  }
  const { gate: judged, baseline, candidate, report_markdown: report } = reply;
  say(judged.sentence);
  say(`baseline:  ${baseline.name} (version ${baseline.version}, run ${baseline.run_id})`);
  say(`candidate: ${candidate.name} (version ${candidate.version}, run ${candidate.run_id})`);
  if (options.report) {
    await writeFile(options.report, `${report}\n`);
    say(`report:    ${options.report}`);
  }
  return exitCodes[judged.verdict];
}

/** Spans of the last cases may still be on their way. */
function isWaiting({ gate: { verdict, unknown, n } }: GateReply): boolean {
  return verdict === 'not_enough_cases' && (unknown > 0 || n === 0);
}

async function ask({ url, key, set, baseline, candidate, evaluator, margin, alpha }: GateOptions) {
  const body = { set, baseline, candidate, margin, alpha, ...(evaluator && { evaluator }) };
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(new URL('/api/v1/golden/gate', url), init).catch((cause: unknown) => {
    throw new Error(`no Driftline answers at ${url}`, { cause });
  });
  if (response.ok) return (await response.json()) as GateReply;
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Error(problem.detail ?? problem.title ?? `${url} answered ${response.status}`);
}

function number(least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most))
      throw new InvalidArgumentError(`a number from ${least} to ${most}`);
    return value;
  };
}
