import type { DriftShape, ShapeComparison } from '#contract/drift-shape.ts';
import { cssColor } from '../../charts/palette.ts';
import { mostOf, stairs } from '../../charts/spread.ts';
import { format } from '../../format.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { ScrollBox } from '../../ui/scroll-box.tsx';
import { StatusIcon, statusText } from '../../ui/status.tsx';
import { TopicWords } from './topic-words.tsx';
import { stateLook } from './words.ts';

const HEIGHT = 88;

type Series = Pick<DriftShape['series'][number], 'feature' | 'model' | 'environment'>;

/** One shape: both histograms over each other, and the band in words. */
export function ShapeCard({ series, shape }: { series: Series; shape: ShapeComparison }) {
  const { label, text, bins } = shape;
  const look = stateLook(shape);
  return (
    <section aria-label={label} className="min-w-0 rounded-card border border-line p-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-2">
        <h3>{label}</h3>
        <span className={`flex items-center gap-1 text-label ${statusText[look.status]}`}>
          <StatusIcon status={look.status} size={14} />
          {look.label}
        </span>
      </div>
      <p className="mb-2 text-label text-muted">{text}</p>
      <Histograms shape={shape} />
      {shape.shape.endsWith('_topic') && shape.band !== 'steady' && (
        <TopicWords of={{ ...series, side: shape.shape === 'input_topic' ? 'input' : 'output' }} />
      )}
      <Disclosure summary="Figures">
        <Figures shape={shape} />
        <ScrollBox label={`Shares of ${label}`} className="max-h-60">
          <table className="w-full text-label">
            <caption className="sr-only">Shares of both windows</caption>
            <thead className="sticky top-0 bg-bg text-muted">
              <tr>
                <th scope="col" className="h-7 text-left">
                  {shape.shape.endsWith('_length') ? 'Tokens' : 'Value'}
                </th>
                <th scope="col" className="h-7 pl-3 text-right">
                  Before
                </th>
                <th scope="col" className="h-7 pl-3 text-right">
                  Last 24 h
                </th>
              </tr>
            </thead>
            <tbody>
              {bins.map(bin => (
                <tr key={bin.label} className="border-t border-line">
                  <th scope="row" className="h-7 text-left font-normal">
                    {nameOf(shape, bin.label)}
                  </th>
                  <td className="pl-3 text-right">{format.percent(bin.reference)}</td>
                  <td className="pl-3 text-right">{format.percent(bin.now)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      </Disclosure>
    </section>
  );
}

function Histograms({
  shape: { label, bins, now_n, reference_n, reference_days, shape },
}: {
  shape: ShapeComparison;
}) {
  const [before, now] = [bins.map(bin => bin.reference), bins.map(bin => bin.now)];
  const most = mostOf([{ shares: before }, { shares: now }]);
  const sides = [
    {
      name: `${Math.min(28, reference_days)} days before, n = ${format.count(reference_n)}`,
      color: 'muted',
      shares: before,
    },
    { name: `Last 24 h, n = ${format.count(now_n)}`, color: 1, shares: now },
  ] as const;
  return (
    <>
      <ul className="flex flex-wrap gap-x-3 text-label text-muted">
        {sides.map(({ name, color }) => (
          <li key={name} className="flex items-center gap-1.5">
            <span className="size-2.5 rounded-[2px]" style={{ background: cssColor(color) }} />
            {name}
          </li>
        ))}
      </ul>
      <svg
        role="img"
        aria-label={`${label}: shares of both windows, in the table below`}
        viewBox="0 -2 100 102"
        preserveAspectRatio="none"
        className="mt-2 w-full border-b border-control"
        style={{ height: HEIGHT }}
      >
        {sides.map(({ name, color, shares }) => (
          <path
            key={name}
            d={stairs(shares, most)}
            fill={cssColor(color)}
            fillOpacity={color === 'muted' ? 0.25 : 0.2}
            stroke={cssColor(color)}
            strokeWidth="1.5"
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <Axis shape={shape} bins={bins} />
    </>
  );
}

/** Sizes at both ends and in the middle, names below their bars; bins of words have no names. */
function Axis({ shape, bins }: Pick<ShapeComparison, 'shape' | 'bins'>) {
  if (shape.endsWith('_language'))
    return (
      <div aria-hidden className="flex pt-1 text-label text-muted">
        {bins.map(({ label }) => (
          <span key={label} className="min-w-0 flex-1 truncate text-center">
            {label}
          </span>
        ))}
      </div>
    );
  if (!shape.endsWith('_length'))
    return (
      <p aria-hidden className="pt-1 text-label text-muted">
        {shape.endsWith('_topic') ? 'groups of words' : 'regions of the embedding'}
      </p>
    );
  const ends = [bins[0]?.low, bins[Math.floor(bins.length / 2)]?.low, bins.at(-1)?.high];
  return (
    <div aria-hidden className="flex justify-between pt-1 text-label text-muted">
      {ends.map((end, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two ends may be equal, and their places never change
        <span key={at}>{end == null ? '' : format.plain(Math.round(end))}</span>
      ))}
    </div>
  );
}

function Figures({ shape: { psi, js_distance, w1_per_sd, centroid_distance } }: { shape: ShapeComparison }) {
  const figures = [
    ['PSI (0.1, 0.25)', psi],
    ['Jensen-Shannon (0.1)', js_distance],
    ['W1 / sd (0.1)', w1_per_sd],
    ['Distance of means', centroid_distance],
  ] as const;
  return (
    <dl className="mb-2 flex flex-wrap gap-x-4 text-label">
      {figures
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div key={name} className="flex gap-1.5">
            <dt className="text-muted">{name}</dt>
            <dd>{format.score(value, 3)}</dd>
          </div>
        ))}
    </dl>
  );
}

const languages = new Intl.DisplayNames(undefined, { type: 'language', fallback: 'none' });

function nameOf({ shape }: Pick<ShapeComparison, 'shape'>, label: string): string {
  if (!shape.endsWith('_language')) return label;
  if (label === '?') return 'too little text to tell';
  return /^[a-z]{2}$/.test(label) ? (languages.of(label) ?? label) : label;
}
