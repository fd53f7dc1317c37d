import { ago, exact, viewerZone } from '../../clock.ts';
import { type Agreement, useAgreement } from '../../data/review.ts';
import { Note } from '../../states/note.tsx';
import { Panel } from '../../states/panel.tsx';
import { plural, strength } from './words.ts';

/** How far people agree: labels nobody agrees on cannot calibrate anything. */
export function AgreementPanel({ queue }: { queue: string }) {
  const query = useAgreement(queue);
  return (
    <Panel
      title="Agreement"
      what="the agreement"
      query={query}
      height={120}
      empty={({ people }) =>
        people.length === 0 ? <Note title="Nobody has labelled anything here yet." /> : null
      }
    >
      {data => (
        <div className="flex flex-col gap-4 p-4 pt-2">
          {data.fields.length > 0 && <Fields fields={data.fields} />}
          <People data={data} />
          {data.pairs.length > data.fields.length && (
            <div>
              <h3 className="mb-1 text-label">Two by two</h3>
              <ul className="flex flex-col gap-1">
                {data.pairs.map(pair => (
                  <li key={`${pair.first} ${pair.second} ${pair.field}`}>
                    {pair.first} and {pair.second} on {pair.title}: {sentenceOf(pair)}
                  </li>
                ))}
              </ul>
            </div>
          )}
        </div>
      )}
    </Panel>
  );
}

type Figures = Agreement['fields'][number];

function Fields({ fields }: { fields: Figures[] }) {
  return (
    <dl className="grid gap-3 md:grid-cols-2 lg:grid-cols-3">
      {fields.map(field => (
        <div key={field.field} className="rounded-control bg-surface p-3">
          <dt className="text-label text-muted">{field.title}</dt>
          <dd>
            <span className="block text-figure font-semibold">
              {field.kappa === null ? '-' : field.kappa.toFixed(2)}
            </span>
            {sentenceOf(field)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function sentenceOf({ pairs, same, kappa, kappa_low: low, kappa_high: high }: Figures): string {
  if (pairs === 0 || same === null) return 'no item that two people labelled';
  const share = `the same for ${Math.round(same * 100)} % of ${plural(pairs, 'item')}`;
  if (kappa === null) return `${share}; all answers are alike, so chance would agree as well`;
  const interval = low === null || high === null ? '' : ` (${low.toFixed(2)} to ${high.toFixed(2)})`;
  return `Cohen's kappa ${kappa.toFixed(2)}${interval}, ${strength(kappa)}; ${share}`;
}

function People({ data }: { data: Agreement }) {
  const zone = viewerZone();
  return (
    <div>
      <h3 className="mb-1 text-label">People</h3>
      <ul className="flex flex-col gap-1">
        {data.people.map(({ reviewer, labelled, last_at }) => (
          <li key={reviewer}>
            {reviewer}: {plural(labelled, 'label')},{' '}
            <span className="text-muted" title={exact(Date.parse(last_at), zone)}>
              last {ago(Date.parse(last_at), Date.now(), zone)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
