import type { SpanFacts } from './facts.ts';
import type { TraceTree } from './trace-tree.ts';

/** The nearest one counts, from the span up. */
type Nearest = Pick<
  SpanFacts,
  'feature' | 'chain' | 'tenant' | 'team' | 'user' | 'session' | 'agent' | 'variant' | 'purpose' | 'outcome'
>;

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
  return tree.fromAbove<Lineage>((span, above = nothing) => {
    const { promptName, promptVersion } = promptOf(span, above);
    // One literal, so that all lineages have one shape: this runs for every span above or of a call.
    return {
      workflow: above.workflow ?? span.workflow,
      promptName,
      promptVersion,
      feature: span.feature ?? above.feature,
      chain: span.chain ?? above.chain,
      tenant: span.tenant ?? above.tenant,
      team: span.team ?? above.team,
      user: span.user ?? above.user,
      session: span.session ?? above.session,
      agent: span.agent ?? above.agent,
      variant: span.variant ?? above.variant,
      purpose: span.purpose ?? above.purpose,
      outcome: span.outcome ?? above.outcome,
    };
  });
}

const nothing: Lineage = {};

/** What a call inherits; of several tellings of it the believed one first. */
export function inherited(told: readonly Lineage[]): Inherited {
  const first = (key: keyof Lineage) => {
    for (const lineage of told) if (lineage[key] !== undefined) return lineage[key];
    return undefined;
  };
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
  if (span.promptName !== undefined) return span;
  return span.promptVersion === undefined
    ? above
    : { promptName: above.promptName, promptVersion: span.promptVersion };
}
