import { expect, test } from 'vitest';
import { newSecret, signedHeaders } from './standard-webhooks.ts';

test('the signature equals the published example of Standard Webhooks', () => {
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
  expect(signedHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('new secrets differ, carry 32 bytes and can sign', () => {
  const secret = newSecret();
  expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
  expect(newSecret()).not.toBe(secret);
  expect(signedHeaders({ id: 'a', timestamp: 1, body: '' }, [secret])['webhook-signature']).toMatch(/^v1,/);
});

test('a secret of another form is refused instead of signing with an empty key', () => {
  expect(() => signedHeaders({ id: 'a', timestamp: 1, body: '' }, ['hunter2'])).toThrow('whsec_');
  expect(() => signedHeaders({ id: 'a', timestamp: 1, body: '' }, ['whsec_'])).toThrow('whsec_');
});

test('while one secret replaces another, both sign, parted by a space', () => {
  const [old, fresh] = [newSecret(), newSecret()];
  const message = { id: 'a', timestamp: 1, body: 'b' };
  const both = signedHeaders(message, [fresh, old])['webhook-signature'];
  const alone = [fresh, old].map(secret => signedHeaders(message, [secret])['webhook-signature']);
  expect(both).toBe(alone.join(' '));
  expect(() => signedHeaders(message, [])).toThrow('no secret');
});
