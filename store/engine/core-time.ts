import { readdirSync, readFileSync } from 'node:fs';

/** Nanoseconds each thread of a process has had a core or stood in line for one, by thread id, since it started. */
export type CoreTime = ReadonlyMap<string, number>;

/**
 * Core time of process `pid` now; null where the kernel does not tell (anything but Linux). The two first numbers of
 * `/proc/<pid>/task/<tid>/schedstat`, see https://docs.kernel.org/scheduler/sched-stats.html
 */
export function readCoreTime(pid: number): CoreTime | null {
  const folder = `/proc/${pid}/task`;
  const times = new Map<string, number>();
  try {
    for (const tid of readdirSync(folder)) times.set(tid, threadTime(`${folder}/${tid}/schedstat`));
  } catch {
    return null;
  }
  return times;
}

/** Milliseconds all threads together had or wanted a core between two readings; at least 0, also when threads have ended. */
export function coreTimeBetweenMs(before: CoreTime, after: CoreTime): number {
  let nanos = 0;
  for (const [tid, time] of after) nanos += Math.max(0, time - (before.get(tid) ?? 0));
  return nanos / 1e6;
}

/** 0 for a thread that ended while the folder was read. */
function threadTime(path: string): number {
  try {
    const [ran = 0, waited = 0] = readFileSync(path, 'latin1').split(' ').map(Number);
    return ran + waited;
  } catch {
    return 0;
  }
}
