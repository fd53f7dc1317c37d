import { byPattern, type Detector, gap, inOrder, mod97, passesLuhn } from './detector.ts';

const before = '(?<![A-Za-z0-9_+]|[A-Za-z0-9][.-]|[:,[]\\s?-)';
const after = '(?![A-Za-z0-9_]|[.-][A-Za-z0-9])';

/** Found when the letters and digits of a match, in capitals, stand the test. */
function id(source: string, isValid: (compact: string) => boolean): Detector {
  return byPattern(new RegExp(before + source + after), match => {
    const compact = match[0].replace(/[^A-Za-z0-9]/g, '').toUpperCase();
    if (!isValid(compact)) return null;
    return { start: match.index, end: match.index + match[0].length, value: compact };
  });
}

const dniLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

const spanish = id('(?:\\d{8}|[XYZxyz]-?\\d{7})-?[A-Za-z]', compact => {
  const number = Number(compact.slice(0, -1).replace(/^[XYZ]/, letter => String('XYZ'.indexOf(letter))));
  return dniLetters[number % 23] === compact.at(-1);
});

const italianOdd = '1,0,5,7,9,13,15,17,19,21,2,4,18,20,11,3,6,8,12,14,16,10,22,25,24,23'
  .split(',')
  .map(Number);

const italian = id('[A-Za-z]{6}\\d{2}[A-EHLMPRSTa-ehlmprst]\\d{2}[A-Za-z]\\d{3}[A-Za-z]', compact => {
  const sum = [...compact.slice(0, 15)].reduce((total, character, at) => {
    const value = /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65;
    return total + (at % 2 === 0 ? italianOdd[value]! : value);
  }, 0);
  return String.fromCharCode(65 + (sum % 26)) === compact[15];
});

const american = id('(?!000|666|9)\\d{3}([ -])(?!00)\\d{2}\\1(?!0000)\\d{4}', () => true);

const british = id(
  '(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\\d{2} ?\\d{2} ?\\d{2} ?[A-D]',
  () => true,
);

const german = id('[1-9]\\d(?: ?\\d{3}){3}', compact => {
  const counts = new Map<string, number>();
  for (const digit of compact.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const repeated = [...counts.values()].filter(count => count > 1);
  if (repeated.length !== 1 || repeated[0]! > 3) return false;
  let product = 10;
  for (const digit of compact.slice(0, 10)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(compact[10]);
});

const french = id(
  '[1-478] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[ABab]) ?\\d{3} ?\\d{3} ?\\d{2}',
  compact => {
    // The Corsican departments count as 19 and 18.
    const number = compact.slice(0, 13).replace('2A', '19').replace('2B', '18');
    return 97 - mod97(number) === Number(compact.slice(13));
  },
);

const brazilian = id('\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}', compact => {
  const check = (count: number) => {
    let sum = 0;
    for (let at = 0; at < count; at++) sum += Number(compact[at]) * (count + 1 - at);
    return ((sum * 10) % 11) % 10 === Number(compact[count]);
  };
  return !/^(\d)\1+$/.test(compact) && check(9) && check(10);
});

const swiss = id('756\\.\\d{4}\\.\\d{4}\\.\\d{2}', compact => {
  const sum = [...compact].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
});

const belgian = id('\\d{2}\\.\\d{2}\\.\\d{2}[- ]\\d{3}[. ]\\d{2}', compact => {
  const check = Number(compact.slice(9));
  // People born since 2000 have a 2 before the number.
  return [compact.slice(0, 9), `2${compact.slice(0, 9)}`].some(number => 97 - mod97(number) === check);
});

const swedish = id('(?:19|20)?\\d{2}(?:0[1-9]|1[0-2])(?:[0-2][1-9]|[123]0|31)[-+]\\d{4}', compact =>
  passesLuhn(compact.slice(-10)),
);

const indian = id(`[2-9]\\d{3}([ -])\\d{4}\\1\\d{4}(?![${gap}]\\d)`, compact => {
  let check = 0;
  for (let at = 0; at < compact.length; at++) {
    check = times(check, permuted(at, Number(compact.at(-1 - at))));
  }
  return check === 0;
});

/** Multiplication in the dihedral group of order 10, which Verhoeff's check digit is made of. */
function times(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b - 5) % 5) + 5;
  return b < 5 ? ((a - 5 - b + 5) % 5) + 5 : (a - b + 5) % 5;
}

const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function permuted(times: number, digit: number): number {
  let result = digit;
  for (let n = 0; n < times % 8; n++) result = permutation[result]!;
  return result;
}

/**
 * A whole value that is a number: only the French, whose 15 digits name a month and pass mod 97. The others with nothing but
 * digits are as short as ids and durations, of which a check digit or two would take too many.
 */
export const findNationalNumber: Detector = text => (/^\d{15}$/.test(text) ? french(text) : []);

/** National identity, tax and insurance numbers that have a check digit or an unmistakable shape. */
export const findNationalIds = inOrder(
  italian,
  french,
  brazilian,
  swiss,
  belgian,
  swedish,
  american,
  british,
  spanish,
  indian,
  german,
);
