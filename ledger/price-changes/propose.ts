import { createHash } from 'node:crypto';
import type { PriceChange, PricePreview } from '#contract/price.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import { type PriceStatements, priceBookOf, readPriceStatements } from '#store/prices/load.ts';
import { dateText } from '#store/prices/statements.ts';
import type { StateDb } from '#store/state/open.ts';
import { addPriceAliases, addPrices, changePriceBook, readPriceRevision } from '#store/state/prices.ts';
import { effectOf } from './effect.ts';
import { listedModelProblem } from './listed-model.ts';
import { type Plan, planChanges } from './plan.ts';
import { saidByChanges, saidByFile } from './read-file.ts';
import type { Said } from './said.ts';

/** What somebody wants to change: one by one, or by a file. */
export interface Proposal {
  changes: PriceChange[];
  file: { name: string; text: string } | null;
  skip_bad_rows: boolean;
}

/** Why a proposal is not applied. */
export class ProposalRefused extends Error {
  readonly reason: 'outdated' | 'problems' | 'nothing';

  constructor(reason: ProposalRefused['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

const differencesShown = 5000;
const problemsShown = 500;

/** What a proposal would change, and what that means in money. Nothing is written. */
export async function previewProposal(
  { state, clickhouse }: { state: StateDb; clickhouse: ClickHouse },
  proposal: Proposal,
  { projectId, nowMs, signal }: { projectId: string; nowMs: number; signal?: AbortSignal },
): Promise<PricePreview> {
  // Before the statements: when somebody changes them in between, this preview cannot be confirmed.
  const { revision } = await readPriceRevision(state);
  const book = await readPriceStatements(state);
  const said = saidBy(proposal, book);
  const plan = planChanges(book, said, { knownFrom: new Date(nowMs).toISOString(), notedBy: '', note: '' });
  const changes = plan.prices.length + plan.aliases.length > 0;
  const question = {
    projectId,
    nowMs,
    before: priceBookOf(book),
    after: priceBookOf(withPlan(book, plan)),
    asOfMs: Math.max(nowMs, plan.lastFromMs),
  };
  return {
    hash: hashOf(proposal, revision),
    differences: plan.differences.slice(0, differencesShown),
    counts: plan.counts,
    problems: said.problems.slice(0, problemsShown),
    effect: changes ? await effectOf(clickhouse, { ...question, ...(signal && { signal }) }) : null,
    past: pastOf(plan),
  };
}

/**
 * Writes down what was previewed under `hash`. Throws ProposalRefused, writing nothing, when the book or the proposal is another
 * by now, when there are bad rows that nobody agreed to leave out, and when there is nothing to write.
 */
export async function applyProposal(
  state: StateDb,
  proposal: Proposal,
  confirmed: { hash: string; notedBy: string; note: string; nowMs: number },
) {
  const { hash, nowMs, notedBy, note } = confirmed;
  const done = await changePriceBook(state, nowMs, async (transaction, knownFrom, { revision }) => {
    if (hash !== hashOf(proposal, revision))
      throw new ProposalRefused(
        'outdated',
        'The price book or these changes are others than in the preview. Look at the changes again.',
      );
    const book = await readPriceStatements(transaction);
    const said = saidBy(proposal, book);
    if (said.problems.length > 0 && !proposal.skip_bad_rows)
      throw new ProposalRefused('problems', problemsText(said));
    const plan = planChanges(book, said, { knownFrom, notedBy, note });
    const added = plan.prices.length + plan.aliases.length;
    if (added === 0) throw new ProposalRefused('nothing', 'The price book says all of this already.');
    await addPrices(transaction, plan.prices);
    await addPriceAliases(transaction, plan.aliases);
    return { revision: revision + 1, known_from: knownFrom, added, past: pastOf(plan) };
  });
  if (done === null) throw new Error('a change of prices wrote nothing and did not say why');
  return done;
}

function saidBy({ changes, file }: Proposal, book: PriceStatements): Said {
  const one = saidByChanges(changes);
  const good = one.prices.filter(price => {
    const what = listedModelProblem(price);
    if (what !== null) one.problems.push({ line: null, what: `${price.model}: ${what}` });
    return what === null;
  });
  const said = { ...one, prices: good };
  if (!file) return said;
  const { prices, aliases, problems } = saidByFile(file, book);
  return {
    prices: [...said.prices, ...prices],
    aliases: [...said.aliases, ...aliases],
    problems: [...said.problems, ...problems],
  };
}

const withPlan = (book: PriceStatements, plan: Plan): PriceStatements => ({
  ...book,
  prices: [...book.prices, ...plan.prices],
  aliases: [...book.aliases, ...plan.aliases],
});

const pastOf = ({ past }: Plan) =>
  past && { from: dateText(past.fromMs), to: new Date(past.toMs).toISOString() };

const hashOf = ({ changes, file, skip_bad_rows }: Proposal, revision: number) =>
  createHash('sha256')
    .update(JSON.stringify([revision, changes, file?.name ?? null, file?.text ?? null, skip_bad_rows]))
    .digest('hex');

function problemsText({ problems }: Said): string {
  const shown = problems
    .slice(0, 3)
    .map(({ line, what }) => (line === null ? what : `line ${line}: ${what}`));
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : '';
  return `${shown.join('; ')}${more}`;
}
