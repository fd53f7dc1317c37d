import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Verification } from '#contract/explanation.ts';
import type { Evidence } from './where/evidence.ts';

interface VerifyOptions {
  url: string;
  key?: string;
}

/** What a shell sees: 2 is also for anything that kept it from being computed again. */
const exitCodes = { same: 0, differs: 1, unknown: 2 } as const;

/** Adds `driftline verify`: the numbers of an incident once more, by a running Driftline or from an evidence file alone. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('compute the numbers of an incident again: exit code 0 when they are the same, 1 when not')
    .argument('<incident>', 'id of an incident, or an evidence file saved from its page')
    .option('--url <url>', 'where Driftline is', 'http://127.0.0.1:8080')
    .option('--key <key>', 'API key')
    .action(async (incident: string, options: VerifyOptions) => {
      try {
        const say = (line: string) => console.log(line);
        process.exitCode = incident.endsWith('.json')
          ? await verifyFile(incident, say)
          : await verifyIncident(incident, options, say);
      } catch (error) {
        console.error(`driftline: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = exitCodes.unknown;
      }
    });
}

async function verifyIncident(
  id: string,
  { url, key }: VerifyOptions,
  say: (line: string) => void,
): Promise<number> {
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  const address = new URL(`/api/v1/alerts/${encodeURIComponent(id)}/verify`, url);
  const response = await fetch(address, { method: 'POST', headers, body: '{}' }).catch((cause: unknown) => {
    throw new Error(`no Driftline answers at ${url}`, { cause });
  });
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
    throw new Error(problem.detail ?? problem.title ?? `${url} answered ${response.status}`);
  }
  const found = (await response.json()) as Verification;
  say(`${found.incident_id}, evidence of ${found.made_at}`);
  sayWhen(found.changed, say);
  if (found.stored_since && (found.stored_since.calls > 0 || found.stored_since.scores > 0)) {
    const { calls, scores } = found.stored_since;
    say(`Stored since then in the same time: ${calls} calls, ${scores} scores (late, or derived anew).`);
  }
  return report(found.differences, found.numbers, found.reproduced, say);
}

/** Without the store: whether the numbers follow from the data in the file. */
async function verifyFile(path: string, say: (line: string) => void): Promise<number> {
  const evidence = JSON.parse(await readFile(path, 'utf8')) as Partial<Evidence>;
  if (evidence.format !== 'driftline-evidence') throw new Error(`${path} is not an evidence file`);
  // Loaded when it is needed: every start of the program reads this file.
  const { evidenceVersion } = await import('./where/evidence.ts');
  if (evidence.version !== evidenceVersion) {
    throw new Error(
      `${path} is of version ${evidence.version}, and this Driftline computes version ${evidenceVersion}: get the file anew`,
    );
  }
  if (evidence.data === null) {
    throw new Error(
      `${path} holds no data, they were too many: verify ${evidence.incidentId} where it was made`,
    );
  }
  const { datedIn, verifyKept } = await import('./where/verify.ts');
  const { differences, numbers } = verifyKept(evidence as Evidence);
  say(
    `${evidence.incidentId}, evidence of ${new Date(evidence.madeAtMs ?? 0).toISOString()}, from the file alone`,
  );
  sayWhen(datedIn(evidence as Evidence), say);
  return report(differences, numbers, differences.length === 0, say);
}

function sayWhen(changed: Verification['changed'], say: (line: string) => void): void {
  if (changed) say(`Changed at ${changed.at}, with 90 % between ${changed.from} and ${changed.to}.`);
}

function report(
  differences: readonly string[],
  numbers: number,
  same: boolean,
  say: (line: string) => void,
): number {
  for (const line of differences) say(`  ${line}`);
  say(
    same ? `Reproduced: all ${numbers} numbers are the same.` : 'Not reproduced: see the differences above.',
  );
  return same ? exitCodes.same : exitCodes.differs;
}
