import { byStart } from './attempt.ts';
import type { ToolCall } from './call.ts';
import type { SpanFacts } from './facts.ts';
import { inherited } from './inherit.ts';
import { spanKey, type TraceTree } from './trace-tree.ts';

/** Every tool execution once, earliest first. */
export function toolCallsOf(tree: TraceTree): ToolCall[] {
  const tools = tree.spans.filter(({ role }) => role === 'tool');
  const repeated = new Set(tools.map(tool => outerTelling(tool, tree)).filter(key => key !== undefined));
  return tools
    .filter(tool => !repeated.has(spanKey(tool)))
    .sort(byStart)
    .map(tool => toolCall(tool, tree));
}

// As with model calls: two scopes that tell one execution, one inside the other. A tool that calls another tool has
// another name.
function outerTelling(tool: SpanFacts, tree: TraceTree): string | undefined {
  for (const ancestor of tree.ancestors(tool)) {
    if (ancestor.role === 'agent' || ancestor.role === 'model_call') return undefined;
    if (ancestor.role !== 'tool') continue;
    const isSame = ancestor.toolName === tool.toolName && ancestor.scopeName !== tool.scopeName;
    return isSame ? spanKey(ancestor) : undefined;
  }
  return undefined;
}

function toolCall(tool: SpanFacts, tree: TraceTree): ToolCall {
  const { feature, tenant, user, session, agent } = inherited([[tool, ...tree.ancestors(tool)]]);
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
