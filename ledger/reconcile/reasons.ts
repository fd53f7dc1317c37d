import type { Reason, ReconcileReason } from '#contract/reconcile.ts';
import { usdFromNanos } from '#store/queries/usd.ts';
import type { ExplainedCell, ExplainedModel } from './explain.ts';
import { callsKey, type Sides } from './sides.ts';

/** Prices are called the same multiple of ours when they differ by less than this. */
const SAME_RATIO = 1e-3;

/** Why ours and theirs differ, the largest amounts first; with what is unexplained they add up to the difference. */
export function reasonsOf(models: readonly ExplainedModel[], sides: Sides): Reason[] {
  const reasons = models.flatMap(model => {
    const name = sides.names.get(model.model) ?? model.model;
    return [
      notInstrumented(model, name, sides),
      doubleCounted(model, name),
      ...unpriced(model, name, sides),
      countedMore(model, name),
      otherCharges(model),
    ].filter(reason => reason !== null);
  });
  const all = [...reasons, ...priceDiffers(models, sides), ...rounding(models)];
  return all.sort((a, b) => Math.abs(Number(b.amount_usd)) - Math.abs(Number(a.amount_usd)));
}

const blank = {
  kind: '',
  share: null,
  shared: null,
  tokens: null,
  calls: null,
  ratio: null,
  services: [],
} satisfies Partial<Reason>;

function notInstrumented(explained: ExplainedModel, model: string, sides: Sides): Reason | null {
  const amount = amountOf(explained.cells, 'not_instrumented');
  const cells = explained.cells.filter(({ parts }) => parts.has('not_instrumented'));
  if (cells.length === 0 || amount <= 0n) return null;
  const calls = callsOf(sides, explained);
  const missingCalls =
    calls.theirs === null ? null : calls.theirs - (calls.ours - (explained.doubled?.calls ?? 0));
  const missing = sum(cells.map(({ missingUnits }) => missingUnits));
  const theirs = sum(explained.cells.map(cell => cell.missingUnits + cell.cell.ourUnits - cell.doubledUnits));
  const byCalls = missingCalls !== null && calls.theirs !== null && calls.theirs > 0 && missingCalls >= 0;
  const share = byCalls ? missingCalls / calls.theirs! : theirs > 0 ? missing / theirs : 1;
  const what = byCalls ? 'calls to' : 'tokens of';
  return {
    ...blank,
    reason: 'not_instrumented',
    amount_usd: usd(amount),
    model,
    share,
    shared: byCalls ? 'calls' : 'tokens',
    tokens: String(Math.round(missing)),
    calls: byCalls ? Math.round(missingCalls) : null,
    text: explained.isTheirsOnly
      ? `No call to ${model || 'it'} ever reached Driftline.`
      : `${percent(share)} of the ${what} ${model || 'all models'} that they bill never reached Driftline: something that calls it is not instrumented.`,
  };
}

function doubleCounted({ cells, doubled }: ExplainedModel, model: string): Reason | null {
  if (!doubled) return null;
  const tokens = sum(cells.map(({ doubledUnits }) => doubledUnits));
  const where = doubled.services.filter(service => service !== '').join(', ');
  const by = where === '' ? '' : ` by ${where}`;
  return {
    ...blank,
    reason: 'double_counted',
    amount_usd: usd(amountOf(cells, 'double_counted')),
    model,
    kind: doubled.what === 'cache' ? 'input' : '',
    tokens: String(Math.round(tokens)),
    calls: doubled.what === 'calls' ? doubled.calls : null,
    services: doubled.services,
    text:
      doubled.what === 'cache'
        ? `Cached tokens of ${model} are counted twice${by}: once as cached and once more as input.`
        : `Calls to ${model} are recorded twice${by}, by two instrumentations of one client perhaps.`,
  };
}

function unpriced({ cells, model }: ExplainedModel, name: string, sides: Sides): Reason[] {
  const amount = amountOf(cells, 'unpriced');
  if (amount === 0n) return [];
  const withoutPrice = sum(cells.map(({ cell }) => cell.ourUnpricedUnits));
  let calls = 0;
  for (let day = 0; day < sides.days; day += 1)
    calls += sides.calls.get(callsKey(day, model))?.ourUnpriced ?? 0;
  const text =
    withoutPrice > 0
      ? `Calls to ${name} have no price here: add one, and they are counted.`
      : `Calls to ${name} arrive without token counts (streams without usage, perhaps).`;
  return [
    {
      ...blank,
      reason: 'unpriced',
      amount_usd: usd(amount),
      model: name,
      tokens: String(Math.round(withoutPrice)),
      calls,
      text,
    },
  ];
}

function countedMore({ cells, isOursOnly }: ExplainedModel, model: string): Reason | null {
  const amount = amountOf(cells, 'counted_more');
  if (!isOursOnly || amount === 0n) return null;
  return {
    ...blank,
    reason: 'counted_more',
    amount_usd: usd(amount),
    model,
    tokens: String(Math.round(sum(cells.map(({ cell }) => cell.ourUnits)))),
    text: `The file has no line about ${model || 'it'}: another account or another provider bills it.`,
  };
}

function otherCharges({ cells }: ExplainedModel): Reason | null {
  const amount = amountOf(cells, 'other_charges');
  if (amount === 0n) return null;
  const text = 'Taxes, credits, fees and the like, which no call causes.';
  return { ...blank, reason: 'other_charges', amount_usd: usd(amount), model: '', text };
}

/** One reason for a model whose kinds all cost the same multiple, and one for all models if all of them do. */
function priceDiffers(models: readonly ExplainedModel[], sides: Sides): Reason[] {
  const perModel = models.flatMap(explained =>
    priceOfModel(explained, sides.names.get(explained.model) ?? explained.model),
  );
  const whole = perModel.every(({ kind }) => kind === '') && isOne(perModel.map(({ ratio }) => ratio));
  if (perModel.length < 2 || !whole) return perModel;
  const amount = perModel.reduce((all, { amount_usd }) => all + BigInt(amount_usd.replace('.', '')), 0n);
  return [priceReason(amount, '', '', perModel[0]!.ratio)];
}

function priceOfModel({ cells }: ExplainedModel, model: string): Reason[] {
  const kinds = [...new Set(cells.map(({ cell }) => cell.kind))].flatMap(kind => {
    const own = cells.filter(({ cell, parts }) => cell.kind === kind && parts.has('price_differs'));
    const amount = amountOf(own, 'price_differs');
    if (own.length === 0 || amount === 0n) return [];
    const theirs = own.reduce((all, { theirNanos }) => all + theirNanos, 0n);
    const atOurs = Number(theirs - amount);
    return [{ kind, amount, ratio: atOurs > 0 ? Number(theirs) / atOurs : null }];
  });
  if (kinds.length > 1 && isOne(kinds.map(({ ratio }) => ratio))) {
    const amount = kinds.reduce((all, one) => all + one.amount, 0n);
    return [priceReason(amount, model, '', kinds[0]!.ratio)];
  }
  return kinds.map(({ kind, amount, ratio }) => priceReason(amount, model, kind, ratio));
}

function priceReason(amount: bigint, model: string, kind: Reason['kind'], ratio: number | null): Reason {
  const what = `${kind === '' ? 'All kinds' : words(kind)} of ${model === '' ? 'all models' : model}`;
  const text =
    ratio === null
      ? `${what} have another price.`
      : ratio < 1
        ? `${what} cost ${percent(1 - ratio)} less than our price: a discount that the price book does not know?`
        : `${what} cost ${percent(ratio - 1)} more than our price: is the price book out of date?`;
  return { ...blank, reason: 'price_differs', amount_usd: usd(amount), model, kind, ratio, text };
}

function rounding(models: readonly ExplainedModel[]): Reason[] {
  const cells = models.flatMap(model => model.cells);
  // Nothing but calls near midnight: too little for a reason of its own.
  const edges = models.reduce((all, model) => {
    const amount = amountOf(model.cells, 'not_instrumented');
    return amount <= 0n ? all + amount : all;
  }, 0n);
  const amount = amountOf(cells, 'rounding') + edges;
  if (amount === 0n) return [];
  const text = 'Amounts are rounded, and calls around midnight may count on either side.';
  return [{ ...blank, reason: 'rounding', amount_usd: usd(amount), model: '', text }];
}

const amountOf = (cells: readonly ExplainedCell[], reason: ReconcileReason) =>
  cells.reduce((all, { parts }) => all + (parts.get(reason) ?? 0n), 0n);

function callsOf(sides: Sides, { model }: ExplainedModel): { theirs: number | null; ours: number } {
  let [theirs, ours]: [number | null, number] = [null, 0];
  for (let day = 0; day < sides.days; day += 1) {
    const calls = sides.calls.get(callsKey(day, model));
    if (!calls) continue;
    ours += calls.ours;
    if (calls.theirs !== null) theirs = (theirs ?? 0) + calls.theirs;
  }
  return { theirs, ours };
}

function isOne(ratios: readonly (number | null)[]): boolean {
  const [first] = ratios;
  return first != null && ratios.every(ratio => ratio !== null && Math.abs(ratio / first - 1) < SAME_RATIO);
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const usd = (nanos: bigint) => usdFromNanos(nanos.toString())!;
const words = (kind: string) => `${kind.charAt(0).toUpperCase()}${kind.slice(1).replaceAll('_', ' ')} tokens`;
const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
