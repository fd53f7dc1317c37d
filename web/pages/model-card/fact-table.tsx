import type { ReactNode } from 'react';
import { ScrollBox } from '../../ui/scroll-box.tsx';

export interface FactLine {
  id: string;
  name: ReactNode;
  /** As many as there are heads after the first. */
  cells: readonly ReactNode[];
}

interface FactTableProps {
  label: string;
  heads: readonly string[];
  lines: readonly FactLine[];
}

/** Names with figures. A table on a desk and on paper, cards on a phone. */
export function FactTable({ label, heads: [first, ...heads], lines }: FactTableProps) {
  return (
    <>
      <ScrollBox label={`Table of ${label}`} className="max-md:hidden print:block print:overflow-visible">
        <table className="w-full">
          <caption className="sr-only">{label}</caption>
          <thead>
            <tr className="text-label text-muted">
              <th scope="col" className="h-8 pr-4 text-left print:h-6">
                {first}
              </th>
              {heads.map(head => (
                <th key={head} scope="col" className="h-8 pl-4 text-right print:h-6">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map(({ id, name, cells }) => (
              <tr key={id} className="border-t border-line">
                <th scope="row" className="h-9 max-w-80 pr-4 text-left font-normal break-words print:h-6">
                  {name}
                </th>
                {cells.map((cell, at) => (
                  <td key={heads[at]} className="h-9 pl-4 text-right whitespace-nowrap print:h-6">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <p aria-hidden className="text-label text-muted md:hidden print:hidden">
        {first}
      </p>
      <ul aria-label={label} className="md:hidden print:hidden">
        {lines.map(({ id, name, cells }) => (
          <li key={id} className="border-t border-line py-2">
            <div className="min-w-0 break-words">{name}</div>
            <dl className="grid grid-cols-2 gap-x-3 gap-y-1">
              {cells.map((cell, at) => (
                <div key={heads[at]} className="min-w-0">
                  <dt className="text-label text-muted">{heads[at]}</dt>
                  <dd className="min-h-5">{cell}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}
