import type { Channel, ChannelField, ChannelKindInfo, ChannelSettings } from '#contract/channel.ts';

/** What stands in the form, by the name of the field; a list is one a line. */
export type ChannelDraft = Record<string, string>;

/** The form of a channel that is there, or of a new one. Secrets are empty: nobody gets them back. */
export function draftOf(kind: ChannelKindInfo, channel: Channel | null): ChannelDraft {
  return Object.fromEntries(
    kind.fields.map(field => {
      const value = channel?.settings[field.name];
      const text = Array.isArray(value) ? value.join('\n') : (value ?? '');
      return [field.name, text || (field.type === 'choice' ? field.default : '')];
    }),
  );
}

/** The form as the API wants it. A secret that was left empty stays as it is; one that is to go is sent empty. */
export function settingsOf(
  kind: ChannelKindInfo,
  draft: ChannelDraft,
  removed: readonly string[],
): { settings: ChannelSettings; secrets: ChannelSettings } {
  const settings: ChannelSettings = {};
  const secrets: ChannelSettings = Object.fromEntries(removed.map(name => [name, '']));
  for (const field of kind.fields) {
    const value = readValue(field, draft[field.name] ?? '');
    if (value.length === 0) continue;
    if (field.secret) secrets[field.name] = value;
    else settings[field.name] = value;
  }
  return { settings, secrets };
}

function readValue({ type }: ChannelField, text: string): string | string[] {
  if (type !== 'list') return text.trim();
  return text
    .split(/[\n,;]/)
    .map(one => one.trim())
    .filter(Boolean);
}

/** Which field a problem of the API is about, and what it says; null for none in particular. */
export function fieldProblem(kind: ChannelKindInfo, message: string): { name: string; words: string } | null {
  const [, name, words] = /^(\w+): (.*)$/s.exec(message) ?? [];
  if (!name || !words) return null;
  return name === 'name' || kind.fields.some(field => field.name === name) ? { name, words } : null;
}
