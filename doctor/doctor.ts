import { readSettings } from '../config.ts';
import { runChecks } from './checks.ts';
import { runLeakProbe } from './leak-probe/command.ts';

/** As given on the command line. */
export interface DoctorOptions {
  leakProbe?: true;
  values: string;
  url?: string;
  dataDir?: string;
  key?: string;
}

const signs = { ok: 'ok     ', warning: 'WARNING', failed: 'FAILED ' };

/** Tells what it finds line by line; the process ends with 1 when something is wrong. */
export async function doctor(options: DoctorOptions, report: (line: string) => void): Promise<void> {
  const isFine = options.leakProbe ? await probe(options, report) : await check(options, report);
  if (!isFine) process.exitCode = 1;
}

async function probe(
  { values, ...options }: DoctorOptions,
  report: (line: string) => void,
): Promise<boolean> {
  const count = Number(values);
  if (!Number.isInteger(count) || count < 1 || count > 100_000) {
    throw new Error(`--values ${values}: a number from 1 to 100000`);
  }
  return runLeakProbe({ ...options, values: count, report });
}

async function check({ dataDir }: DoctorOptions, report: (line: string) => void): Promise<boolean> {
  const settings = readSettings(process.env, dataDir === undefined ? {} : { 'data-dir': dataDir });
  const checks = await runChecks(settings);
  for (const { name, verdict, detail } of checks) report(`${signs[verdict]} ${name}: ${detail}`);
  return checks.every(({ verdict }) => verdict !== 'failed');
}
