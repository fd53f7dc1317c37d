import { expect, test } from 'vitest';
import type { Channel, ChannelField, ChannelKindInfo } from '#contract/channel.ts';
import { draftOf, fieldProblem, settingsOf } from './channel-draft.ts';

const field = (name: string, more: Partial<ChannelField> = {}): ChannelField => ({
  name,
  label: name,
  type: 'text',
  secret: false,
  required: false,
  help: '',
  placeholder: '',
  options: [],
  default: '',
  ...more,
});
const kind: ChannelKindInfo = {
  kind: 'email',
  label: 'E-mail',
  about: '',
  signed: false,
  fields: [
    field('to', { type: 'list' }),
    field('token', { secret: true }),
    field('how', { type: 'choice', default: 'a' }),
    field('from'),
  ],
};

test('a form begins with what is there, without secrets, and ends as the API wants it', () => {
  const channel = { settings: { to: ['a@b.c', 'd@e.f'] }, secrets: ['token'] } as unknown as Channel;
  const draft = draftOf(kind, channel);
  expect(draft).toEqual({ to: 'a@b.c\nd@e.f', token: '', how: 'a', from: '' });
  expect(settingsOf(kind, { ...draft, to: 'a@b.c, x@y.z\n' }, [])).toEqual({
    settings: { to: ['a@b.c', 'x@y.z'], how: 'a' },
    secrets: {},
  });
  expect(settingsOf(kind, { token: ' new ' }, [])).toMatchObject({ secrets: { token: 'new' } });
  expect(settingsOf(kind, draftOf(kind, null), ['token'])).toEqual({
    settings: { how: 'a' },
    secrets: { token: '' },
  });
});

test('a problem is shown at its field', () => {
  expect(fieldProblem(kind, 'to: at least one address')).toEqual({
    name: 'to',
    words: 'at least one address',
  });
  expect(fieldProblem(kind, 'name: there is one')).toMatchObject({ name: 'name' });
  expect(fieldProblem(kind, 'nothing: of the kind')).toBeNull();
  expect(fieldProblem(kind, 'The store does not answer.')).toBeNull();
});
