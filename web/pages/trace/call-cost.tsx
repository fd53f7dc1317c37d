import type { ReactNode } from 'react';
import type { Call } from '#contract/trace.ts';
import { format, MISSING } from '../../format.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { costLines } from './cost-lines.ts';

/** Tokens by kind and what they cost. */
export function CallCost({ call }: { call: Call }) {
  const lines = costLines(call);
  return (
    <>
      <table className="w-full">
        <tbody>
          <Row label="Input tokens">{format.full(call.input_tokens ?? call.embedding_tokens)}</Row>
          {call.cache_read_tokens !== null && (
            <Row label="of which from cache">{format.full(call.cache_read_tokens)}</Row>
          )}
          {call.cache_write_tokens !== null && (
            <Row label="of which written to cache">{format.full(call.cache_write_tokens)}</Row>
          )}
          <Row label="Output tokens">{format.full(call.output_tokens)}</Row>
          {call.reasoning_tokens !== null && (
            <Row label="of which reasoning">{format.full(call.reasoning_tokens)}</Row>
          )}
          <Row label="Cost" strong>
            {call.cost_usd === null ? <Unpriced call={call} /> : format.usd(call.cost_usd)}
          </Row>
        </tbody>
      </table>
      {lines.length > 0 && (
        <Disclosure summary="How was this computed?">
          <table className="w-full text-label">
            <thead className="text-muted">
              <tr>
                <th scope="col" className="h-7 text-left font-normal">
                  Kind
                </th>
                <th scope="col" className="h-7 text-right font-normal">
                  Tokens
                </th>
                <th scope="col" className="h-7 text-right font-normal">
                  $ per million
                </th>
                <th scope="col" className="h-7 text-right font-normal">
                  Cost
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map(line => (
                <tr key={line.kind} className="border-t border-line">
                  <th scope="row" className="h-7 text-left font-normal">
                    {line.label}
                  </th>
                  <td className="h-7 text-right">{format.full(line.tokens)}</td>
                  <td className="h-7 text-right">{format.usd(line.perMillionUsd)}</td>
                  <td className="h-7 text-right" title={`$${line.usd}`}>
                    {format.usd(line.usd)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="mt-2 text-label text-muted">
            Price list {call.price_version}; kept to the nano-dollar: ${call.cost_usd}.
            {call.client_cost_usd !== null &&
              ` The sender itself reported ${format.usd(call.client_cost_usd)}.`}
          </p>
        </Disclosure>
      )}
    </>
  );
}

function Row({ label, strong, children }: { label: string; strong?: boolean; children: ReactNode }) {
  const part = label.startsWith('of which');
  return (
    <tr className={strong ? 'border-t border-line font-semibold' : part ? 'text-muted' : undefined}>
      <th scope="row" className={`h-7 text-left ${strong ? '' : 'font-normal'} ${part ? 'pl-4' : ''}`}>
        {label}
      </th>
      <td className="h-7 text-right">{children}</td>
    </tr>
  );
}

/** No price is not a price of zero. */
function Unpriced({ call }: { call: Call }) {
  if (call.cost_low_usd !== null && call.cost_high_usd !== null)
    return (
      <span title="Only a lower and an upper bound can be given">
        {format.usd(call.cost_low_usd)} to {format.usd(call.cost_high_usd)}
      </span>
    );
  return (
    <span className="font-normal text-warning" title={`No price is known for ${call.model || 'this model'}`}>
      {MISSING} no price known
    </span>
  );
}
