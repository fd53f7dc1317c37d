import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fromPackageRoot } from '../package-root.ts';

export interface EngineProcessOptions {
  dataDir: string;
  port: number;
  password: string;
  maxMemoryBytes?: number;
  /** Called with each line the engine writes to stderr. */
  onLine(line: string): void;
}

/** One life of the engine process. */
export interface EngineProcess {
  child: ChildProcess;
  /** Settles once the process is gone, with what happened, for a person to read. Never rejects. */
  exited: Promise<string>;
  /** Its last lines on stderr. */
  lastWords: string[];
}

const lastWordsKept = 20;
/**
 * A merge or a wide query takes every core there is; who waits for an acknowledgement or a decision goes first. All threads of
 * the engine inherit it, which `os.setPriority` from inside would not reach.
 */
const niceness = 10;

/** Spawns the engine's own process; it ends by itself when this process is gone. */
export function spawnEngine(options: EngineProcessOptions): EngineProcess {
  const args = ['--data-dir', options.dataDir, '--http-port', String(options.port)];
  if (options.maxMemoryBytes !== undefined) args.push('--max-memory-bytes', String(options.maxMemoryBytes));
  args.push('--parent-pid', String(process.pid));
  const command = [process.execPath, fromPackageRoot('dist/store/engine/child.js'), ...args];
  // Becomes the command: process id, signals and streams are the engine's own.
  const child = spawn('nice', ['-n', String(niceness), ...command], {
    // stdin is the life line: it closes when this process dies, however it dies.
    stdio: ['pipe', 'ignore', 'pipe'],
    // Our own Node flags (an inspector port, a test runner's loader) are not for the engine.
    env: { ...process.env, NODE_OPTIONS: '', DRIFTLINE_ENGINE_PASSWORD: options.password },
  });
  child.stdin.on('error', () => {});
  const lastWords: string[] = [];
  createInterface({ input: child.stderr }).on('line', line => {
    lastWords.push(line);
    if (lastWords.length > lastWordsKept) lastWords.shift();
    options.onLine(line);
  });
  const exited = new Promise<string>(resolve => {
    child.on('error', error => resolve(`could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      resolve([signal ? `ended by ${signal}` : `ended with code ${code}`, ...lastWords].join('; '));
    });
  });
  return { child, exited, lastWords };
}

/** Asks the process to end, and makes it after `graceMs`. Resolves when it is gone. */
export async function endEngine({ child, exited }: EngineProcess, graceMs: number): Promise<void> {
  const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(killer);
}
