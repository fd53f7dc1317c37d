import { cut, type Notice } from './notice.ts';

/** Block Kit, the part that is used here (https://docs.slack.dev/reference/block-kit/blocks). */
export interface SlackMessage {
  /** For notifications and readers without blocks. */
  text: string;
  blocks: object[];
}

const longest = { text: 3000, sectionText: 3000, field: 2000, fields: 10 };

/** The message of an incident: what and how much, since when and where, two links. */
export function slackMessage(notice: Notice): SlackMessage {
  const headline = `${markOf(notice)} *${escaped(notice.headline, 1000)}*`;
  const detail = notice.detail ? `\n${escaped(notice.detail, 1500)}` : '';
  const blocks: object[] = [section({ text: mrkdwn(headline + detail, longest.sectionText) })];
  if (notice.facts.length > 0) {
    const fields = notice.facts
      .slice(0, longest.fields)
      .map(({ label, value }) => mrkdwn(`*${label}*\n${escaped(value, 1800)}`, longest.field));
    blocks.push(section({ fields }));
  }
  if (notice.links.length > 0) {
    const links = notice.links.map(({ label, url }) => `<${escapedUrl(url)}|${label}>`).join('  ·  ');
    blocks.push({ type: 'context', elements: [mrkdwn(links, longest.sectionText)] });
  }
  return { text: cut(notice.headline, longest.text), blocks };
}

/** One line in the thread of an incident. */
export function slackReply(notice: Notice): SlackMessage {
  const lines = [`${markOf(notice)} *${escaped(notice.headline, 1000)}*`];
  const ended = notice.facts.find(({ label }) => label === 'Ended');
  if (ended) lines.push(`Ended ${escaped(ended.value, 200)}`);
  if (notice.detail) lines.push(escaped(notice.detail, 1500));
  return {
    text: cut(notice.headline, longest.text),
    blocks: [section({ text: mrkdwn(lines.join('\n'), longest.sectionText) })],
  };
}

/** Shape as well as colour tells the state. */
function markOf({ phase, severity }: Notice): string {
  if (phase === 'resolved') return ':white_check_mark:';
  if (phase === 'acknowledged') return ':eyes:';
  if (phase === 'test') return ':wave:';
  return severity === 'critical' || severity === 'error' ? ':red_circle:' : ':warning:';
}

const section = (content: object) => ({ type: 'section', ...content });
const mrkdwn = (text: string, length: number) => ({
  type: 'mrkdwn',
  text: cut(text, length),
  verbatim: true,
});

/** Slack's three control characters; the cut comes first, so that none is cut in two. */
function escaped(text: string, length: number): string {
  return cut(text, length).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const escapedUrl = (url: string) => url.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C');
