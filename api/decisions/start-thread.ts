import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Decider } from '#ledger/budget/decider.ts';
import type { ApiLog } from '../request-id.ts';
import { type Call, errorOf, type ThreadCalls, type ThreadSettings, type Told } from './calls.ts';

export interface DecisionThread {
  decider: Decider;
  /** Begins to listen; everything but decisions goes on to `apiPort`. Rejects when the port is taken. */
  open(at: { host: string; port: number; apiPort: number }): Promise<AddressInfo>;
  /** After the decider and the API behind it. */
  stop(): Promise<void>;
}

/**
 * Starts the thread that answers decisions. When it ends by itself, so does the process: without it nobody reaches the API,
 * and whoever supervises the process starts both again.
 */
export async function startDecisionThread(
  file: string,
  settings: ThreadSettings,
  log: ApiLog,
): Promise<DecisionThread> {
  // Flags of this process, such as those of a test runner, are not for the thread.
  const thread = new Worker(file, { workerData: settings, execArgv: [] });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let calls = 0;

  const keys = await new Promise<ReturnType<Decider['keys']>>((resolve, reject) => {
    thread.once('error', reject);
    thread.on('message', (told: Told) => {
      if (told.kind === 'ready') {
        thread.off('error', reject);
        resolve(told.keys);
      } else if (told.kind === 'log') log[told.level](told.details, told.message);
      else {
        const call = waiting.get(told.id);
        waiting.delete(told.id);
        if (told.kind === 'answer') call?.resolve(told.value);
        else call?.reject(errorOf(told));
      }
    });
  });

  let isStopping = false;
  thread.once('exit', () => {
    if (!isStopping) throw new Error('the thread that answers decisions has ended');
  });

  function call<Name extends keyof ThreadCalls>(
    name: Name,
    ...[argument]: Parameters<ThreadCalls[Name]>
  ): ReturnType<ThreadCalls[Name]> {
    const id = calls++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      thread.postMessage({ id, name, argument } satisfies Call);
    }) as ReturnType<ThreadCalls[Name]>;
  }

  return {
    open: at => call('open', at),
    decider: {
      decide: request => call('decide', request),
      keys: () => keys,
      standings: () => call('standings'),
      changed: () => call('changed'),
      runOnce: () => call('runOnce'),
      stop: () => call('close'),
    },
    async stop() {
      await call('stop');
      isStopping = true;
      await thread.terminate();
    },
  };
}
