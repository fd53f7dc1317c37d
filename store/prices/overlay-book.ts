import type { PriceEntry, PriceOverlay } from './price-entry.ts';

export interface OverlayQuestion {
  projectId: string;
  /** Who served the call; empty when unknown. */
  provider: string;
  /** The price of the book that the overlay would change. */
  entry: PriceEntry;
  atMs: number;
  knownMs?: number | undefined;
}

/** They sell makers' models under contracts of their own: what was agreed with the maker does not hold there. */
const sellers = new Set([
  'azure.ai.openai',
  'azure.ai.inference',
  'gcp.vertex_ai',
  'gcp.gen_ai',
  'aws.bedrock',
]);

/** Finds what was negotiated for a call. */
export class OverlayBook {
  /** The versions of each overlay, the last one known first. */
  readonly #versions: PriceOverlay[][];
  readonly #patterns = new Map<PriceOverlay, RegExp>();

  constructor(overlays: readonly PriceOverlay[]) {
    const byId = new Map<string, PriceOverlay[]>();
    for (const overlay of overlays) {
      this.#patterns.set(overlay, patternOf(overlay.model));
      byId.set(overlay.overlayId, [...(byId.get(overlay.overlayId) ?? []), overlay]);
    }
    this.#versions = [...byId.values()].map(versions => versions.sort((a, b) => b.version - a.version));
  }

  /**
   * The one that speaks of the call most closely: of its project before of all, of its model before of a pattern (the longer
   * one) before of any, of its provider before of any; then the one known last.
   */
  find(question: OverlayQuestion): PriceOverlay | null {
    if (this.#versions.length === 0) return null;
    const { knownMs = Infinity } = question;
    let best: PriceOverlay | null = null;
    for (const versions of this.#versions) {
      const overlay = versions.find(({ knownFromMs }) => knownFromMs <= knownMs);
      if (!overlay || !this.#covers(overlay, question)) continue;
      if (best === null || closer(overlay, best) < 0) best = overlay;
    }
    return best;
  }

  #covers(overlay: PriceOverlay, { projectId, provider, entry, atMs }: OverlayQuestion): boolean {
    const { validFromMs, validToMs } = overlay;
    return (
      !overlay.withdrawn &&
      validFromMs <= atMs &&
      (validToMs ?? Infinity) > atMs &&
      (overlay.projectId === '' || overlay.projectId === projectId) &&
      (overlay.provider === '' ||
        overlay.provider === provider ||
        (overlay.provider === entry.provider && !sellers.has(provider))) &&
      this.#patterns.get(overlay)!.test(entry.model)
    );
  }
}

function closer(a: PriceOverlay, b: PriceOverlay): number {
  const rank = ({ projectId, model, provider }: PriceOverlay) => [
    Number(projectId !== ''),
    Number(model !== '' && !model.includes('*')),
    model.length,
    Number(provider !== ''),
  ];
  const [left, right] = [rank(a), rank(b)];
  const differs = left.findIndex((value, at) => value !== right[at]);
  if (differs >= 0) return right[differs]! - left[differs]!;
  return b.knownFromMs - a.knownFromMs || (a.overlayId < b.overlayId ? -1 : 1);
}

function patternOf(model: string): RegExp {
  if (model === '') return /^/;
  const parts = model.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}
