/** What a socket must have to be counted. */
export interface Connection {
  readonly remoteAddress?: string | undefined;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

export interface ConnectionLimits {
  total: number;
  /** From one address (IPv6: one /64 network). Loopback is exempt: a local proxy or collector speaks for many. */
  perAddress: number;
}

export const defaultConnectionLimits: ConnectionLimits = { total: 4096, perAddress: 256 };

/**
 * The connections of all receivers. When there are as many as allowed, one without a request under way makes room for a
 * new one (the one that has been so for longest, those that never sent a request first), so that idle connections cannot
 * keep senders out.
 */
export class Connections {
  private readonly limits: ConnectionLimits;
  private readonly onRefused: (reason: string, message: string) => void;
  private readonly byAddress = new Map<string, number>();
  private readonly open = new Set<Connection>();
  /** Longest idle first. */
  private readonly silent = new Set<Connection>();
  private readonly idle = new Set<Connection>();

  constructor(limits: ConnectionLimits, onRefused: (reason: string, message: string) => void) {
    this.limits = limits;
    this.onRefused = onRefused;
  }

  get count(): number {
    return this.open.size;
  }

  /** False when it is refused; it is destroyed then. */
  admit(connection: Connection): boolean {
    const address = networkOf(connection.remoteAddress ?? '');
    const others = this.byAddress.get(address) ?? 0;
    if (address !== loopback && others >= this.limits.perAddress) {
      return this.refuse(connection, `more than ${this.limits.perAddress} connections from ${address}`);
    }
    if (this.open.size >= this.limits.total && !this.makeRoom()) {
      return this.refuse(connection, `more than ${this.limits.total} connections`);
    }
    this.byAddress.set(address, others + 1);
    this.open.add(connection);
    this.silent.add(connection);
    connection.once('close', () => this.forget(connection, address));
    return true;
  }

  /** A request has begun on it. */
  markBusy(connection: Connection): void {
    this.silent.delete(connection);
    this.idle.delete(connection);
  }

  /** Its last request has been answered. */
  markIdle(connection: Connection): void {
    if (this.open.has(connection)) this.idle.add(connection);
  }

  isBusy(connection: Connection): boolean {
    return this.open.has(connection) && !this.silent.has(connection) && !this.idle.has(connection);
  }

  private refuse(connection: Connection, message: string): false {
    connection.destroy();
    this.onRefused('too_many_connections', message);
    return false;
  }

  private makeRoom(): boolean {
    const [victim] = this.silent.size > 0 ? this.silent : this.idle;
    if (!victim) return false;
    // `close` comes later; until then it must not be counted or chosen again.
    this.leave(victim);
    victim.destroy();
    return true;
  }

  private leave(connection: Connection): boolean {
    this.silent.delete(connection);
    this.idle.delete(connection);
    return this.open.delete(connection);
  }

  private forget(connection: Connection, address: string): void {
    this.leave(connection);
    const others = (this.byAddress.get(address) ?? 1) - 1;
    if (others > 0) this.byAddress.set(address, others);
    else this.byAddress.delete(address);
  }
}

const loopback = 'loopback';

/** The address that connections are counted by: an IPv4 address, or the first half of an IPv6 address. */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4.startsWith('127.') ? loopback : v4;
  if (address === '::1') return loopback;
  const [head = '', tail] = address.split('%', 1)[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const behind = tail === '' ? 0 : tail.split(':').length;
    while (groups.length < 8 - behind && groups.length < 4) groups.push('0');
    groups.push(...(tail === '' ? [] : tail.split(':')));
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
