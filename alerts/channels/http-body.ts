import type { OutgoingEvent } from './channel.ts';
import { emailText } from './email-text.ts';
import { type Notice, readNotice } from './notice.ts';
import { renderTemplate, type TemplateData, TemplateError } from './template.ts';

/** The body of a request: the template filled, or the built-in text and what is wrong with the template. */
export function httpBody(
  event: OutgoingEvent,
  contentType: string,
  template: string,
): { body: string; error: string | null } {
  const notice = readNotice(event);
  if (template.trim() === '') return { body: builtIn(notice, contentType), error: null };
  try {
    const body = renderTemplate(template, valuesOf(notice), escapeFor(contentType));
    if (contentType === 'application/json') JSON.parse(body);
    return { body, error: null };
  } catch (error) {
    if (error instanceof TemplateError) return { body: builtIn(notice, contentType), error: error.message };
    if (!(error instanceof SyntaxError)) throw error;
    const what = `the result is not JSON: ${error.message}`;
    return { body: builtIn(notice, contentType), error: what };
  }
}

/** What a template may name. */
function valuesOf(notice: Notice): TemplateData {
  const { id, type, phase, severity, key, title, headline, detail, at, feature, environment, metric } =
    notice;
  const [explain, traces] = notice.links;
  return {
    id,
    type,
    phase,
    severity,
    key,
    title,
    headline,
    detail,
    at,
    feature,
    environment,
    metric,
    url: explain?.url ?? '',
    traces_url: traces?.url ?? '',
    text: emailText(notice).trimEnd(),
    facts: notice.facts.map(({ label, value }) => ({ label, value })),
    is_firing: phase === 'firing',
    is_resolved: phase === 'resolved',
    is_acknowledged: phase === 'acknowledged',
    is_test: phase === 'test',
  };
}

function builtIn(notice: Notice, contentType: string): string {
  const { id, type, severity, key, title } = notice;
  const url = notice.links[0]?.url ?? '';
  const text = emailText(notice).trimEnd();
  if (contentType === 'application/json')
    return JSON.stringify({ id, type, severity, key, title, text, url });
  if (contentType === 'application/x-www-form-urlencoded') {
    return new URLSearchParams({ id, type, severity, key, title, text, url }).toString();
  }
  return text;
}

function escapeFor(contentType: string): (text: string) => string {
  if (contentType === 'application/json') return text => JSON.stringify(text).slice(1, -1);
  if (contentType === 'application/x-www-form-urlencoded') return encoded;
  return text => text;
}

/** As a form writes it; halves of characters, which encodeURIComponent throws at, become replacement characters. */
const encoded = (text: string) => new URLSearchParams({ v: text }).toString().slice(2);
