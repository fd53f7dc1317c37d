import { useNavigate, useSearch } from '@tanstack/react-router';
import { Plus, Upload } from 'lucide-react';
import { useState } from 'react';
import { ago, viewerZone } from '../../clock.ts';
import { type Series, usePrices } from '../../data/prices.ts';
import { type UnpricedModel, useUnpriced } from '../../data/unpriced.ts';
import { format } from '../../format.ts';
import { PageTitle } from '../../states/page-title.tsx';
import { Button } from '../../ui/button.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { EditPrice, type PriceDraft } from './edit-price.tsx';
import { ExportPrices } from './export-prices.tsx';
import { HistorySheet } from './history-sheet.tsx';
import { ImportPrices } from './import-prices.tsx';
import { Overlays } from './overlays.tsx';
import { PriceTable } from './price-table.tsx';
import { Rates } from './rates.tsx';
import type { PricesSearch, PricesTab } from './search.ts';
import { UnpricedTable } from './unpriced-table.tsx';

const range = { from: 'now-30d', to: 'now' };

/** What every call is priced by, and how to change it. */
export function PricesPage() {
  const { tab = 'models', q = '', m } = useSearch({ from: '/prices' });
  const navigate = useNavigate({ from: '/prices' });
  const [editing, setEditing] = useState<PriceDraft | null>(null);
  const [importing, setImporting] = useState(false);
  const prices = usePrices();
  const unpriced = useUnpriced(range, true);
  const go = (change: PricesSearch) =>
    void navigate({ resetScroll: false, search: old => ({ ...old, ...change }) });
  const open = series(m);
  const waiting = unpriced.data?.models.filter(({ has_price }) => !has_price).length ?? 0;
  return (
    <>
      <PageTitle
        title="Prices"
        actions={
          <div className="flex flex-wrap gap-2">
            <Button look="primary" onClick={() => setEditing({})}>
              <Plus size={16} aria-hidden />
              Add price
            </Button>
            <Button onClick={() => setImporting(true)}>
              <Upload size={16} aria-hidden />
              Import
            </Button>
            <ExportPrices />
          </div>
        }
      >
        <p className="min-h-5 text-muted">{prices.data && <Summary prices={prices.data} />}</p>
      </PageTitle>
      <Tabs
        label="Parts of the price book"
        value={tab}
        onChange={value => go({ tab: value === 'models' ? undefined : (value as PricesTab) })}
        tabs={[
          { value: 'models', label: 'Models' },
          { value: 'unpriced', label: waiting > 0 ? `Without a price (${waiting})` : 'Without a price' },
          { value: 'overlays', label: 'Discounts and commitments' },
          { value: 'rates', label: 'Exchange rates' },
        ]}
      >
        {tab === 'models' && (
          <PriceTable
            query={prices}
            search={q}
            onSearch={text => go({ q: text || undefined })}
            onOpen={one => go({ m: [one.provider, one.model, one.region].join('\n') })}
          />
        )}
        {tab === 'unpriced' && <UnpricedTable query={unpriced} onAdd={model => setEditing(draftOf(model))} />}
        {tab === 'overlays' && <Overlays kinds={prices.data?.kinds ?? []} />}
        {tab === 'rates' && <Rates />}
      </Tabs>
      <HistorySheet series={open} onClose={() => go({ m: undefined })} onEdit={setEditing} />
      <EditPrice
        draft={editing}
        kinds={prices.data?.kinds ?? []}
        modes={prices.data?.modes ?? []}
        onClose={() => setEditing(null)}
      />
      <ImportPrices open={importing} onClose={() => setImporting(false)} />
    </>
  );
}

function Summary({ prices }: { prices: NonNullable<ReturnType<typeof usePrices>['data']> }) {
  const models = new Set(prices.prices.map(one => [one.provider, one.model].join('\n'))).size;
  const own = prices.prices.filter(one => one.own).length;
  const changed = prices.changed_at === null ? null : Date.parse(prices.changed_at);
  return (
    <>
      {format.full(models)} models{own > 0 && `, ${format.full(own)} own ${own === 1 ? 'price' : 'prices'}`}.{' '}
      {changed !== null && `Last changed ${ago(changed, Date.now(), viewerZone())}. `}
      USD per million tokens where nothing else is said.
    </>
  );
}

function series(text: string | undefined): Series | null {
  const [provider, model, region = ''] = text?.split('\n') ?? [];
  return provider && model ? { provider, model, region } : null;
}

const draftOf = ({ provider, model, request_model }: UnpricedModel): PriceDraft => ({
  provider: provider || 'unknown',
  model: model || request_model,
});
