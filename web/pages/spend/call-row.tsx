import { Link } from '@tanstack/react-router';
import type { SpendCall } from '#contract/spend.ts';
import { dayTime, exact, viewerZone } from '../../clock.ts';
import { format, MISSING } from '../../format.ts';
import { exactUsd, minusUsd, signedUsd } from '../../money.ts';
import { Disclosure } from '../../ui/disclosure.tsx';
import { kindLabels, lineLabels } from './words.ts';

/** One call: when, what, how much; opened, every kind with its units and price. */
export function CallRow({ call, zone }: { call: SpendCall; zone: string }) {
  const startMs = Date.parse(call.start_time);
  return (
    <li className="border-t border-line px-3 py-1 first:border-t-0">
      <Disclosure
        summary={
          <span className="flex min-w-0 flex-1 items-baseline justify-between gap-2 text-ink">
            <span className="min-w-0 wrap-anywhere">
              <span className="text-muted max-md:block max-md:text-label" title={exact(startMs, zone)}>
                {dayTime(startMs, viewerZone())}
              </span>{' '}
              {call.feature || '(no feature)'}, {call.model || call.request_model || '(no model)'}
            </span>
            <span
              className="whitespace-nowrap"
              title={call.cost_usd === null ? undefined : exactUsd(call.cost_usd)}
            >
              <CallCost call={call} />
            </span>
          </span>
        }
      >
        <table className="mb-1 w-full text-label">
          <thead className="sr-only">
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Units times price</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {call.kinds.map(({ kind, units, price, per, cost_usd }) => (
              <tr key={kind}>
                <th scope="row" className="h-6 text-left font-normal">
                  {kindLabels[kind]}
                </th>
                <td className="h-6 pl-2 text-right text-muted">
                  {format.full(units)} ×{' '}
                  {price === null
                    ? 'price not kept'
                    : `$${price} / ${per === 'million_tokens' ? '1M' : '1k'}`}
                </td>
                <td className="h-6 pl-2 text-right font-mono">
                  {cost_usd === null ? MISSING : exactUsd(cost_usd)}
                </td>
              </tr>
            ))}
            {call.repricings.map(one => (
              <tr key={one.posting_id}>
                <th scope="row" className="h-6 text-left font-normal">
                  Repriced
                </th>
                <td className="h-6 pl-2 text-right text-muted">
                  {one.price_version_before || 'no price'} → {one.price_version || 'no price'}
                </td>
                <td className="h-6 pl-2 text-right font-mono">{signedUsd(one.change_usd)}</td>
              </tr>
            ))}
            {call.list_usd !== null && call.booked_usd !== null && (
              <tr>
                <th scope="row" className="h-6 text-left font-normal">
                  List price
                </th>
                <td className="h-6 pl-2 text-right text-muted">
                  less {exactUsd(minusUsd(call.list_usd, call.booked_usd))} as agreed
                </td>
                <td className="h-6 pl-2 text-right font-mono text-muted">{exactUsd(call.list_usd)}</td>
              </tr>
            )}
            {call.cost_usd !== null && (
              <tr className="border-t border-line font-semibold">
                <th scope="row" colSpan={2} className="h-6 text-left">
                  Cost of the call
                </th>
                <td className="h-6 pl-2 text-right font-mono">{exactUsd(call.cost_usd)}</td>
              </tr>
            )}
          </tbody>
        </table>
        <p className="mb-2 text-label text-muted">
          {lineLabels[call.line as keyof typeof lineLabels] ?? call.line}
          {call.attempts > 1 && `, ${call.attempts} attempts`}
          {call.price_version && `, price ${call.price_version}`}
          {call.service_tier && `, ${call.service_tier} tier`}
          {call.client_usd !== null && `, the sender said ${format.usd(call.client_usd)}`}.{' '}
          <Link
            to="/traces/$traceId"
            params={{ traceId: call.trace_id }}
            search={{ span: call.span_id }}
            className="text-accent hover:underline"
          >
            Open the trace
          </Link>
        </p>
      </Disclosure>
    </li>
  );
}

/** No price is not a price of zero. */
function CallCost({ call: { cost_usd, low_usd, high_usd, flags } }: { call: SpendCall }) {
  if (cost_usd !== null && flags.includes('estimated_tokens'))
    return (
      <span
        className="text-warning"
        title={`The sender estimated its tokens: at least ${low_usd === null ? 'nothing' : exactUsd(low_usd)}, ${high_usd === null ? 'no upper bound' : `at most ${exactUsd(high_usd)}`}`}
      >
        ≈ {format.usd(cost_usd)}
      </span>
    );
  if (cost_usd !== null) return format.usd(cost_usd);
  if (low_usd !== null && high_usd !== null)
    return (
      <span className="text-warning" title="No price is known; these are its bounds">
        {format.usd(low_usd)} – {format.usd(high_usd)}
      </span>
    );
  return <span className="text-warning">no price</span>;
}
