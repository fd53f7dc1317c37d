import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataType, load, open } from 'ffi-rs';
import { askEngine } from './ask.ts';
import { type EnginePaths, enginePaths, writeConfigFiles } from './config-files.ts';
import { locateEngineLibrary } from './library.ts';

export interface ServeOptions {
  /** Driftline's data folder; the engine lives in its `clickhouse/` and writes backups to its `backups/`. */
  dataDir: string;
  /** Loopback port of the ClickHouse HTTP interface; the only one that is opened. */
  httpPort: number;
  /** Password of the user `driftline`. */
  password: string;
  /** Cap for the whole engine; a query that would pass it fails alone. Default: half of the memory. */
  maxMemoryBytes?: number;
  /** Process to outlive by no more than a second; leave out to run alone. Expects its pipe on stdin. */
  parentPid?: number;
}

/** A stop takes no longer than this; what has not finished by then is cut off as by a crash. */
const stopGraceMs = 4500;
const parentPollMs = 500;

// The engine stops as soon as its start-up script ends, so the script ends in a query that never does. It
// sleeps in blocks of an hour: a block allocates nothing, so a full memory cap cannot end it.
const script = `SYSTEM START LISTEN HTTP;
SELECT sleepEachRow(4) FROM system.numbers SETTINGS max_block_size = 1000,
function_sleep_max_microseconds_per_block = 4294967295, max_execution_time = 0 FORMAT Null`;

/**
 * Runs ClickHouse inside this process, which should do nothing else: a fatal signal in the engine takes the
 * process along. Resolves to true after a stop that was asked for (SIGTERM, or the parent went away), false
 * when the engine ended by itself; its own messages are on stderr.
 */
export async function serveEngine(options: ServeOptions): Promise<boolean> {
  const library = locateEngineLibrary();
  const paths = enginePaths(options.dataDir);
  writeConfigFiles(paths, {
    password: options.password,
    maxMemoryBytes: options.maxMemoryBytes ?? defaultEngineMemoryBytes(),
  });

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), stopGraceMs).unref();
    void endScript(options);
  };
  process.on('SIGTERM', stop);
  // Ctrl-C and a closed terminal reach the whole process group; the parent decides when the engine goes,
  // after the last write.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  if (options.parentPid !== undefined) watchParent(options.parentPid, stop);

  await runLibrary(library, engineArguments(paths, options.httpPort));
  return stopping;
}

/** Half of the memory this process may use, in bytes; a container's limit counts. */
function defaultEngineMemoryBytes(): number {
  const limit = process.constrainedMemory();
  const total = totalmem();
  return Math.floor((limit > 0 && limit < total ? limit : total) / 2);
}

function engineArguments(paths: EnginePaths, httpPort: number): string[] {
  const listen = ['--listen_host', '127.0.0.1', '--http_port', String(httpPort)];
  const files = ['--path', paths.store, '--config-file', paths.config];
  return ['clickhouse', ...files, ...listen, '--multiquery', '-q', script];
}

async function runLibrary(library: string, args: string[]): Promise<void> {
  open({ library: 'chdb', path: library });
  // The result handle is left alone: asking it for its error through ffi-rs crashes the process.
  await load({
    library: 'chdb',
    funcName: 'chdb_query_cmdline',
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [args.length, args],
    runInNewThread: true,
  });
}

/** Ends the never-ending query (the only one without a user), upon which ClickHouse shuts down in order. */
async function endScript({ httpPort, password }: ServeOptions): Promise<void> {
  const sql = "KILL QUERY WHERE user = '' FORMAT TSV";
  // The stop may come before the port is open, hence the attempts.
  for (let attempt = 0; attempt < stopGraceMs / 100; attempt++) {
    const killed = await askEngine({ port: httpPort, sql, password, timeoutMs: 1000 }).catch(() => '');
    if (killed !== '') return;
    await sleep(100);
  }
}

function watchParent(parentPid: number, gone: () => void): void {
  process.stdin.on('end', gone).on('close', gone).on('error', gone).resume();
  process.on('disconnect', gone);
  setInterval(() => process.ppid !== parentPid && gone(), parentPollMs).unref();
}
