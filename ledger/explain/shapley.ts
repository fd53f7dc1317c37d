/**
 * Shapley value of a game of few players: what each contributes to `worth(everyone) - worth(nobody)`, averaged over every order
 * in which they may come (Lloyd Shapley, A Value for n-Person Games, 1953; for decompositions of change Anthony Shorrocks, 2013).
 * The only division that adds up, treats players that do the same alike and gives nothing to who changes nothing. `worth` gets
 * the players that have come as bits.
 */
export function shapley(players: number, worth: (coalition: number) => number): number[] {
  const worths = Array.from({ length: 1 << players }, (_, coalition) => worth(coalition));
  const weights = weightsOf(players);
  return Array.from({ length: players }, (_, player) => {
    const bit = 1 << player;
    let value = 0;
    for (let coalition = 0; coalition < worths.length; coalition += 1) {
      if (coalition & bit) continue;
      value += weights[bitsOf(coalition)]! * (worths[coalition | bit]! - worths[coalition]!);
    }
    return value;
  });
}

/** How often a coalition of a size is there when one more comes: size! (players - size - 1)! / players!. */
function weightsOf(players: number): number[] {
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
  return Array.from(
    { length: players },
    (_, size) => (factorial(size) * factorial(players - size - 1)) / factorial(players),
  );
}

function bitsOf(number: number): number {
  let count = 0;
  for (let rest = number; rest > 0; rest &= rest - 1) count += 1;
  return count;
}
