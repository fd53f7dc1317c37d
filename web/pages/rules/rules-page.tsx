import { useNavigate, useSearch } from '@tanstack/react-router';
import { Download, Plus } from 'lucide-react';
import { useState } from 'react';
import { apiKey } from '../../data/api-key.ts';
import { useRules, useSilences } from '../../data/rules.ts';
import { Failure } from '../../states/failure.tsx';
import { PageTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { RoutesView } from './routes-view.tsx';
import { RuleForm } from './rule-form.tsx';
import { RuleList } from './rule-list.tsx';
import { rulesTabs } from './search.ts';
import { SilenceForm } from './silence-form.tsx';
import { SilenceList } from './silence-list.tsx';

/** What is watched, and how noisy is it? */
export function RulesPage() {
  const { tab = 'rules', edit } = useSearch({ from: '/rules' });
  const navigate = useNavigate({ from: '/rules' });
  const [silencing, setSilencing] = useState(false);
  const { data, error, refetch } = useRules();
  const silences = useSilences();
  const rules = data?.rules;
  const active = silences.data?.silences.filter(({ state }) => state === 'active').length ?? 0;
  const choose = (value: string) =>
    void navigate({ search: { tab: rulesTabs.find(name => name === value && name !== 'rules') } });
  const close = () => void navigate({ resetScroll: false, search: old => ({ ...old, edit: undefined }) });
  const edited = rules?.find(({ id }) => id === edit) ?? null;
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-x-4">
        <PageTitle title="Rules" />
        <div className="mb-4 flex gap-2">
          <ExportButton />
          {tab === 'silences' ? (
            <Button look="primary" onClick={() => setSilencing(true)}>
              <Plus size={16} aria-hidden />
              New silence
            </Button>
          ) : (
            <Button look="primary" onClick={() => void navigate({ search: { edit: 'new' } })}>
              <Plus size={16} aria-hidden />
              New rule
            </Button>
          )}
        </div>
      </div>
      <Tabs
        label="Rules and what becomes of them"
        value={tab}
        onChange={choose}
        tabs={[
          { value: 'rules', label: <Counted label="Rules" count={rules?.length} /> },
          { value: 'silences', label: <Counted label="Silences" count={active || undefined} /> },
          { value: 'routes', label: 'Routes' },
        ]}
      >
        {tab === 'silences' ? (
          <SilenceList />
        ) : tab === 'routes' ? (
          <RoutesView />
        ) : rules ? (
          <RuleList rules={rules} />
        ) : error ? (
          <Failure what="Could not load the rules." error={error} onRetry={() => void refetch()} />
        ) : (
          <div role="status" className="appear h-48 rounded-card bg-surface">
            <span className="sr-only">Loading</span>
          </div>
        )}
      </Tabs>
      <Dialog
        title={edited ? `Edit ${edited.name}` : 'New rule'}
        open={edit === 'new' || (edited !== null && edited.definition !== null)}
        onClose={close}
      >
        <RuleForm key={edit} rule={edited} onDone={close} />
      </Dialog>
      <Dialog title="New silence" open={silencing} onClose={() => setSilencing(false)}>
        <SilenceForm onDone={() => setSilencing(false)} />
      </Dialog>
    </>
  );
}

function Counted({ label, count }: { label: string; count: number | undefined }) {
  return (
    <>
      {label}
      {count !== undefined && <span className="text-label font-normal text-muted">{count}</span>}
    </>
  );
}

/** Everything as a driftline.yaml, to be kept beside the code. */
function ExportButton() {
  const [failed, setFailed] = useState<unknown>(null);
  const save = async () => {
    const key = apiKey();
    const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
    const response = await fetch('/api/v1/rules/driftline.yaml', { headers });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await response.blob());
    link.download = 'driftline.yaml';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Button
      title={failed ? 'It could not be exported; try again' : 'Apply it with npx driftline apply'}
      onClick={() => void save().then(() => setFailed(null), setFailed)}
    >
      <Download size={16} aria-hidden />
      <span className="max-sm:sr-only">driftline.yaml</span>
    </Button>
  );
}
