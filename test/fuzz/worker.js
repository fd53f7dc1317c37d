// A worker thread that runs one of the TypeScript files beside it: workerData.file exports `work(workerData, port)`, which
// begins when the thread is told to, after loading has ended.
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const conditions = ['source', 'node'];
const { module } = await runnerImport(join(root, 'test/fuzz', workerData.file), {
  configFile: false,
  root,
  logLevel: 'warn',
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
parentPort.postMessage('ready');
await once(parentPort, 'message');
await module.work(workerData, parentPort);
