import { Command } from 'commander';
import { pino } from 'pino';
import { addRulesCommands } from '#alerts/rules/apply-command.ts';
import { addVerifyCommand } from '#alerts/verify-command.ts';
import { startDemo, stopDemo } from '#demo/ask.ts';
import { replay } from '#demo/replay.ts';
import { addGateCommand } from '#quality/golden/gate-command.ts';
import { readSettings, settings } from './config.ts';
import type { DoctorOptions } from './doctor/doctor.ts';
import { isRoomName, roomNames, startRoom } from './rooms.ts';
import { startAll } from './supervisor.ts';

const program = new Command('driftline').description('Observability and drift monitoring for AI features');

const start = program
  .command('start', { isDefault: true })
  .description('run Driftline: engine, collector and api, or only the room named')
  .argument('[room]', `one of ${roomNames.join(', ')}`);
for (const { flag, variable, meaning } of Object.values(settings)) {
  start.option(`--${flag} <value>`, `${meaning} (${variable})`);
}
start.action((room: string | undefined, _: unknown, command: Command) =>
  guarded(() => run(room, flagsOf(command))),
);

program
  .command('demo')
  .description('start clearly labelled demo traffic in a running Driftline, with a planted regression')
  .option('--url <url>', 'where Driftline is', 'http://127.0.0.1:8080')
  .option('--key <key>', 'API key')
  .option('--stop', 'stop it and remove its data')
  .action(({ stop, ...options }: { url: string; key?: string; stop?: true }) =>
    guarded(() => (stop ? stopDemo : startDemo)({ ...options, report: line => console.log(line) })),
  );

program
  .command('replay')
  .description('send recorded OTLP request bodies (chat.traces.json, run.logs.pb.gz, …) to a collector')
  .argument('<file...>')
  .option('--endpoint <url>', 'OTLP over HTTP', 'http://127.0.0.1:4318')
  .option('--key <key>', 'ingest key')
  .action((files: string[], options: { endpoint: string; key?: string }) =>
    guarded(() => replay(files, { ...options, report: line => console.log(line) })),
  );

program
  .command('doctor')
  .description('check what Driftline needs on this machine, or whether private values get to its disk')
  .option(
    '--leak-probe',
    'plant made-up private values in every place and look for them in the whole data folder',
  )
  .option('--values <count>', 'how many values the probe plants', '10000')
  .option(
    '--url <url>',
    'probe this running Driftline (needs --data-dir); default: one of its own, removed afterwards',
  )
  .option('--data-dir <folder>', 'data folder to check, or of the Driftline at --url (DRIFTLINE_DATA_DIR)')
  .option('--key <key>', 'API key')
  .action((options: DoctorOptions) =>
    guarded(async () => {
      const { doctor } = await import('./doctor/doctor.ts');
      await doctor(options, line => console.log(line));
    }),
  );

addGateCommand(program);
addRulesCommands(program);
addVerifyCommand(program);

await program.parseAsync();

async function run(room: string | undefined, flags: Record<string, string>): Promise<void> {
  const read = readSettings(process.env, flags);
  if (room !== undefined && !isRoomName(room)) {
    throw new Error(`there is no room "${room}"; rooms are ${roomNames.join(', ')}`);
  }
  // Standard output carries the ready line and nothing else.
  const options = {
    level: read.logLevel,
    base: { room: room ?? 'supervisor' },
    // Without it an Error under this name, which is what we log them by, would be {}.
    serializers: { error: pino.stdSerializers.err },
  };
  const log = pino(options, pino.destination(2));
  const starting = room === undefined ? startAll(read, log) : startRoom(room, read, log);
  // From now on, so that a signal during the start leaves nothing running either.
  stopOnSignal(async () => (await starting).stop());
  await starting;
}

/** Ctrl-C, SIGTERM, or (for a room started by the supervisor) the supervisor's end. */
function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  process.on('disconnect', end);
}

/** The flags given on the command line, by their kebab-case names. */
function flagsOf(command: Command): Record<string, string> {
  return Object.fromEntries(
    command.options.flatMap(option => {
      const value = command.getOptionValue(option.attributeName()) as string | undefined;
      return value === undefined ? [] : [[option.long?.slice(2) ?? '', value]];
    }),
  );
}

async function guarded(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    console.error(`driftline: ${error instanceof Error ? describe(error) : String(error)}`);
    process.exit(1);
  }
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}
