import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = join(fileURLToPath(new URL('../..', import.meta.url)), 'dist/main.js');

export interface Program {
  pid: number;
  stdout(): string;
  stderr(): string;
  /** Exit code, or the signal that ended it. */
  exited: Promise<number | string>;
  /** Resolves when standard output or error matches; rejects when the program ends first. */
  prints(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** To it and everything it started, as Ctrl-C in a terminal does. */
  killGroup(signal: NodeJS.Signals): void;
}

/** Runs `driftline <args>` with nothing of ours in its environment but what is given. */
export function runProgram(args: string[], environment: Record<string, string>): Program {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(DRIFTLINE|CLICKHOUSE|DATABASE)_/.test(name),
  );
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...Object.fromEntries(inherited), ...environment },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<number | string>(resolve => {
    child.once('close', (code, signal) => resolve(signal ?? code ?? 0));
    // Children that outlive it keep its output open: what it wrote itself is there to be read, and is read before this resolves.
    child.once('exit', (code, signal) =>
      setTimeout(() => setImmediate(() => setImmediate(() => resolve(signal ?? code ?? 0))), 50),
    );
  });
  return {
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    prints(pattern) {
      const seen = new Promise<void>(resolve => {
        const look = () => {
          if (pattern.test(stdout) || pattern.test(stderr)) resolve();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        look();
      });
      const ended = exited.then(outcome => {
        throw new Error(`ended with ${outcome} before it printed ${pattern}:\n${stdout}${stderr}`);
      });
      return Promise.race([seen, ended]);
    },
    kill: signal => child.kill(signal),
    killGroup: signal => process.kill(-child.pid!, signal),
  };
}

/** Process ids below `parent`, children of children included. */
export function descendants(parent: number): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const all = lines
    .map(line => line.trim().split(/\s+/))
    .filter(([, , stat, command]) => stat !== 'Z' && command !== 'ps');
  const below = (pid: number): number[] =>
    all
      .filter(([, ppid]) => Number(ppid) === pid)
      .flatMap(([child]) => [Number(child), ...below(Number(child))]);
  return below(parent);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
