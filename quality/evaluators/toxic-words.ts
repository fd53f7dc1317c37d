/**
 * Strong insults and slurs, a few per language, lower-case. It finds the plain cases only and is meant for answers of a model, where
 * each of them is worth a look; add your own in the settings.
 */
export const toxicWords: readonly string[] = [
  // English
  'asshole',
  'bastard',
  'bitch',
  'cunt',
  'dickhead',
  'faggot',
  'fuck',
  'fucker',
  'fucking',
  'motherfucker',
  'nigger',
  'retard',
  'shithead',
  'slut',
  'twat',
  'wanker',
  'whore',
  'kill yourself',
  'go to hell',
  // German
  'arschloch',
  'fotze',
  'hurensohn',
  'missgeburt',
  'schlampe',
  'wichser',
  'verpiss dich',
  'fick dich',
  'halt die fresse',
  // French
  'connard',
  'connasse',
  'enculé',
  'fils de pute',
  'salope',
  'va te faire foutre',
  'ta gueule',
  // Spanish
  'cabrón',
  'gilipollas',
  'hijo de puta',
  'maricón',
  'pendejo',
  'vete a la mierda',
  // Portuguese
  'filho da puta',
  'viado',
  'vai se foder',
  'arrombado',
  // Italian
  'stronzo',
  'vaffanculo',
  'figlio di puttana',
  'troia',
  // Dutch
  'klootzak',
  'kutwijf',
  'hoerenzoon',
  // Polish
  'skurwysyn',
  'kurwa',
  'spierdalaj',
  // Russian
  'блядь',
  'сука',
  'пидор',
  'иди нахуй',
];
