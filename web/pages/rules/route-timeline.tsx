import type { AlertRoute } from '#contract/route.ts';
import { span } from './words.ts';

/** What the settings of a route mean, on the timeline of one group: nobody reads three durations right. */
export function RouteTimeline({ route }: { route: AlertRoute }) {
  const { group_wait_s: wait, group_interval_s: interval, repeat_s: repeat } = route;
  const steps = [
    { at: 'at once', what: 'the first alert fires' },
    {
      at: wait === 0 ? 'at once' : `after ${span(wait)}`,
      what: 'one message, with all that fired meanwhile',
    },
    { at: `at least ${span(interval)} later`, what: 'what has changed since, if anything' },
    { at: `every ${span(repeat)}`, what: 'again, until somebody acknowledges' },
  ];
  return (
    <ol className="grid gap-y-2 md:grid-cols-4">
      {steps.map(({ at, what }) => (
        <li
          key={what}
          className="relative border-l-2 border-accent pl-3 md:border-t-2 md:border-l-0 md:pt-1.5 md:pr-3 md:pl-0"
        >
          <span className="block text-label font-semibold">{at}</span>
          <span className="text-muted">{what}</span>
        </li>
      ))}
    </ol>
  );
}
