import { cut, type Notice } from './notice.ts';

/** The same for all messages of an incident but for `Re:`-like marks, by which some programs keep a conversation. */
export function emailSubject({ phase, title }: Notice): string {
  const subject = cut(title, 180);
  if (phase === 'resolved') return `Resolved: ${subject}`;
  if (phase === 'firing' || phase === 'test') return subject;
  return `Re: ${subject}`;
}

export function emailText({ headline, facts, detail, links }: Notice): string {
  const parts = [
    headline,
    facts.map(({ label, value }) => `${label}: ${value}`).join('\n'),
    detail,
    links.map(({ label, url }) => `${label}: ${url}`).join('\n'),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

/** Plain HTML that also mail programs of long ago show: no sheet, no script, no picture from elsewhere. */
export function emailHtml({ headline, phase, facts, detail, links }: Notice, withChart: boolean): string {
  const color = phase === 'resolved' ? '#17693b' : phase === 'test' ? '#1f66d1' : '#b3261e';
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><td style="padding:2px 16px 2px 0;color:#57606a;vertical-align:top;white-space:nowrap">${html(label)}</td><td style="padding:2px 0">${html(value)}</td></tr>`,
  );
  const buttons = links.map(
    ({ label, url }) =>
      `<a href="${html(url)}" style="display:inline-block;margin-right:16px;color:#1f66d1">${html(label)}</a>`,
  );
  return [
    '<!doctype html><html><body style="margin:0;padding:16px;background:#ffffff;color:#171b22;font:14px/20px system-ui,-apple-system,Segoe UI,sans-serif">',
    `<p style="margin:0 0 12px;padding-left:10px;border-left:4px solid ${color};font-size:16px;line-height:24px;font-weight:600">${html(headline)}</p>`,
    rows.length > 0
      ? `<table role="presentation" style="border-collapse:collapse;font-size:14px;line-height:20px">${rows.join('')}</table>`
      : '',
    detail ? `<p style="margin:12px 0 0;white-space:pre-line">${html(detail)}</p>` : '',
    withChart
      ? '<p style="margin:12px 0 0"><img src="cid:chart" alt="The metric before and after the change" width="640" style="max-width:100%;height:auto;border:0"></p>'
      : '',
    buttons.length > 0 ? `<p style="margin:16px 0 0">${buttons.join('')}</p>` : '',
    '</body></html>',
  ].join('\n');
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
