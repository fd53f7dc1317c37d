import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ReplyOf } from '#contract/endpoint.ts';
import { applyRules, exportRules } from '#contract/rules-file.ts';

interface Where {
  url: string;
  key?: string;
}

const defaultUrl = 'http://127.0.0.1:8080';

/** Adds `driftline apply` and `driftline export-rules`, which speak to a running Driftline. */
export function addRulesCommands(program: Command): void {
  program
    .command('apply')
    .description('make rules and routes of a running Driftline be as a driftline.yaml says')
    .argument('[file]', 'what to apply', 'driftline.yaml')
    .option('--dry-run', 'only show what would change')
    .option('--url <url>', 'where Driftline is', defaultUrl)
    .option('--key <key>', 'API key')
    .action((file: string, options: Where & { dryRun?: boolean }) =>
      guarded(() => apply(file, options, line => console.log(line))),
    );
  program
    .command('export-rules')
    .description('write the rules and routes of a running Driftline as a driftline.yaml')
    .option('--output <file>', 'default: standard output')
    .option('--url <url>', 'where Driftline is', defaultUrl)
    .option('--key <key>', 'API key')
    .action((options: Where & { output?: string }) => guarded(() => exportTo(options)));
}

async function apply(
  file: string,
  { dryRun = false, ...where }: Where & { dryRun?: boolean },
  say: (line: string) => void,
): Promise<void> {
  const yaml = await readFile(file, 'utf8');
  const response = await ask(where, applyRules, { yaml, dry_run: dryRun });
  const { changes, unchanged, applied } = (await response.json()) as ReplyOf<typeof applyRules>;
  for (const { what, name, action, diff } of changes) {
    const named = what === name ? what : `${what} ${name}`;
    const isSame = diff.every(line => line.startsWith(' '));
    say(isSame ? `take ${named} over, as it is: from now on the file keeps it` : `${action} ${named}`);
    if (!isSame) for (const line of diff) say(`  ${line}`);
  }
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`;
  say(`${count}${applied ? ' applied' : ', nothing applied (dry run)'}, ${unchanged} as before`);
}

async function exportTo({ output, ...where }: Where & { output?: string }): Promise<void> {
  const text = await (await ask(where, exportRules)).text();
  if (output === undefined) process.stdout.write(text);
  else await writeFile(output, text);
}

async function ask(
  { url, key }: Where,
  { method, path }: { method: string; path: string },
  body?: object,
): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
  const response = await fetch(new URL(path, url), init).catch((cause: unknown) => {
    throw new Error(`no Driftline answers at ${url}`, { cause });
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Error(problem.detail ?? problem.title ?? `${url} answered ${response.status}`);
}

async function guarded(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    console.error(`driftline: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
