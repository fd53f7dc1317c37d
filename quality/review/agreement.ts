import type { FieldAgreement, ReviewAgreement, ReviewField } from '#contract/review.ts';
import { listLabels, type ReviewOpinionRow } from '#store/state/review-opinions.ts';
import type { ReviewDeps } from './deps.ts';
import type { KeptLabel } from './items.ts';
import { fieldsOf, findQueue } from './queues.ts';

/** What two people said of one thing. */
export type Pair = readonly [string, string];

export interface Kappa {
  pairs: number;
  /** Share that is the same; null without pairs. */
  same: number | null;
  /** Null without pairs, or when chance alone would make them agree. */
  kappa: number | null;
  low: number | null;
  high: number | null;
}

/**
 * Cohen's kappa (Cohen 1960; of ordered categories with quadratic weights, Cohen 1968) with the 95 % interval of the large-sample
 * variance by Fleiss, Cohen and Everitt (1969). `order` lists the categories of a scale from low to high; without it all
 * differences are alike.
 */
export function cohenKappa(pairs: readonly Pair[], order?: readonly string[]): Kappa {
  const n = pairs.length;
  if (n === 0) return { pairs: 0, same: null, kappa: null, low: null, high: null };
  const names = order ?? [...new Set(pairs.flat())].sort();
  const weight = (i: number, j: number) =>
    order ? 1 - ((i - j) / Math.max(1, names.length - 1)) ** 2 : i === j ? 1 : 0;
  const cells = names.map(() => names.map(() => 0));
  for (const [first, second] of pairs) cells[names.indexOf(first)]![names.indexOf(second)]! += 1 / n;
  const rows = cells.map(row => sum(row));
  const columns = names.map((_, j) => sum(cells.map(row => row[j]!)));
  const over = (term: (i: number, j: number) => number) =>
    sum(names.map((_, i) => sum(names.map((_, j) => term(i, j)))));
  const observed = over((i, j) => weight(i, j) * cells[i]![j]!);
  const expected = over((i, j) => weight(i, j) * rows[i]! * columns[j]!);
  const same = pairs.filter(([first, second]) => first === second).length / n;
  if (1 - expected < 1e-12) return { pairs: n, same, kappa: null, low: null, high: null };
  const kappa = (observed - expected) / (1 - expected);
  // Mean weights of a row and of a column, by the other person's shares.
  const ofRow = names.map((_, i) => sum(names.map((_, j) => columns[j]! * weight(i, j))));
  const ofColumn = names.map((_, j) => sum(names.map((_, i) => rows[i]! * weight(i, j))));
  const spread = over(
    (i, j) => cells[i]![j]! * (weight(i, j) - (ofRow[i]! + ofColumn[j]!) * (1 - kappa)) ** 2,
  );
  const variance = (spread - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2);
  const half = 1.959964 * Math.sqrt(Math.max(0, variance));
  return { pairs: n, same, kappa, low: Math.max(-1, kappa - half), high: Math.min(1, kappa + half) };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** How far the people of a queue agree; of an item that more than two labelled every two of them are a pair. */
export async function agreementOf(deps: ReviewDeps, queueName: string): Promise<ReviewAgreement> {
  const queue = await findQueue(deps, queueName);
  const labels = await listLabels(deps.state, queue.queue_id);
  const fields = fieldsOf(queue).filter(({ kind }) => kind !== 'text' && kind !== 'correction');
  const both = pairsOf(labels.filter(({ schema_version }) => schema_version === queue.schema_version));
  const people = new Map<string, { labelled: number; last_at: string }>();
  for (const { reviewer, at } of labels)
    people.set(reviewer, { labelled: (people.get(reviewer)?.labelled ?? 0) + 1, last_at: at });
  const couples = new Map<string, LabelPair[]>();
  for (const pair of both) {
    const key = JSON.stringify([pair.first.reviewer, pair.second.reviewer]);
    couples.set(key, [...(couples.get(key) ?? []), pair]);
  }
  return {
    fields: fields.map(field => agreementOn(field, both)),
    people: [...people].map(([reviewer, said]) => ({ reviewer, ...said })),
    pairs: [...couples].flatMap(([key, pairs]) => {
      const [first, second] = JSON.parse(key) as [string, string];
      return fields.map(field => ({ ...agreementOn(field, pairs), first, second }));
    }),
  };
}

interface LabelPair {
  first: ReviewOpinionRow;
  second: ReviewOpinionRow;
}

/** Always in the order of the names, so that two people are one couple. */
function pairsOf(labels: readonly ReviewOpinionRow[]): LabelPair[] {
  const byItem = new Map<string, ReviewOpinionRow[]>();
  for (const label of labels) byItem.set(label.item_id, [...(byItem.get(label.item_id) ?? []), label]);
  return [...byItem.values()].flatMap(said => {
    const sorted = said.sort((a, b) => (a.reviewer < b.reviewer ? -1 : 1));
    return sorted.flatMap((first, at) => sorted.slice(at + 1).map(second => ({ first, second })));
  });
}

function agreementOn(field: ReviewField, both: readonly LabelPair[]): FieldAgreement {
  const wordOf = ({ said }: ReviewOpinionRow) => (JSON.parse(said) as KeptLabel).values[field.name];
  const pairs = both.flatMap(({ first, second }): Pair[] => {
    const [one, other] = [wordOf(first), wordOf(second)];
    return one === undefined || other === undefined ? [] : [[String(one), String(other)]];
  });
  const order =
    field.kind === 'scale' ? Array.from({ length: field.points }, (_, at) => String(at + 1)) : undefined;
  const { pairs: n, same, kappa, low, high } = cohenKappa(pairs, order);
  const about = { field: field.name, title: field.title };
  return { ...about, pairs: n, same, kappa, kappa_low: low, kappa_high: high };
}
