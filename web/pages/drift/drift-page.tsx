import { useNavigate, useSearch } from '@tanstack/react-router';
import { useNewValues, useQuietDrift, useQuietSettings, useShapeDrift } from '../../data/drift.ts';
import { useOnboarding } from '../../data/onboarding.ts';
import { Empty } from '../../states/empty.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Select } from '../../ui/select.tsx';
import { NewValuesPanel } from './new-values-panel.tsx';
import { QuietPanel } from './quiet-panel.tsx';
import { QuietSettingsPanel } from './quiet-settings.tsx';
import { ShapePanel } from './shape-panel.tsx';
import { driftSentence } from './words.ts';

/** What moves without being a page: shapes, usage, gaps between cohorts, and what is new. */
export function DriftPage() {
  const { feature } = useSearch({ from: '/drift' });
  const { env } = useSearch({ strict: false });
  const navigate = useNavigate({ from: '/drift' });
  const scope = { feature, environment: env };
  const shapes = useShapeDrift(scope);
  const quiet = useQuietDrift(scope);
  const values = useNewValues(feature);
  const settings = useQuietSettings().data;
  const names = useFeatureNames(feature);
  const never = useOnboarding().data?.first_span === null;
  const choose = (value: string) =>
    void navigate({ search: before => ({ ...before, feature: value || undefined }), replace: true });
  return (
    <>
      <PageTitle
        title="Drift"
        actions={
          names.length > 0 && (
            <Select
              label="Feature"
              value={feature ?? ''}
              options={[
                { value: '', label: 'All features' },
                ...names.map(value => ({ value, label: value })),
              ]}
              onChange={choose}
            />
          )
        }
      >
        <p className="max-w-text text-muted">{driftSentence(shapes.data, quiet.data) || '\u00a0'}</p>
      </PageTitle>
      {never ? (
        <Empty what="calls" />
      ) : (
        <>
          <ShapePanel query={shapes} />
          <div className="mb-4 grid items-start gap-4 xl:grid-cols-2">
            <QuietPanel kind="usage" query={quiet} notifies={settings?.usage.notify} />
            <QuietPanel kind="fairness" query={quiet} notifies={settings?.fairness.notify} />
          </div>
          <NewValuesPanel query={values} />
          <QuietSettingsPanel />
        </>
      )}
    </>
  );
}

/** Features with calls in the last four weeks, and the chosen one. */
function useFeatureNames(chosen: string | undefined): string[] {
  const { data } = useQuietDrift({ feature: undefined, environment: undefined });
  const names = new Set(
    data?.series.flatMap(({ kind, feature }) => (kind === 'usage' && feature ? [feature] : [])),
  );
  if (chosen) names.add(chosen);
  return [...names].sort();
}
