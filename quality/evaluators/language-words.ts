/** Frequent short words that tell languages of one script apart. */
export const frequentWords: Record<string, readonly string[]> = {
  en: 'the and is of to in that for it with you are this was be on not have as your will from or can what which'.split(
    ' ',
  ),
  de: 'der die das und ist nicht ein eine zu den mit von sie ich auf für dem sich auch es wird werden bei oder wie aber'.split(
    ' ',
  ),
  fr: 'le la les et est des une un que pour dans pas vous je il sur avec ce qui du au plus sont nous être cette'.split(
    ' ',
  ),
  es: 'el la los las y es que una un para por con no del se su al como más está esta pero son lo usted'.split(
    ' ',
  ),
  pt: 'o os as e é que uma um para por com não do da em se ao mais você está são como seu sua dos'.split(' '),
  it: 'il lo la gli e è che una un per con non del della di si come più sono questo nel alla anche sua le'.split(
    ' ',
  ),
  nl: 'de het een en is van niet dat je op voor met zijn te aan ook er maar als bij deze worden kan wat naar'.split(
    ' ',
  ),
  pl: 'i w nie na się że jest to do z jak po co ale czy dla od tak przez są może być tego oraz jego'.split(
    ' ',
  ),
  sv: 'och att det som är en på inte av för med den till har ett om jag du kan de var så eller från din'.split(
    ' ',
  ),
  da: 'og at det er en på ikke af for med den til har et som jeg du kan de var så eller fra din også'.split(
    ' ',
  ),
  tr: 've bir bu için ile de da ne çok olarak daha olan gibi var değil en kadar sonra ama her şey mi siz'.split(
    ' ',
  ),
  cs: 'a je na se že v to s do pro jako nebo by ale jsem jsou není které podle může být při tak aby'.split(
    ' ',
  ),
  ro: 'și este în nu de la că un o cu pe pentru din care sunt mai dar sau prin fi această ca se al'.split(
    ' ',
  ),
};

/** Languages that their script tells. Greek, Hebrew and Thai letters are each of one language only. */
export const scripts: readonly [language: string, letters: RegExp][] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ru', /\p{Script=Cyrillic}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['th', /\p{Script=Thai}/gu],
];
