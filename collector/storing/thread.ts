// The thread that stores what the door has made durable: decoding, deriving and encoding keep no sender waiting here.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openClickHouse } from '#store/engine/client.ts';
import { openState } from '#store/state/open.ts';
import { crashWhenAsked } from '../crash-when-asked.ts';
import { storingPointNames } from '../hooks.ts';
import { startStoringFromState } from './from-state.ts';
import type { FromThread, News, ThreadSettings, ToThread } from './messages.ts';

const { clickhouse: address, crashFile, door: firstDoor, ...rest } = workerData as ThreadSettings;
const tell = (message: FromThread) => parentPort!.postMessage(message);
const say = (level: 'info' | 'warn' | 'error') => (fields: object, message: string) =>
  tell({ kind: 'log', level, fields: plain(fields), message });
const progressEveryMs = 100;
/** After those who answer at once (0), as pages and jobs are; before the engine (10). On Linux this is of one thread. */
const storingNiceness = 5;
if (process.platform === 'linux') setPriority(storingNiceness);

let door = firstDoor;
// It writes only how ingest is doing there, for which nothing should wait.
const state = await openState({ ...rest, neverWaitForDisk: true });
const clickhouse = openClickHouse(address);
const storing = await startStoringFromState({
  ...rest,
  state,
  clickhouse,
  log: { info: say('info'), warn: say('warn'), error: say('error') },
  crashPoint: crashFile ? crashWhenAsked(crashFile, storingPointNames) : () => {},
  now: Date.now,
  door: () => door,
  onStatus: status => tell({ kind: 'status', status }),
  giveBack: (segment, holds) => tell({ kind: 'done', segment, holds }),
  onDamaged: segment => tell({ kind: 'damaged', segment }),
});

let isProgressing = false;
const progress = setInterval(() => {
  if (storing.isProgressing() === isProgressing) return;
  isProgressing = !isProgressing;
  tell({ kind: 'progress', isProgressing });
}, progressEveryMs);

parentPort!.on('message', (message: ToThread) => {
  if (message.kind === 'stop') void stop();
  else {
    door = message.door;
    hear(message.news);
  }
});
tell({ kind: 'ready', status: storing.status() });

function hear(news: News): void {
  for (const part of news.parts) storing.add(part);
  for (const refusals of news.refusals) storing.refused(refusals);
  for (const { id, problem } of news.problems) storing.problem(id, problem);
}

async function stop(): Promise<void> {
  clearInterval(progress);
  await storing.stop();
  await clickhouse.close();
  await state.destroy();
  tell({ kind: 'stopped' });
}

/** Errors of libraries may carry what cannot be told to another thread. */
function plain(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? simplified(value) : value]),
  );
}

function simplified(error: Error): Error {
  const { name, message, stack, cause } = error;
  const simple = new Error(message, cause instanceof Error ? { cause: simplified(cause) } : {});
  if ('code' in error) Object.assign(simple, { code: String(error.code) });
  return Object.assign(simple, { name, ...(stack !== undefined && { stack }) });
}
