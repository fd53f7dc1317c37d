/**
 * Solves (gram + diag(ridge)) x = rhs by Cholesky decomposition. `gram` is a symmetric row-major p × p matrix, `rhs`
 * and `ridge` have length p. A direction without any information (a pivot lost to rounding) gets coefficient 0, so
 * the answer is always finite.
 */
export function solveRidge(gram: Float64Array, rhs: Float64Array, ridge: Float64Array): number[] {
  const p = rhs.length;
  const lower = cholesky(gram, ridge, p);
  const forward = new Float64Array(p);
  for (let i = 0; i < p; i++) {
    const pivot = lower[i * p + i]!;
    let rest = rhs[i]!;
    for (let k = 0; k < i; k++) rest -= lower[i * p + k]! * forward[k]!;
    forward[i] = pivot === 0 ? 0 : rest / pivot;
  }
  const solution = new Array<number>(p).fill(0);
  for (let i = p - 1; i >= 0; i--) {
    const pivot = lower[i * p + i]!;
    let rest = forward[i]!;
    for (let k = i + 1; k < p; k++) rest -= lower[k * p + i]! * solution[k]!;
    solution[i] = pivot === 0 ? 0 : rest / pivot;
  }
  return solution;
}

function cholesky(gram: Float64Array, ridge: Float64Array, p: number): Float64Array {
  const lower = new Float64Array(p * p);
  for (let j = 0; j < p; j++) {
    const diagonal = gram[j * p + j]! + ridge[j]!;
    let pivot = diagonal;
    for (let k = 0; k < j; k++) pivot -= lower[j * p + k]! ** 2;
    if (!(pivot > 1e-12 * diagonal)) continue; // collinear: the column stays zero and drops out
    const root = Math.sqrt(pivot);
    lower[j * p + j] = root;
    for (let i = j + 1; i < p; i++) {
      let rest = gram[i * p + j]!;
      for (let k = 0; k < j; k++) rest -= lower[i * p + k]! * lower[j * p + k]!;
      lower[i * p + j] = rest / root;
    }
  }
  return lower;
}
