import type { AlertRoute, Inhibition, Matcher } from '#contract/route.ts';

/** Labels of an alert by which routes, silences and inhibitions find it. */
export type AlertLabels = Readonly<Partial<Record<Matcher['label'], string>>>;

/** Whether all matchers match; a label the alert does not have is empty. */
export function matches(matchers: readonly Matcher[], labels: AlertLabels): boolean {
  return matchers.every(({ label, op, value }) => {
    const given = labels[label] ?? '';
    if (op === 'like') return isLike(given, value);
    return (given === value) === (op === '=');
  });
}

/** `*` is any text, also none; everything else is meant as written. In time linear in both, whatever the pattern. */
function isLike(text: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  if (!text.startsWith(head)) return false;
  const tail = rest.pop()!;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}

/** The first route that matches, else `last`. */
export function routeOf(routes: readonly AlertRoute[], last: AlertRoute, labels: AlertLabels): AlertRoute {
  return routes.find(({ match }) => matches(match, labels)) ?? last;
}

export interface ActiveSilence {
  id: string;
  match: readonly Matcher[];
  comment: string;
}

/** Why nobody is told of what another alert inhibits: it stands in the messages of that one. */
export const inhibitedBy = ({ title }: { title: string }): string => `mentioned with: ${title}`;

/** Why nobody is told of an alert: the silence, or the firing alert that says more. Null: somebody is. */
export function mutedBy(
  alert: { id: string; labels: AlertLabels },
  by: {
    silences: readonly ActiveSilence[];
    inhibitions: readonly Inhibition[];
    firing: readonly { id: string; labels: AlertLabels; title: string }[];
  },
): string | null {
  const silence = by.silences.find(({ match }) => matches(match, alert.labels));
  if (silence) return silence.comment;
  for (const { source, target, equal, within = [] } of by.inhibitions) {
    // What is a source itself is not muted by another, so that two cannot keep each other quiet.
    if (!matches(target, alert.labels) || matches(source, alert.labels)) continue;
    const cause = by.firing.find(
      ({ id, labels }) =>
        id !== alert.id &&
        matches(source, labels) &&
        equal.every(label => (labels[label] ?? '') === (alert.labels[label] ?? '')) &&
        within.every(label => labels[label] === undefined || labels[label] === (alert.labels[label] ?? '')),
    );
    if (cause) return inhibitedBy(cause);
  }
  return null;
}
