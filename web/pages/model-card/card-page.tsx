import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Download, Printer } from 'lucide-react';
import type { VersionDimension } from '#contract/model-card.ts';
import { dayTime, viewerZone } from '../../clock.ts';
import { useDownload } from '../../data/download.ts';
import { cardMarkdownAddress, type ModelCard, useModelCard } from '../../data/model-card.ts';
import { format } from '../../format.ts';
import { Failure } from '../../states/failure.tsx';
import { PagePending } from '../../states/page-states.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { Gaps, Golden, Judges } from './checked.tsx';
import { KnownFailures } from './failures.tsx';
import { Figures, Quality, Versions } from './known.tsx';
import { type CardWindow, cardWindows } from './search.ts';
import { Section } from './section.tsx';
import { Written } from './written.tsx';
import '../statement/print.css';

const windowLabels: Record<CardWindow, string> = {
  '30d': 'Last 30 days',
  '7d': 'Last 7 days',
  '90d': 'Last 90 days',
};

/** What is known of a feature, or of one version of it, on a page that can be printed. */
export function CardPage() {
  const { feature } = useParams({ from: '/features/$feature/card' });
  const { v, w } = useSearch({ from: '/features/$feature/card' });
  const navigate = useNavigate();
  const download = useDownload();
  const span = w ?? '30d';
  const from = `now-${span}`;
  const asked = { ...(v === undefined ? {} : { version: v }), from };
  const card = useModelCard(feature, asked);
  // Versions to choose from are those of all calls, whichever is shown.
  const all = useModelCard(feature, { from });
  const show = (search: { v?: string | undefined; w?: CardWindow | undefined }) =>
    void navigate({
      to: '/features/$feature/card',
      params: { feature },
      search: old => ({ ...old, v, w, ...search }),
      replace: true,
    });
  return (
    <>
      <div className="mx-auto mb-4 flex max-w-[980px] flex-wrap items-center gap-2 print:hidden">
        <Select
          label="Version"
          value={v ?? ''}
          options={versionOptions(all.data, v)}
          onChange={value => show({ v: value || undefined })}
        />
        <Select
          label="Data window"
          value={span}
          options={cardWindows.map(value => ({ value, label: windowLabels[value] }))}
          onChange={value => show({ w: value === '30d' ? undefined : value })}
        />
        <span className="grow max-md:hidden" />
        <Button
          disabled={download.isPending}
          onClick={() =>
            download.mutate({
              address: cardMarkdownAddress(feature, asked),
              name: `model-card-${feature}.md`,
            })
          }
        >
          <Download size={16} aria-hidden />
          Markdown
        </Button>
        <Button onClick={() => window.print()} disabled={!card.data}>
          <Printer size={16} aria-hidden />
          Print
        </Button>
      </div>
      {download.error && <Failure what="The card could not be saved." error={download.error} />}
      {card.data ? (
        <Card card={card.data} />
      ) : card.error ? (
        <>
          <PageTitle title={`Model card: ${feature}`} />
          <Failure what="Could not load the card." error={card.error} onRetry={() => void card.refetch()} />
        </>
      ) : (
        <div className="mx-auto max-w-[980px]">
          <PagePending />
        </div>
      )}
    </>
  );
}

const dimensions: VersionDimension[] = ['prompt', 'release', 'model', 'variant'];

/** As the API takes them; a comma or backslash in a name is escaped. */
function versionOptions(card: ModelCard | undefined, chosen: string | undefined) {
  const options = dimensions.flatMap(dimension =>
    (card?.versions[dimension] ?? [])
      .filter(({ name }) => name !== '')
      .map(({ name }) => ({
        value: `${dimension}:${name.replace(/[\\,]/g, found => `\\${found}`)}`,
        label: `${dimension} ${name}`,
      })),
  );
  const known = chosen === undefined || options.some(({ value }) => value === chosen);
  return [
    { value: '', label: 'All versions' },
    ...options,
    ...(known ? [] : [{ value: chosen, label: chosen.replace(':', ' ') }]),
  ];
}

function Card({ card }: { card: ModelCard }) {
  const { feature, version, calls, first_call, last_call } = card;
  const which = version.map(({ dimension, value }) => `${dimension} ${value}`).join(', ');
  const at = (iso: string) => dayTime(Date.parse(iso), viewerZone());
  return (
    <article
      data-statement
      className="mx-auto max-w-[980px] rounded-card border border-line bg-bg p-6 max-md:border-0 max-md:p-0"
    >
      <PageTitle title={`Model card: ${feature}`}>
        <p className="max-w-text text-muted">
          {which ? `Version ${which}` : 'All versions'}. {at(card.from)} to {at(card.to)}.{' '}
          {calls === 0 || !first_call || !last_call
            ? 'No calls in this window.'
            : `Made of ${format.full(calls)} calls, the first ${at(first_call)}, the last ${at(last_call)}.`}{' '}
          Generated from live data {at(card.generated_at)}.
        </p>
      </PageTitle>
      <Written card={card} />
      <Versions card={card} />
      <Quality card={card} />
      <KnownFailures card={card} />
      <Figures card={card} />
      <Golden card={card} />
      <Gaps card={card} />
      <Judges card={card} />
      {card.missing.length > 0 && (
        <Section title="What is missing">
          <ul className="list-disc pl-4">
            {card.missing.map(sentence => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Section>
      )}
    </article>
  );
}
