import { readFileSync, unlinkSync } from 'node:fs';
import { bugPointNames, type CrashPoint, type CrashPointName } from './hooks.ts';

/**
 * For tests of the whole program: ends this process by SIGKILL at the point that `file` names, as in `spans-inserted 3`
 * (the third time from now). At a point for bugs it throws instead. The file is removed when it is read, so that the
 * process started next lives. `served` are the points of this thread: what is asked of another one is left to it.
 */
export function crashWhenAsked(file: string, served: readonly CrashPointName[]): CrashPoint {
  let asked: { name: string; left: number } | null = null;
  return name => {
    asked = take(file, served) ?? asked;
    if (asked?.name !== name) return;
    asked.left -= 1;
    if (asked.left > 0) return;
    asked = null;
    if (bugPointNames.some(bug => bug === name))
      throw new TypeError(`a bug that a test asked for, at ${name}`);
    process.kill(process.pid, 'SIGKILL');
  };
}

function take(file: string, served: readonly string[]): { name: string; left: number } | null {
  try {
    const [name = '', count = '1'] = readFileSync(file, 'utf8').trim().split(' ');
    if (!served.includes(name)) return null;
    unlinkSync(file);
    return { name, left: Number(count) };
  } catch {
    // Nobody asks, which is nearly always so.
    return null;
  }
}
