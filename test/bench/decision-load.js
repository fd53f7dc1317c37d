// Asks for decisions at a fixed rate over kept connections, in its own thread. Times count from when a question was due, so
// that a slow answer is not hidden by asking later (coordinated omission).
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const { url, perSecond, seconds, connections } = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const everyMs = 1;
const ms = [];
const counts = { allow: 0, degrade: 0, deny: 0, refused: 0 };
let waiting = 0;

const fromMs = performance.now();
const whole = perSecond * seconds;
let asked = 0;
await new Promise(resolve => {
  const timer = setInterval(() => {
    const due = Math.min(whole, Math.floor(((performance.now() - fromMs) * perSecond) / 1000));
    while (asked < due) {
      const dueMs = fromMs + (asked * 1000) / perSecond;
      asked += 1;
      waiting += 1;
      void ask(dueMs).then(() => {
        waiting -= 1;
        if (asked === whole && waiting === 0) resolve();
      });
    }
    if (asked === whole) clearInterval(timer);
  }, everyMs);
});
agent.destroy();
parentPort.postMessage({ ms, counts, seconds: (performance.now() - fromMs) / 1000 });

function ask(dueMs) {
  return new Promise(resolve => {
    const sent = request(url, { agent }, answer => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', part => {
        body += part;
      });
      answer.on('end', () => {
        ms.push(performance.now() - dueMs);
        if (answer.statusCode === 200) counts[JSON.parse(body).decision] += 1;
        else counts.refused += 1;
        resolve();
      });
    });
    sent.on('error', () => {
      counts.refused += 1;
      resolve();
    });
    sent.end();
  });
}
