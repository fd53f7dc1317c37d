import type { PricedCall } from './priced-call.ts';
import { type CostKind, type PricedApart, splitInput, splitOutput, type TokenSplit } from './token-split.ts';

/**
 * Tokens and pieces of a call by kind, as the ledger counts them (`store/queries/spend-of-calls.ts` says the same in SQL): what its
 * cost tells apart (`kinds`, none when it is unpriced) is apart, and of cached tokens it is known.
 */
export function unitsByKind(
  { operation, tokens, pieces }: PricedCall,
  kinds: ReadonlySet<string>,
): TokenSplit {
  const apart: PricedApart = kind => {
    if (kind === 'output_reasoning') return kinds.has('reasoning');
    // All of it may have been cached.
    if (kind === 'input_audio') return kinds.has('input_audio') || kinds.has('cache_read_audio');
    return kinds.has(kind);
  };
  const isEmbedding = operation === 'embeddings' || kinds.has('embedding');
  const count = (kind: CostKind, pieceCount: number | null) =>
    kinds.size === 0 || kinds.has(kind) ? (pieceCount ?? 0) : 0;
  return {
    ...(isEmbedding
      ? { embedding: tokens.embedding ?? tokens.input ?? 0 }
      : splitInput(tokens, tokens.input ?? 0, apart)),
    ...splitOutput(tokens, tokens.output ?? 0, apart),
    image: count('image', pieces.images),
    search: count('search', pieces.searches),
    rerank: count('rerank', pieces.rerankUnits),
  };
}
