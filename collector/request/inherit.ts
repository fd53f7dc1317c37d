import type { SpanFacts } from './facts.ts';
import type { TraceTree } from './trace-tree.ts';

const nearestKeys = [
  'feature',
  'chain',
  'tenant',
  'team',
  'user',
  'session',
  'agent',
  'variant',
  'purpose',
  'outcome',
] as const;

type Nearest = Partial<Record<(typeof nearestKeys)[number], string>>;

/** What a span has by itself or from above, nearest first. */
export interface Lineage extends Nearest {
  /** Of the outermost workflow: OpenLLMetry names the inner ones after their agents. */
  workflow?: string;
  promptName?: string;
  promptVersion?: string;
}

export interface Inherited {
  feature: string;
  tenant: string;
  team: string;
  user: string;
  session: string;
  agent: string;
  promptName: string;
  promptVersion: string;
  variant: string;
  purpose: string;
  outcome: string;
}

/** Reads any span's lineage. Never tokens, cost or errors. */
export function lineages(tree: TraceTree): (span: SpanFacts) => Lineage {
  return tree.fromAbove<Lineage>((span, above = {}) => {
    const lineage: Lineage = { workflow: above.workflow ?? span.workflow, ...promptOf(span, above) };
    for (const key of nearestKeys) lineage[key] = span[key] ?? above[key];
    return lineage;
  });
}

/** What a call inherits; of several tellings of it the believed one first. */
export function inherited(told: readonly Lineage[]): Inherited {
  const first = (key: keyof Lineage) => told.find(lineage => lineage[key] !== undefined)?.[key];
  // The application's own word wins from any height. Each next one is further from what a person would say.
  const feature = first('feature') ?? first('workflow') ?? first('chain') ?? first('agent') ?? '';
  const prompt = told.find(({ promptName }) => promptName !== undefined);
  return {
    feature,
    tenant: first('tenant') ?? '',
    team: first('team') ?? '',
    user: first('user') ?? '',
    session: first('session') ?? '',
    agent: first('agent') ?? '',
    promptName: prompt?.promptName ?? '',
    promptVersion: (prompt === undefined ? first('promptVersion') : prompt.promptVersion) ?? '',
    variant: first('variant') ?? '',
    purpose: first('purpose') ?? '',
    outcome: first('outcome') ?? '',
  };
}

// The version of an ancestor's prompt says nothing about another prompt.
function promptOf(span: SpanFacts, above: Lineage): Pick<Lineage, 'promptName' | 'promptVersion'> {
  if (span.promptName !== undefined)
    return { promptName: span.promptName, promptVersion: span.promptVersion };
  return { promptName: above.promptName, promptVersion: span.promptVersion ?? above.promptVersion };
}
