// The thread that answers decisions: nothing else runs here, so that none of the API's other work is waited for.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { startDecider } from '#ledger/budget/decider.ts';
import { openClickHouse } from '#store/engine/client.ts';
import { openState } from '#store/state/open.ts';
import { readSetting } from '#store/state/settings.ts';
import { type Call, failureOf, type ThreadCalls, type ThreadSettings, type Told } from './calls.ts';
import { type Door, openDoor } from './door.ts';
import { practise } from './practise.ts';

const { projectId, access, reportingZone, clickhouse: address, ...where } = workerData as ThreadSettings;
const tell = (told: Told) => parentPort!.postMessage(told);
/** Before everybody else on the machine, who are at 0. */
const decisionNiceness = -10;
const say = (level: 'info' | 'warn' | 'error') => (details: object, message: string) =>
  tell({ kind: 'log', level, details, message });

raisePriority();
const state = await openState(where);
const clickhouse = openClickHouse(address);
const decider = await startDecider(
  {
    clickhouse,
    state,
    projectId,
    clock: Date,
    zone: async () => (await readSetting(state, 'reporting_zone')) ?? reportingZone,
    log: { info: say('info'), warn: say('warn'), error: say('error') },
  },
  {
    onFirstCeiling: practice =>
      void practise(practice, access).catch(error =>
        say('warn')({ err: error }, 'decisions could not be practised'),
      ),
  },
);
let door: Door | undefined;

const calls: ThreadCalls = {
  async open(at) {
    door = await openDoor({ ...at, access, decide: decider.decide });
    return door.address;
  },
  decide: decider.decide,
  standings: decider.standings,
  changed: decider.changed,
  runOnce: decider.runOnce,
  close: decider.stop,
  async stop() {
    await door?.stop();
    await clickhouse.close();
    await state.destroy();
  },
};

parentPort!.on('message', ({ id, name, argument }: Call) => {
  const call = calls[name] as (argument: unknown) => Promise<unknown>;
  call(argument).then(
    value => tell({ kind: 'answer', id, value }),
    error => tell(failureOf(id, error)),
  );
});
tell({ kind: 'ready', keys: decider.keys() });

/**
 * On Linux this is of one thread. An answer takes a fraction of a millisecond, and without this waits three or four turns of
 * 4 ms on a machine whose cores are busy. Only root may, or who has been given a limit for it; everybody else waits for
 * their turn.
 */
function raisePriority(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(decisionNiceness);
  } catch {}
}
