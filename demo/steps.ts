import type { Context, Span } from '@opentelemetry/api';
import { embed, type Model } from './model-call.ts';
import { evenChance, evenLogNormal, inSpan, type Request } from './request.ts';

export interface Retrieval {
  source: string;
  query: string;
  documents: readonly string[];
  embedding: Model;
  /** Median time of the vector search itself. */
  searchMs: number;
}

/** Looks up documents: an embedding of the query, then the search. */
export async function retrieve(request: Request, parent: Context, retrieval: Retrieval): Promise<void> {
  const { random, clock } = request;
  const attributes = {
    'gen_ai.operation.name': 'retrieval',
    'gen_ai.data_source.id': retrieval.source,
    ...(request.content ? { 'gen_ai.retrieval.query.text': retrieval.query } : {}),
  };
  await inSpan(
    request,
    { name: `retrieval ${retrieval.source}`, attributes, parent },
    async (span, context) => {
      const tokens = 4 + Math.round(retrieval.query.length / 4);
      await embed(request, { model: retrieval.embedding, tokens, parent: context });
      await clock.sleep(evenLogNormal(request, 'search', retrieval.searchMs, 0.4));
      let score = 0.95;
      const found = retrieval.documents.map(id => {
        score -= random.between(0.01, 0.08);
        return { id, score: Number(score.toFixed(3)) };
      });
      span.setAttribute('gen_ai.retrieval.documents', JSON.stringify(found));
    },
  );
}

export interface Tool {
  name: string;
  arguments: Record<string, unknown>;
  result: Record<string, unknown>;
  medianMs: number;
}

class ToolError extends Error {
  override name = 'ToolError';
}

const TOOL_FAILURE_SHARE = 0.015;

/** Runs a tool and hands back what the model is told: the result, or that it failed. */
export async function runTool(
  request: Request,
  parent: Context,
  tool: Tool,
  callId: string,
): Promise<string> {
  const { random, clock, content } = request;
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool.name,
    'gen_ai.tool.type': 'function',
    'gen_ai.tool.call.id': callId,
    ...(content ? { 'gen_ai.tool.call.arguments': JSON.stringify(tool.arguments) } : {}),
  };
  const run = async (span: Span) => {
    await clock.sleep(random.logNormal(tool.medianMs, 0.5));
    if (evenChance(request, 'tool-failure', TOOL_FAILURE_SHARE))
      throw new ToolError(`${tool.name}: upstream answered 502`);
    const result = JSON.stringify(tool.result);
    if (content) span.setAttribute('gen_ai.tool.call.result', result);
    return result;
  };
  try {
    return await inSpan(request, { name: `execute_tool ${tool.name}`, attributes, parent }, run);
  } catch (error) {
    if (error instanceof ToolError) return JSON.stringify({ error: error.message });
    throw error;
  }
}
