import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { Connections, networkOf } from './connections.ts';

/** A socket as far as it is counted; `close` comes later than `destroy`, as with a real one. */
class Peer extends EventEmitter {
  readonly remoteAddress: string;
  destroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.destroyed = true;
  }

  close(): void {
    this.emit('close');
  }
}

function connections(total: number, perAddress: number) {
  const refused: string[] = [];
  const all = new Connections({ total, perAddress }, (_, message) => refused.push(message));
  const connect = (address = '203.0.113.7') => {
    const peer = new Peer(address);
    return { peer, admitted: all.admit(peer) };
  };
  return { all, refused, connect };
}

test('one address has its share, others are not affected, and closing frees it', () => {
  const { refused, connect } = connections(100, 2);
  const first = connect();
  expect([first.admitted, connect().admitted]).toEqual([true, true]);
  const third = connect();
  expect([third.admitted, third.peer.destroyed]).toEqual([false, true]);
  expect(connect('203.0.113.8').admitted).toBe(true);
  first.peer.close();
  expect(connect().admitted).toBe(true);
  expect(refused).toEqual(['more than 2 connections from 203.0.113.7']);
});

test('loopback has no share of its own, but counts in all', () => {
  const { all, connect } = connections(3, 1);
  const peers = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].map(address => connect(address));
  expect(peers.map(({ admitted }) => admitted)).toEqual([true, true, true]);
  for (const { peer } of peers) all.markBusy(peer);
  expect(connect('127.0.0.1').admitted).toBe(false);
});

test('a new connection takes the place of one that says nothing, then of one that is idle', () => {
  const { all, connect, refused } = connections(3, 100);
  const busy = connect().peer;
  const idle = connect().peer;
  const silent = connect().peer;
  all.markBusy(busy);
  all.markBusy(idle);
  all.markIdle(idle);
  const next = connect();
  expect([next.admitted, silent.destroyed, idle.destroyed]).toEqual([true, true, false]);
  all.markBusy(next.peer);
  expect([connect().admitted, idle.destroyed]).toEqual([true, true]);
  expect([busy.destroyed, all.count, refused]).toEqual([false, 3, []]);
});

test('while every connection has a request under way, a new one is refused and counted', () => {
  const { all, connect, refused } = connections(2, 100);
  for (const { peer } of [connect(), connect()]) all.markBusy(peer);
  expect(connect().admitted).toBe(false);
  expect(refused).toEqual(['more than 2 connections']);
});

test('a connection that made room is not counted twice when it closes', () => {
  const { all, connect } = connections(1, 100);
  const first = connect().peer;
  const second = connect().peer;
  first.close();
  expect(all.count).toBe(1);
  second.close();
  expect(all.count).toBe(0);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::5:6', '2001:db8:0:0::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::5', '0:0:0:0::/64'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
