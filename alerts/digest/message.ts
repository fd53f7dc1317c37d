import type { Digest } from '#contract/digest.ts';
import { cut } from '../channels/notice.ts';

/** Body of the weekly digest. Numbers and names only. */
interface DigestPayload {
  type: 'digest.weekly';
  timestamp: string;
  data: {
    id: string;
    title: string;
    severity: 'info';
    /** One line for each thing to say. */
    detail: string;
    from: string;
    to: string;
    series: number;
    changed: string[];
    improved: string[];
    retracted: string[];
    budget: Digest['budget'];
    /** The page that shows it. */
    url: string;
  };
}

const mostLines = 8;

export function digestPayload(digest: Digest, id: string, baseUrl: string): DigestPayload {
  const titles = (list: readonly { title: string }[]) => list.map(({ title }) => oneLine(title));
  const changed = titles(digest.changed);
  const improved = titles(digest.improved);
  const retracted = titles(digest.alerts.retracted);
  return {
    type: 'digest.weekly',
    timestamp: digest.to,
    data: {
      id,
      title: headline(digest),
      severity: 'info',
      detail: cut(linesOf(digest, { changed, improved, retracted }).join('\n'), 4000),
      from: digest.from,
      to: digest.to,
      series: digest.series,
      changed: changed.slice(0, 20),
      improved: improved.slice(0, 20),
      retracted: retracted.slice(0, 20),
      budget: digest.budget,
      url: new URL('/alerts#week', baseUrl).href,
    },
  };
}

function headline({ changed, improved, series }: Digest): string {
  const among = `of ${series.toLocaleString('en')} series`;
  if (changed.length + improved.length === 0) return `Weekly digest: none ${among} stands out`;
  return `Weekly digest: ${changed.length} ${among} changed, ${improved.length} got better`;
}

function linesOf(
  { alerts, budget, level }: Digest,
  { changed, improved, retracted }: Record<'changed' | 'improved' | 'retracted', string[]>,
): string[] {
  const listed = (name: string, titles: string[]) => [
    ...titles.slice(0, mostLines).map(title => `${name}: ${title}`),
    ...(titles.length > mostLines ? [`${name}: ${titles.length - mostLines} more`] : []),
  ];
  const expected = budget.expected_false_alarms;
  return [
    ...listed('Changed', changed),
    ...listed('Better', improved),
    ...listed('Retracted', retracted),
    `Alerts: ${alerts.opened} opened, ${alerts.resolved} resolved.`,
    `False-alarm budget: at most ${expected < 0.01 ? 'less than 0.01' : expected.toFixed(2)} of ${budget.false_alarms_per_week} a week spent, ${budget.judged_noise} of ${budget.pages} pages judged noise.`,
    ...(changed.length + improved.length > 0
      ? [`Of the series named, at most ${100 * level} % are expected to have changed by chance alone.`]
      : []),
  ];
}

/** Names come from senders: no line may begin where one of ours does not. */
const oneLine = (text: string) => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
