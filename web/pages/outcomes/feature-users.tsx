import type { Adoption } from '../../data/outcomes.ts';
import { format } from '../../format.ts';
import { exactUsd } from '../../money.ts';
import { ScrollBox } from '../../ui/scroll-box.tsx';

/** Features by users; one opens its own adoption. */
export function FeatureUsers({ data, onOpen }: { data: Adoption; onOpen: (feature: string) => void }) {
  return (
    <ScrollBox label="Table of users by feature">
      <table className="w-full">
        <thead>
          <tr className="text-label text-muted">
            <th scope="col" className="h-8 px-4 text-left">
              Feature
            </th>
            {['Users', 'New', 'Sessions', 'Cost per user'].map(head => (
              <th key={head} scope="col" className="h-8 pr-4 text-right whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.features.map(row => (
            <tr key={row.feature} className="border-t border-line hover:bg-surface">
              <th
                scope="row"
                className="h-8 max-w-48 truncate px-4 text-left font-normal pointer-coarse:h-11"
              >
                {row.feature ? (
                  <button
                    type="button"
                    className="max-w-full truncate rounded-control text-accent hover:underline pointer-coarse:h-11"
                    onClick={() => onOpen(row.feature)}
                  >
                    {row.feature}
                  </button>
                ) : (
                  '(none)'
                )}
              </th>
              <td className="pr-4 text-right" title={format.full(row.users)}>
                {format.count(row.users)}
              </td>
              <td className="pr-4 text-right">{format.count(row.new_users)}</td>
              <td className="pr-4 text-right">{format.count(row.sessions)}</td>
              <td
                className="pr-4 text-right"
                title={row.cost_per_user_usd === null ? undefined : exactUsd(row.cost_per_user_usd)}
              >
                {format.usd(row.cost_per_user_usd)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
