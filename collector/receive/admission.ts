import type { ByteBudget } from './byte-budget.ts';
import type { KeyLimits } from './key-limits.ts';
import { KeyLimitReached, Overloaded } from './refusal.ts';
import type { Sender } from './sender.ts';

/** What all requests, whatever they come in by, have to share. */
export interface Gate {
  /** Bytes of all bodies in memory at once. */
  budget: ByteBudget;
  keyLimits: KeyLimits;
  now: () => number;
}

/** One request that has been let in: counts its bytes until it is answered. */
export interface Admission {
  /** Bytes that came in (uncompressed); an error when they are too many for us at this moment. */
  hold(bytes: number): Error | null;
  /** Gives back what it held. */
  end(): void;
}

/** The one local project without keys has a bucket as well, for those who set a limit. */
const keyless = '';

/**
 * Lets a request of `announcedBytes` (0 = unknown) in before its body is read, or throws KeyLimitReached or Overloaded.
 * The key pays for what was announced or for what came, whichever is more, even when the request is refused later:
 * reading it was work.
 */
export function admit(gate: Gate, { keyId }: Sender, announcedBytes: number): Admission {
  const { budget, keyLimits, now } = gate;
  const key = keyId ?? keyless;
  const waitMs = keyLimits.waitMs(key, now());
  if (waitMs > 0) throw new KeyLimitReached(waitMs);
  if (!budget.hasRoom(announcedBytes)) throw overloaded();
  keyLimits.charge(key, announcedBytes, now());
  let held = 0;
  return {
    hold(bytes) {
      const beyond = Math.max(0, held + bytes - Math.max(held, announcedBytes));
      held += bytes;
      keyLimits.charge(key, beyond, now());
      return budget.take(bytes) ? null : overloaded();
    },
    end() {
      budget.give(held);
      held = 0;
    },
  };
}

function overloaded(): Overloaded {
  return new Overloaded('too many bytes are being received at the moment');
}
