import type { QueueInput } from '../../data/review.ts';

/** A new queue as the form holds it. */
export interface QueueDraft {
  name: string;
  feature: string;
  lowScore: string;
  below: string;
  disagreement: string;
  flagged: boolean;
  drift: boolean;
  sample: string;
  scale: string;
  yesNo: string;
  categories: string;
  note: boolean;
  correction: boolean;
  second: string;
}

export const newQueue: QueueDraft = {
  name: '',
  feature: '',
  lowScore: '',
  below: '0.5',
  disagreement: '',
  flagged: true,
  drift: true,
  sample: '',
  scale: 'How good is the answer?',
  yesNo: '',
  categories: '',
  note: false,
  correction: true,
  second: '10',
};

/** The queue it describes, or what is wrong with it in a sentence. */
export function queueOfDraft(draft: QueueDraft): QueueInput | string {
  if (!/^[a-z0-9][a-z0-9_-]{0,59}$/.test(draft.name))
    return 'The name takes lower-case letters, digits, "_" and "-".';
  const [below, sample, second] = [draft.below, draft.sample, draft.second].map(text => Number(text));
  if (draft.lowScore && (draft.below === '' || Number.isNaN(below)))
    return 'Below which score? Give a number.';
  if (draft.sample && !(sample! > 0 && sample! <= 100)) return 'The share is a percentage from 0 to 100.';
  if (!(second! >= 0 && second! <= 100)) return 'Second opinions are a percentage from 0 to 100.';
  const fields = fieldsOf(draft);
  if (fields.length === 0) return 'Ask at least one question.';
  return {
    queue: draft.name,
    where: draft.feature ? `feature:${draft.feature.replaceAll(/[\\,]/g, found => `\\${found}`)}` : '',
    fields,
    second_opinions: second! / 100,
    rules: [
      ...(draft.lowScore ? [{ kind: 'low_score' as const, score: draft.lowScore, below: below! }] : []),
      ...(draft.disagreement
        ? [{ kind: 'disagreement' as const, scores: listOf(draft.disagreement), gap: 0.5 }]
        : []),
      ...(draft.drift ? [{ kind: 'drift' as const }] : []),
      ...(draft.flagged ? [{ kind: 'flagged' as const }] : []),
      ...(draft.sample ? [{ kind: 'sample' as const, share: sample! / 100 }] : []),
    ],
  };
}

function fieldsOf(draft: QueueDraft): QueueInput['fields'] {
  const categories = listOf(draft.categories);
  return [
    ...(draft.scale ? [{ kind: 'scale' as const, name: 'quality', title: draft.scale }] : []),
    ...(draft.yesNo ? [{ kind: 'yes_no' as const, name: 'acceptable', title: draft.yesNo }] : []),
    ...(categories.length > 1
      ? [
          {
            kind: 'category' as const,
            name: 'problem',
            title: 'What is wrong with it?',
            required: false,
            options: categories.slice(0, 9).map(value => ({ value })),
          },
        ]
      : []),
    ...(draft.correction
      ? [{ kind: 'correction' as const, name: 'correction', title: 'The better answer', required: false }]
      : []),
    ...(draft.note ? [{ kind: 'text' as const, name: 'note', title: 'Note', required: false }] : []),
  ];
}

const listOf = (text: string) =>
  text
    .split(',')
    .map(one => one.trim())
    .filter(Boolean);
