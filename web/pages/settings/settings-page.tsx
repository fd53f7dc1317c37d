import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useOnboarding } from '../../data/onboarding.ts';
import { type Theme, themes, useThemeChoice } from '../../state/theme.ts';
import { Failure } from '../../states/failure.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { DemoCard } from '../onboarding/demo-card.tsx';
import { Channels } from './channels.tsx';
import { HealthFacts } from './health-facts.tsx';
import { MappingPanel } from './mapping-panel.tsx';
import { PrivacyPanel } from './privacy-panel.tsx';

const THEME_LABELS: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** The few things there are to set. */
export function SettingsPage() {
  const { data, error, refetch } = useOnboarding();
  const [theme, setTheme] = useThemeChoice();
  return (
    <>
      <PageTitle title="Settings" />
      <div className="flex max-w-[760px] flex-col gap-8">
        <Group
          title="Where alerts are sent"
          note="Everybody named here is told when an alert fires and when it is over; what does not arrive is tried again for three days."
        >
          <Channels />
        </Group>
        <Group title="Where data is received">
          {data ? (
            <>
              <dl className="flex flex-col gap-2">
                <Address label="OTLP over HTTP" value={data.otlp_http} />
                <Address label="OTLP over gRPC" value={data.otlp_grpc} />
              </dl>
              <p className="mt-3 text-muted">
                {data.key_required ? 'Senders need an ingest key.' : 'Senders need no key.'} Days and totals
                follow {data.reporting_zone}. Prompts and answers are{' '}
                {data.content_captured ? 'kept' : 'not kept'}.{' '}
                <Link to="/get-started" className="text-accent underline hover:no-underline">
                  How to send data
                </Link>
              </p>
            </>
          ) : (
            error && (
              <Failure what="Could not load the addresses." error={error} onRetry={() => void refetch()} />
            )
          )}
        </Group>
        <Group
          title="Prices"
          note="What every call is priced by: the vendors' lists, own prices, discounts and commitments, exchange rates."
        >
          <Link to="/prices" className="text-accent underline hover:no-underline">
            Open the price book
          </Link>
        </Group>
        <Group
          title="Judge"
          note="A language model that scores answers: where it is asked, what leaves this machine for it, what it may cost a day."
        >
          <Link to="/judge" className="text-accent underline hover:no-underline">
            Open the judge settings
          </Link>
        </Group>
        <Group
          title="Mapping"
          note="Where feature, tenant and the like are looked for, before the rules built in for each sender. The first key that is present wins. A span's own value wins over one of the spans above it. Changes hold for spans received from then on."
        >
          <MappingPanel />
        </Group>
        <Group
          title="Privacy"
          note="What is kept of what applications send, and what is taken out before anything is written. Changes hold for what is received from then on; what is stored stays as it is."
        >
          <PrivacyPanel />
        </Group>
        {data && (
          <Group title="Demo">
            <DemoCard demo={data.demo} />
          </Group>
        )}
        <Group title="Appearance">
          <Segmented
            label="Theme"
            value={theme}
            options={themes.map(value => ({ value, label: THEME_LABELS[value] }))}
            onChange={setTheme}
          />
        </Group>
        <Group title="Health">
          <HealthFacts />
        </Group>
      </div>
    </>
  );
}

function Group({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="text-lead">{title}</h2>
      {note && <p className="mt-0.5 text-muted">{note}</p>}
      <div className="mt-3">{children}</div>
    </section>
  );
}

function Address({ label, value }: { label: string; value: string }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <dt className="w-32 text-muted">{label}</dt>
      <dd className="flex min-w-0 items-center gap-2">
        <code className="font-mono break-all">{value}</code>
        <CopyButton square look="quiet" text={value} label={`Copy ${value}`} />
      </dd>
    </div>
  );
}
