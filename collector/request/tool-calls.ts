import { byStart } from './attempt.ts';
import type { ToolCall } from './call.ts';
import type { SpanFacts } from './facts.ts';
import { inherited, type Lineage } from './inherit.ts';
import type { TraceTree } from './trace-tree.ts';

type LineageOf = (span: SpanFacts) => Lineage;

/** Every tool execution once, earliest first. */
export function toolCallsOf(tree: TraceTree, lineageOf: LineageOf): ToolCall[] {
  const tools = tree.spans.filter(({ role }) => role === 'tool');
  if (tools.length === 0) return [];
  const repeated = repeatedTools(tools, tree);
  return tools
    .filter(tool => !repeated.has(tool))
    .sort(byStart)
    .map(tool => toolCall(tool, lineageOf));
}

// As with model calls: two scopes that tell one execution, one inside the other. A tool that calls another tool has
// another name.
function repeatedTools(tools: readonly SpanFacts[], tree: TraceTree): Set<SpanFacts> {
  const nearest = tree.fromAbove<SpanFacts | undefined>((span, above) =>
    span.role === 'tool' || span.role === 'agent' || span.role === 'model_call' ? span : above,
  );
  const outer = tools.map(tool => {
    const parent = tree.parent(tool);
    const above = parent && nearest(parent);
    const isSame = above?.role === 'tool' && above.toolName === tool.toolName;
    return isSame && above.scopeName !== tool.scopeName ? above : undefined;
  });
  return new Set(outer.filter(tool => tool !== undefined));
}

function toolCall(tool: SpanFacts, lineageOf: LineageOf): ToolCall {
  const { feature, tenant, user, session, agent } = inherited([lineageOf(tool)]);
  return {
    traceId: tool.traceId,
    spanId: tool.spanId,
    startNs: tool.startNs,
    durationNs: tool.endNs - tool.startNs,
    name: tool.toolName ?? tool.name,
    service: tool.service,
    environment: tool.environment,
    release: tool.release,
    feature,
    tenant,
    user,
    session,
    agent,
    dialect: tool.dialect,
    failed: tool.failed === true,
    errorType: tool.errorType ?? '',
  };
}
