/** A small seeded generator (mulberry32, Tommy Ettinger, public domain), so that a failing run can be repeated. */
export function seeded(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (below: number) => Math.floor(next() * below);
  return {
    /** In [0, 1). */
    next,
    /** In [0, below). */
    integer,
    between: (low: number, high: number) => low + next() * (high - low),
    pick: <T>(items: readonly T[]) => items[integer(items.length)] as T,
    hex(bytes: number) {
      let digits = '';
      for (let at = 0; at < bytes * 2; at += 1) digits += '123456789abcdef'[integer(15)];
      return digits;
    },
  };
}
export type Seeded = ReturnType<typeof seeded>;
