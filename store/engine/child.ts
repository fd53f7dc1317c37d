import { parseArgs } from 'node:util';
import { serveEngine } from './serve.ts';

// Entry of the engine's own process. The password comes by environment: arguments are visible to everyone.
const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    'http-port': { type: 'string' },
    'max-memory-bytes': { type: 'string' },
    'parent-pid': { type: 'string' },
  },
});
const password = process.env.DRIFTLINE_ENGINE_PASSWORD;

try {
  if (!values['data-dir'] || !values['http-port'] || !password) {
    throw new Error('usage: DRIFTLINE_ENGINE_PASSWORD=… child.js --data-dir DIR --http-port PORT');
  }
  const stoppedOnRequest = await serveEngine({
    dataDir: values['data-dir'],
    httpPort: Number(values['http-port']),
    password,
    maxMemoryBytes: optionalNumber(values['max-memory-bytes']),
    parentPid: optionalNumber(values['parent-pid']),
  });
  process.exit(stoppedOnRequest ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
}

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
