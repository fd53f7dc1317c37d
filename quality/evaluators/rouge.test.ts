import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Rouge, rougeL, rougeN } from './rouge.ts';

const rouge1 = (output: string, reference: string) => rougeN(output, reference, 1);
const rouge2 = (output: string, reference: string) => rougeN(output, reference, 2);

// google-research/rouge, rouge_scorer_test.py: testRouge1, testRouge2, testRougeLConsecutive, testRougeLNonConsecutive.
test.each([
  ['testing', rouge1, 1, 1 / 3, 1 / 2],
  ['testing one', rouge1, 1, 2 / 3, 4 / 5],
  ['testing one', rouge2, 1, 1 / 2, 2 / 3],
  ['testing one', rougeL, 1, 2 / 3, 4 / 5],
  ['testing two', rougeL, 1, 2 / 3, 4 / 5],
  ['', rougeL, 0, 0, 0],
  ['', rouge2, 0, 0, 0],
])('%j against "testing one two" by %o', (output, metric, precision, recall, f) => {
  close(metric(output, 'testing one two'), { precision, recall, f }, 12);
});

// The same repository, testdata/{target,prediction}.txt; the values are of ROUGE-1.5.5 runs (test…AgainstRouge155).
const pairs = [
  {
    reference:
      "ZfbCUIUuePaiLVUlCaUXxkpu XPeWing tUHfPMuZ',-Xd Y BrUgVJing M-HV.-DgdDaY.rFDJCRing Ht-LM EKBDXkME,yz'RBr q'wtion wIojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxer tKM L",
    output: "rFDJCRtion Ht-LM EKtDXkME,yz'RBr q'wer wrojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxi",
  },
  {
    reference:
      "KsJdPByEtAor fE-Qg Dpdbring cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMtion psing sbKao Q m qiing LMmer HqqLFXe,XPY,J XsurkMer ,ed nB'wH'bWVHjWFEing tQ.saefZwJtKrTlixYpMMsJing UCAPwNHeYVjDing c T BUySKtion gMPfJpwGw p'NvxAoping eu pBwMBKV'I DNxqelhu,PHPxDEq,mtion SN",
    output:
      "nn cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMer pstion sbKao Q m qier LMmed HqqLFXe,XPY,J XsurkMeo ,ed nB'wH'bWVHjWFEer tQ.saefZwJtKrTlixYpMMNJtion UCAPwNHeYVjD",
  },
];
test.each([
  [0, rouge1, 0.6875, 0.40741, 0.51163],
  [1, rouge1, 0.65385, 0.40476, 0.5],
  [0, rouge2, 0.53333, 0.30769, 0.39024],
  [1, rouge2, 0.48, 0.29268, 0.36364],
  [0, rougeL, 0.6875, 0.40741, 0.51163],
  [1, rougeL, 0.65385, 0.40476, 0.5],
])('pair %i by %o equals ROUGE-1.5.5', (at, metric, precision, recall, f) => {
  const { output, reference } = pairs[at]!;
  close(metric(output, reference), { precision, recall, f }, 5);
});

// Lin (2004), section 3.1: "police killed the gunman"; S2 and S3 have ROUGE-2 alike, ROUGE-L tells them apart.
test('the example of the paper: 3/4 and 1/2', () => {
  const reference = 'police killed the gunman';
  expect(rougeL('police kill the gunman', reference).f).toBe(3 / 4);
  expect(rougeL('the gunman kill police', reference).f).toBe(1 / 2);
  expect(rouge2('police kill the gunman', reference).f).toBe(rouge2('the gunman kill police', reference).f);
});

test('words of any script count', () => {
  expect(rouge1('Ελλάδα και Κύπρος', 'Ελλάδα').recall).toBe(1);
  expect(rougeL('今日は雨', '今日は晴れ').precision).toBe(3 / 4);
});

test('identical texts score 1; F is symmetric and between 0 and 1', () => {
  const text = fc
    .array(fc.stringMatching(/^[a-c]{1,2}$/), { minLength: 2, maxLength: 12 })
    .map(tokens => tokens.join(' '));
  fc.assert(
    fc.property(text, text, fc.constantFrom(rouge1, rouge2, rougeL), (one, other, metric) => {
      expect(metric(one, one).f).toBe(1);
      expect(metric(one, other).f).toBeCloseTo(metric(other, one).f, 12);
      expect(metric(one, other).f).toBeGreaterThanOrEqual(0);
      expect(metric(one, other).f).toBeLessThanOrEqual(1);
    }),
  );
});

function close(found: Rouge, expected: Rouge, digits: number): void {
  for (const part of ['precision', 'recall', 'f'] as const) {
    expect(found[part]).toBeCloseTo(expected[part], digits);
  }
}
