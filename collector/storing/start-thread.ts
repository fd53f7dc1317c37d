import { Worker } from 'node:worker_threads';
import type { CollectorLog } from '../hooks.ts';
import { addPart } from '../settle/backlog.ts';
import type { CollectorStatus } from '../status.ts';
import type { FromThread, News, ThreadSettings, ToThread } from './messages.ts';
import type { DoorStatus, Storing } from './storing.ts';

/** Small requests come by the thousand, so that what happens is told in bunches. */
const tellEveryMs = 10;
/** The door's own status is told at least so often. */
const statusEveryMs = 1000;

export interface StoringThreadOptions extends Omit<ThreadSettings, 'door'> {
  /** Compiled file of the thread. */
  file: string;
  log: CollectorLog;
  door: () => DoorStatus;
  /** See StoringOptions. */
  giveBack: (segment: number, holds: number) => void;
  onDamaged: (segment: number) => void;
}

/**
 * Starts the thread that stores. Rejects when it does not start. When it ends by itself, so does the process: what it had in
 * hand is in the log, and whoever supervises the process starts it again.
 */
export async function startStoringThread(options: StoringThreadOptions): Promise<Storing> {
  const { file, log, door, giveBack, onDamaged, ...settings } = options;
  const workerData: ThreadSettings = { ...settings, door: door() };
  const thread = new Worker(file, { workerData });
  let isProgressing = false;
  let onStopped = () => {};
  let status: CollectorStatus;

  const hear: { [Kind in FromThread['kind']]: (message: Extract<FromThread, { kind: Kind }>) => void } = {
    ready(message) {
      status = message.status;
    },
    log: ({ level, fields, message }) => log[level](fields, message),
    damaged: ({ segment }) => onDamaged(segment),
    done: ({ segment, holds }) => giveBack(segment, holds),
    status(message) {
      status = message.status;
    },
    progress(message) {
      isProgressing = message.isProgressing;
    },
    stopped: () => onStopped(),
  };
  await new Promise<void>((resolve, reject) => {
    const endedEarly = () => reject(new Error('the thread that stores ended while it was starting'));
    thread.once('error', reject).once('exit', endedEarly);
    thread.on('message', (message: FromThread) => {
      (hear[message.kind] as (message: FromThread) => void)(message);
      if (message.kind !== 'ready') return;
      thread.off('error', reject).off('exit', endedEarly);
      resolve();
    });
  });
  let isStopping = false;
  thread.once('exit', () => {
    if (!isStopping) throw new Error('the thread that stores has ended');
  });

  const post = (message: ToThread) => thread.postMessage(message);
  let news = nothingNew();
  let timer: NodeJS.Timeout | null = null;
  const tell = () => {
    timer = null;
    post({ kind: 'news', news, door: door() });
    news = nothingNew();
  };
  const soon = () => {
    timer ??= setTimeout(tell, tellEveryMs);
  };
  const telling = setInterval(soon, statusEveryMs);
  return {
    add(part) {
      addPart(news.parts, part);
      soon();
    },
    refused(refusals) {
      news.refusals.push(refusals);
      soon();
    },
    problem(id, problem) {
      news.problems.push({ id, problem });
      soon();
    },
    status: () => status,
    isProgressing: () => isProgressing,
    async stop() {
      clearInterval(telling);
      if (timer) clearTimeout(timer);
      tell();
      const stopped = new Promise<void>(resolve => {
        onStopped = resolve;
      });
      post({ kind: 'stop' });
      await stopped;
      isStopping = true;
      await thread.terminate();
    },
  };
}

const nothingNew = (): News => ({ parts: [], refusals: [], problems: [] });
