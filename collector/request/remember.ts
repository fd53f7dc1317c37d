/** At most this many answers are kept per function: senders choose the words, and memory must not grow with them. */
const most = 4_096;

/** A pure function of a word that answers a word it has seen before from memory: model names and the like repeat for ever. */
export function remember<T>(answer: (word: string) => T): (word: string) => T {
  let known = new Map<string, T>();
  return word => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const made = answer(word);
    if (made === undefined) return made;
    if (known.size >= most) known = new Map();
    known.set(word, made);
    return made;
  };
}
