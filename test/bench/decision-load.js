// Asks for decisions at a fixed rate over kept connections, in its own thread, by hand over TCP so that the asking costs
// little of the machine that is measured. Times count from the millisecond in which a question was due, so that a slow answer
// is not hidden by asking later (coordinated omission).
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

const { url, perSecond, seconds, connections } = workerData;
const { hostname, port, host, pathname, search } = new URL(url);
const question = Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
const everyMs = 1;
const ms = [];
const counts = { allow: 0, degrade: 0, deny: 0, refused: 0 };
/** Times at which questions were due that wait for a connection. */
const waiting = [];
const idle = [];

// Callers are on other machines; here they should not wait for the cores of what they measure. Not everybody may say so.
let isFirst = true;
try {
  execFileSync('chrt', ['--rr', '--pid', '1', basename(readlinkSync('/proc/thread-self'))], {
    stdio: 'ignore',
  });
} catch {
  isFirst = false;
}

await Promise.all(Array.from({ length: connections }, open));
const fromMs = performance.now();
const whole = perSecond * seconds;
let asked = 0;
await new Promise(resolve => {
  const timer = setInterval(() => {
    const dueMs = Math.floor((performance.now() - fromMs) / everyMs) * everyMs;
    const due = Math.min(whole, Math.floor((dueMs * perSecond) / 1000));
    for (; asked < due; asked += 1) {
      waiting.push(fromMs + Math.ceil(((asked + 1) * 1000) / perSecond / everyMs) * everyMs);
      idle.pop()?.();
    }
    if (ms.length < whole) return;
    clearInterval(timer);
    resolve();
  }, everyMs);
});
parentPort.postMessage({ ms, counts, isFirst, seconds: (performance.now() - fromMs) / 1000 });
process.exit();

/** One connection, which has one question under way at a time. */
function open() {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let dueMs = 0;
  let text = '';
  const next = () => {
    if (waiting.length === 0) {
      idle.push(next);
      return;
    }
    dueMs = waiting.shift();
    socket.write(question);
  };
  socket.setEncoding('latin1');
  socket.on('data', part => {
    text += part;
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
    if (text.length < end + 4 + length) return;
    ms.push(performance.now() - dueMs);
    counts[/"decision":"(\w+)"/.exec(text)?.[1] ?? 'refused'] += 1;
    text = '';
    next();
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      idle.push(next);
      resolve();
    });
  });
}
