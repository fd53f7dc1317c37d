import { type Document, isNode, LineCounter, parseDocument, stringify } from 'yaml';
import { type AlertRoute, type Routing, route } from '#contract/route.ts';
import { type RuleDefinition, ruleDefinition } from '#contract/rule.ts';
import { type RulesFile, rulesFile } from '#contract/rules-file.ts';

/** Something in a `driftline.yaml` cannot be read; the message names the place. */
export class RulesFileError extends Error {}

const unitS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 7 * 86_400 };

/** What a file says, and in which line it says it. */
export interface RulesFileRead {
  file: RulesFile;
  /** `line 14`, of what stands at a path of the file; of the closest thing around it where that is left out. */
  lineOf: (path: readonly PropertyKey[]) => string;
}

/** Reads a `driftline.yaml`: durations are written `90s`, `5m`, `4h`, `30d` under the name without `_s`. */
export function readRulesFile(text: string): RulesFileRead {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true, lineCounter: lines });
  const [error] = document.errors;
  if (error) throw new RulesFileError(error.message.trim());
  let plain: unknown;
  try {
    // A few aliases are handy; a file made of them is not.
    plain = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new RulesFileError(cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = rulesFile.safeParse(inSeconds(plain));
  const lineOf = (path: readonly PropertyKey[]) => lineWithin(document, lines, path);
  if (parsed.success) return { file: parsed.data, lineOf };
  const said = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${lineOf(path)}, ${placeOf(path, plain)}: ${message}`);
  throw new RulesFileError(said.join('; '));
}

function lineWithin(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  const written = path.map(step => (typeof step === 'string' ? step.replace(/_s$/, '') : step));
  for (let length = written.length; length > 0; length -= 1) {
    const node = document.getIn(written.slice(0, length), true);
    if (isNode(node) && node.range) return `line ${lines.linePos(node.range[0]).line}`;
  }
  return 'line 1';
}

/** `rules.error-rate.window`: by name, as a person finds it, and as it is written in the file. */
function placeOf(path: readonly PropertyKey[], plain: unknown): string {
  let at: unknown = plain;
  const names = path.map(step => {
    at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined;
    const name = typeof at === 'object' && at !== null ? (at as { name?: unknown }).name : undefined;
    return typeof step === 'number' && typeof name === 'string' ? name : String(step).replace(/_s$/, '');
  });
  return names.join('.') || 'the file';
}

/** Every `for: 5m` becomes `for_s: 300`. */
function inSeconds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, own]) => {
      const seconds = durationNames.has(key) ? secondsOf(own) : null;
      return seconds === null ? [key, inSeconds(own)] : [`${key}_s`, seconds];
    }),
  );
}

const durationNames = new Set([
  'for',
  'keep_firing',
  'window',
  'after',
  'silent',
  'period',
  'long',
  'short',
  'group_wait',
  'group_interval',
  'repeat',
]);

function secondsOf(value: unknown): number | null {
  const [, amount, unit] = (typeof value === 'string' && /^(\d{1,7})\s*([smhdw])$/.exec(value.trim())) || [];
  return amount && unit ? Number(amount) * unitS[unit]! : null;
}

/** The longest unit that divides it: `90s`, `5m`, `4h`, `30d`. */
function written(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    if (seconds >= unitS[unit]! && seconds % unitS[unit]! === 0) return `${seconds / unitS[unit]!}${unit}`;
  }
  return `${seconds}s`;
}

function inWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inWords);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, own]) =>
      key.endsWith('_s') && typeof own === 'number' ? [key.slice(0, -2), written(own)] : [key, inWords(own)],
    ),
  );
}

/** What goes without saying is left out: reading it again gives the same. */
function brief<Value extends object>(value: Value, parse: (value: unknown) => unknown): object {
  const whole = JSON.stringify(parse(value));
  let left = { ...value } as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    const { [key]: _one, ...rest } = left;
    if (JSON.stringify(parse(rest)) === whole) left = rest;
  }
  return left;
}

const options = { lineWidth: 0 } as const;

export const ruleYaml = (rule: RuleDefinition): string => stringify(inWords(briefRule(rule)), options);
export const routingYaml = (routing: Routing): string => stringify(inWords(briefRouting(routing)), options);

const briefRule = (rule: RuleDefinition): object => brief(rule, one => ruleDefinition.safeParse(one).data);
const briefRoute = (one: AlertRoute): object => brief(one, given => route.safeParse(given).data);
const briefRouting = ({ routes, inhibit, heartbeat }: Routing): object => ({
  routes: routes.map(briefRoute),
  inhibit,
  ...(heartbeat.url !== null && { heartbeat }),
});

/** Rules and routes as a file that `readRulesFile` reads. */
export function rulesFileYaml(rules: readonly RuleDefinition[], routing: Routing): string {
  const file = { version: 1, rules: rules.map(briefRule), routing: briefRouting(routing) };
  return `# Rules and routes of Driftline. Apply with: npx driftline apply driftline.yaml\n${stringify(inWords(file), options)}`;
}

/** Lines of both, `-` before, `+` after, ` ` in both; the shortest way from one to the other. */
export function diffLines(before: string, after: string): string[] {
  const old = before.split('\n').filter(Boolean);
  const now = after.split('\n').filter(Boolean);
  const common = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      common[i]![j] =
        old[i] === now[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < old.length || j < now.length; ) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push(`  ${old[i]}`);
      i += 1;
      j += 1;
    } else if (j >= now.length || (i < old.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push(`- ${old[i]}`);
      i += 1;
    } else {
      lines.push(`+ ${now[j]}`);
      j += 1;
    }
  }
  return lines;
}
