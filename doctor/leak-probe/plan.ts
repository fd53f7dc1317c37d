import { type Placement, placements, requestOf } from './placements.ts';
import type { Planted } from './planted.ts';
import type { Door, Transport } from './senders.ts';

/** One request and the values in it. */
export interface Sending {
  /** E.g. `span name by OTLP/gRPC`. */
  way: string;
  planted: Planted[];
  /** Goes through the write-ahead log, where its markers must be seen, unless it is refused. */
  isLogged: boolean;
  /** Its markers must be in a table in the end. */
  isStored: boolean;
  /** Resolves with whether it was dealt with as expected. */
  send(): Promise<boolean>;
}

/**
 * Every way with a value of each kind, then again with others, by another transport, until the values are used up. Seven
 * values are one of each kind, as they come.
 */
export function planOf(
  planted: Planted[],
  transports: readonly Transport[],
  doors: readonly Door[],
): Sending[] {
  const ways = [...placements, ...doors];
  const kinds = new Set(planted.map(({ kind }) => kind)).size;
  const plan: Sending[] = [];
  for (let from = 0, turn = 0; from < planted.length; from += kinds, turn++) {
    const group = planted.slice(from, from + kinds);
    const way = ways[turn % ways.length]!;
    const round = Math.floor(turn / ways.length);
    if ('build' in way) plan.push(otlpSending(way, transports[(turn + round) % transports.length]!, group));
    else plan.push(...group.map(one => doorSending(way, one)));
  }
  return plan;
}

function otlpSending(placement: Placement, transport: Transport, planted: Planted[]): Sending {
  const isTaken = !placement.name.startsWith('refused');
  return {
    way: `${placement.name} by ${transport.name}`,
    planted,
    isLogged: isTaken,
    isStored: isTaken,
    send: () => transport.send(placement.signal, requestOf(placement, planted)),
  };
}

function doorSending(door: Door, planted: Planted): Sending {
  return {
    way: door.name,
    planted: [planted],
    isLogged: false,
    isStored: door.isStored,
    send: async () => door.expected.includes(await door.send(planted)),
  };
}
