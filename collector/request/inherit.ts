import type { SpanFacts } from './facts.ts';

export interface Inherited {
  feature: string;
  tenant: string;
  user: string;
  session: string;
  agent: string;
  promptName: string;
  promptVersion: string;
  variant: string;
}

/**
 * What a span has by itself or from above. Each path goes from a span upwards, nearest first; several when several
 * instrumentations told the same call, the believed one first. Never tokens, cost or errors.
 */
export function inherited(paths: readonly (readonly SpanFacts[])[]): Inherited {
  const line = paths.flat();
  return {
    feature: featureOf(paths, line),
    tenant: nearest(line, 'tenant') ?? '',
    user: nearest(line, 'user') ?? '',
    session: nearest(line, 'session') ?? '',
    agent: nearest(line, 'agent') ?? '',
    ...promptOf(line),
    variant: nearest(line, 'variant') ?? '',
  };
}

/**
 * The application's own word for the feature wins from any height. Without one: the outermost workflow, since
 * OpenLLMetry names the inner ones after their agents; then the nearest chain; then the nearest agent.
 */
function featureOf(paths: readonly (readonly SpanFacts[])[], line: readonly SpanFacts[]): string {
  return (
    nearest(line, 'feature') ??
    paths.map(outermostWorkflow).find(name => name !== undefined) ??
    nearest(line, 'chain') ??
    nearest(line, 'agent') ??
    ''
  );
}

// Name and version belong together: the version of an ancestor's prompt says nothing about another prompt.
function promptOf(line: readonly SpanFacts[]): Pick<Inherited, 'promptName' | 'promptVersion'> {
  const named = line.find(({ promptName }) => promptName !== undefined);
  const versioned = line.find(({ promptVersion }) => promptVersion !== undefined);
  if (named === undefined) return { promptName: '', promptVersion: versioned?.promptVersion ?? '' };
  const isNearer = versioned !== undefined && line.indexOf(versioned) < line.indexOf(named);
  return {
    promptName: named.promptName ?? '',
    promptVersion: named.promptVersion ?? (isNearer ? (versioned.promptVersion ?? '') : ''),
  };
}

function nearest(
  line: readonly SpanFacts[],
  key: 'feature' | 'chain' | 'tenant' | 'user' | 'session' | 'agent' | 'variant',
): string | undefined {
  return line.find(span => span[key] !== undefined)?.[key];
}

function outermostWorkflow(path: readonly SpanFacts[]): string | undefined {
  return path.findLast(({ workflow }) => workflow !== undefined)?.workflow;
}
