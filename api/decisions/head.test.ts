import { expect, test } from 'vitest';
import { readHead } from './head.ts';

const ask = (...lines: string[]) => readHead(['GET /a?b=c HTTP/1.1', ...lines].join('\r\n'));

test('a plain GET is read: its path, who asks, and whether there is more to come', () => {
  expect(ask('Host: localhost:1 ', 'Authorization:Bearer key', 'Accept: */*')).toEqual({
    url: '/a?b=c',
    headers: { host: 'localhost:1', authorization: 'Bearer key' },
    isLast: false,
  });
  expect(ask('host: x', 'Connection: Keep-Alive')).toMatchObject({ isLast: false });
  expect(ask('host: x', 'connection: close')).toMatchObject({ isLast: true });
});

test.each([
  ['a body', ['host: x', 'Content-Length: 5']],
  ['a body in chunks', ['host: x', 'transfer-encoding: chunked']],
  ['a wish to be asked first', ['host: x', 'expect: 100-continue']],
  ['another protocol', ['host: x', 'connection: upgrade', 'upgrade: websocket']],
  ['two hosts', ['host: x', 'Host: y']],
  ['two keys', ['host: x', 'authorization: a', 'authorization: b']],
  ['no host', ['accept: */*']],
  ['a folded line', ['host: x', ' y']],
  ['a name with a space', ['host : x']],
  ['a line feed within a line', ['host: x\ncontent-length: 5']],
  ['a character outside of ASCII', ['host: x', 'a: \xe9']],
])('%s is left to the server behind', (_name, lines) => {
  expect(ask(...lines)).toBeNull();
});

test.each([
  'POST / HTTP/1.1',
  'GET / HTTP/1.0',
  'GET http://x/ HTTP/1.1',
  'GET /a b HTTP/1.1',
  'GET  / HTTP/1.1',
])('"%s" is left to the server behind', line => {
  expect(readHead(`${line}\r\nhost: x`)).toBeNull();
});
