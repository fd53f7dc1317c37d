import { readFileSync } from 'node:fs';

/** What `watch-loop.js` wrote between two times: the longest of each second in ms, in all and by the process's own work. */
export function loopTimes(file, fromMs, toMs = Number.POSITIVE_INFINITY) {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const seconds = lines.map(line => line.split(' ').map(Number)).filter(([at]) => at > fromMs && at < toMs);
  return { ms: seconds.map(([, ms]) => ms), ownMs: seconds.map(([, , ownMs]) => ownMs) };
}
