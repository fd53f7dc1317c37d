import { logGamma } from './incomplete-gamma.ts';

/**
 * P(D_n ≥ d) of the two-sided one-sample Kolmogorov statistic at finite n ≥ 1, by the choice of methods of Simard, L'Ecuyer,
 * Computing the two-sided Kolmogorov–Smirnov distribution, 2011: closed forms at both ends, Durbin's matrix (exact), twice the
 * one-sided probability (exact above d = ½, to 10 digits in the tail), and Pelz and Good's expansion for n > 140.
 */
export function kolmogorovTail(n: number, d: number): number {
  if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`n is ${n}, not a positive whole number`);
  const reach = n * d;
  if (!(reach > 0.5)) return 1;
  if (d >= 1) return 0;
  if (reach <= 1) return 1 - Math.exp(logGamma(n + 1) - n * Math.log(n) + n * Math.log(2 * reach - 1));
  if (reach >= n - 1) return 2 * (1 - d) ** n;
  const squared = reach * d;
  if (d >= 0.5 || squared > 4 || (n > 140 && squared >= 2.2)) return Math.min(1, 2 * oneSidedTail(n, d));
  if (n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4)) return clip(1 - durbin(n, d));
  return clip(1 - pelzGood(n, d));
}

/** P(K ≥ z) of the limiting distribution of √n D_n (Kolmogorov, 1933); by the theta function's other form for small z. */
export function kolmogorovLimitTail(z: number): number {
  if (!(z > 0)) return 1;
  if (z < 1) {
    let sum = 0;
    for (let k = 1; k <= 20; k += 1) sum += Math.exp(-(((2 * k - 1) * Math.PI) ** 2) / (8 * z * z));
    return clip(1 - (Math.sqrt(2 * Math.PI) / z) * sum);
  }
  let tail = 0;
  for (let k = 20; k >= 1; k -= 1) tail += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * z * z);
  return clip(tail);
}

const clip = (p: number): number => Math.min(1, Math.max(0, p));

/**
 * P(D⁺_n ≥ d) = d Σ_j C(n, j) (d + j/n)^(j−1) (1 − d − j/n)^(n−j), every term positive (Birnbaum, Tingey, One-sided
 * confidence contours for probability distribution functions, 1951). Above a million values, Maag and Dicaire's
 * exp(−(6nd + 1)²/18n), 1971.
 */
function oneSidedTail(n: number, d: number): number {
  if (n > 1_000_000) return Math.exp(-((6 * n * d + 1) ** 2) / (18 * n));
  let logChoose = 0;
  let sum = 0;
  const last = Math.floor(n * (1 - d));
  for (let j = 0; j <= last; j += 1) {
    const below = 1 - d - j / n;
    if (below > 0) sum += Math.exp(logChoose + (j - 1) * Math.log(d + j / n) + (n - j) * Math.log(below));
    logChoose += Math.log((n - j) / (j + 1));
  }
  return clip(d * sum);
}

const scaleBits = 400;
const scale = 2 ** scaleBits;

/** P(D_n < d) as an entry of a matrix power (Marsaglia, Tsang, Wang, Evaluating Kolmogorov's distribution, 2003). */
function durbin(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const m = 2 * k - 1;
  const middle = (k - 1) * m + k - 1;
  let base = durbinMatrix(k - n * d, m);
  let power = identity(m);
  let baseBits = 0;
  let bits = 0;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      power = multiply(power, base, m);
      bits += baseBits;
      if (power[middle]! > scale) {
        power = power.map(value => value / scale);
        bits += scaleBits;
      }
    }
    base = multiply(base, base, m);
    baseBits *= 2;
    if (base[middle]! > scale) {
      base = base.map(value => value / scale);
      baseBits += scaleBits;
    }
  }
  let p = power[middle]!;
  for (let i = 1; i <= n; i += 1) {
    p *= i / n;
    if (p < 1 / scale) {
      p *= scale;
      bits -= scaleBits;
    }
  }
  return p * 2 ** bits;
}

function durbinMatrix(h: number, m: number): Float64Array {
  const inverseFactorial = [1];
  for (let i = 1; i <= m; i += 1) inverseFactorial.push(inverseFactorial[i - 1]! / i);
  const matrix = new Float64Array(m * m);
  for (let i = 0; i < m; i += 1) {
    for (let j = 1; j < m; j += 1) {
      if (i - j + 1 >= 0) matrix[i * m + j] = inverseFactorial[i - j + 1]!;
    }
  }
  for (let i = 0; i < m - 1; i += 1) {
    const edge = (1 - h ** (i + 1)) * inverseFactorial[i + 1]!;
    matrix[i * m] = edge;
    matrix[(m - 1) * m + (m - 1 - i)] = edge;
  }
  matrix[(m - 1) * m] = (1 - 2 * h ** m + Math.max(0, 2 * h - 1) ** m) * inverseFactorial[m]!;
  return matrix;
}

function identity(m: number): Float64Array {
  const matrix = new Float64Array(m * m);
  for (let i = 0; i < m; i += 1) matrix[i * m + i] = 1;
  return matrix;
}

function multiply(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const product = new Float64Array(m * m);
  for (let i = 0; i < m; i += 1) {
    for (let k = 0; k < m; k += 1) {
      const factor = a[i * m + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < m; j += 1) product[i * m + j]! += factor * b[k * m + j]!;
    }
  }
  return product;
}

/** P(D_n ≤ d) for n > 140: K0 + K1/√n + K2/n + K3/n^1.5 (Pelz, Good, Approximating the lower tail-areas …, 1976). */
function pelzGood(n: number, d: number): number {
  const z = Math.sqrt(n) * d;
  const [z2, z4, z6, z8] = [z ** 2, z ** 4, z ** 6, z ** 8];
  const pi2 = Math.PI ** 2;
  const [pi4, pi6] = [pi2 ** 2, pi2 ** 3];
  const sums = [0, 0, 0, 0];
  let extra2 = 0;
  let extra3 = 0;
  for (let k = Math.ceil((16 * z) / Math.PI); k >= 1; k -= 1) {
    const odd = (2 * k - 1) ** 2;
    const weight = Math.exp((-pi2 * odd) / (8 * z2));
    sums[0]! += weight;
    sums[1]! += weight * (-z2 + (pi2 / 4) * odd);
    sums[2]! +=
      weight * (6 * z6 + 2 * z4 + (pi2 / 4) * (2 * z4 - 5 * z2) * odd + (pi4 / 16) * (1 - 2 * z2) * odd ** 2);
    sums[3]! +=
      weight *
      (-30 * z6 -
        90 * z8 +
        (pi2 / 4) * (135 * z4 - 96 * z6) * odd +
        (pi4 / 16) * (212 * z4 - 60 * z2) * odd ** 2 +
        (pi6 / 64) * (5 - 30 * z2) * odd ** 3);
    const even = Math.exp((-pi2 * k * k) / (2 * z2));
    extra2 += k * k * even;
    extra3 += (3 * z2 - pi2 * k * k) * k * k * even;
  }
  const root = Math.sqrt(2 * Math.PI);
  const k0 = (root * sums[0]!) / z;
  const k1 = (root * sums[1]!) / (6 * z4);
  const k2 = (root * sums[2]!) / (72 * z ** 7) - (pi2 * root * extra2) / (36 * z ** 3);
  const k3 = (root * sums[3]!) / (6480 * z ** 10) + (pi2 * root * extra3) / (216 * z6);
  return k0 + k1 / Math.sqrt(n) + k2 / n + k3 / n ** 1.5;
}
