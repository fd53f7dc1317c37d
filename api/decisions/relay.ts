import { connect, type Socket } from 'node:net';

/** Passes all that a caller says on to a port of this machine, beginning with what was read already, and the answers back. */
export function relay(caller: Socket, first: Buffer, port: number): void {
  const inner = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  inner.write(first);
  if (caller.readableEnded) inner.end();
  // What was answered before the connection broke is still the caller's.
  inner.on('error', () => caller.destroySoon());
  caller.on('error', () => inner.destroy());
  caller.on('close', () => inner.destroy());
  caller.pipe(inner);
  inner.pipe(caller);
}
