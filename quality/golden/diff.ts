import type { DiffPart } from '#contract/golden.ts';

/** Above this many comparisons the middle of two texts is shown as replaced. */
const most = 1_000_000;

const leastShared = 0.4;

/** What was taken out of `before` and put in to make `after`, word by word; white space belongs to the word before it. */
export function diffText(before: string, after: string): DiffPart[] {
  const [one, other] = [words(before), words(after)];
  let head = 0;
  while (head < one.length && head < other.length && one[head] === other[head]) head += 1;
  let tail = 0;
  const room = Math.min(one.length, other.length) - head;
  while (tail < room && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  const parts: DiffPart[] = [
    { kind: 'same', text: one.slice(0, head).join('') },
    ...middle(one.slice(head, one.length - tail), other.slice(head, other.length - tail)),
    { kind: 'same', text: one.slice(one.length - tail).join('') },
  ];
  const shared = parts.reduce((sum, { kind, text }) => sum + (kind === 'same' ? text.length : 0), 0);
  // Two texts that share a few words are read one after the other, not woven into each other.
  if (shared < leastShared * Math.max(before.length, after.length))
    return joined([
      { kind: 'removed', text: before },
      { kind: 'added', text: after },
    ]);
  return joined(parts);
}

const words = (text: string) => text.match(/\s*\S+|\s+$/g) ?? [];

function middle(one: readonly string[], other: readonly string[]): DiffPart[] {
  if (one.length * other.length > most)
    return [
      { kind: 'removed', text: one.join('') },
      { kind: 'added', text: other.join('') },
    ];
  const common = commonLengths(one, other);
  const width = other.length + 1;
  const parts: DiffPart[] = [];
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) {
      parts.push({ kind: 'same', text: one[i] ?? '' });
      i += 1;
      j += 1;
    } else if (
      j >= other.length ||
      (i < one.length && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      parts.push({ kind: 'removed', text: one[i] ?? '' });
      i += 1;
    } else {
      parts.push({ kind: 'added', text: other[j] ?? '' });
      j += 1;
    }
  }
  return parts;
}

/** Length of the longest common subsequence of what is left from (i, j) on. */
function commonLengths(one: readonly string[], other: readonly string[]): Uint32Array {
  const width = other.length + 1;
  const lengths = new Uint32Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        one[i] === other[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  return lengths;
}

function joined(parts: readonly DiffPart[]): DiffPart[] {
  const out: DiffPart[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (last?.kind === part.kind) last.text += part.text;
    else if (part.text !== '') out.push({ ...part });
  }
  return out;
}
