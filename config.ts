import { z } from 'zod';
import { parseHeaders } from '#collector/forward/headers.ts';

/**
 * Every setting of Driftline: environment variable, default, meaning. A flag of the same name without DRIFTLINE_, in kebab
 * case (`--data-dir`), overrides the variable.
 */
const port = z.coerce.number().int().min(0).max(65_535);
const optional = z.string().min(1).optional();

export const settings = {
  dataDir: setting(
    'DRIFTLINE_DATA_DIR',
    z.string().default('./data'),
    'WAL, embedded ClickHouse, SQLite, backups',
  ),
  host: setting('DRIFTLINE_HOST', z.string().default('127.0.0.1'), 'address of API, web and OTLP'),
  port: setting('DRIFTLINE_PORT', port.default(8080), 'API, web, socket.io; 0 picks a free port'),
  otlpHttpPort: setting(
    'DRIFTLINE_OTLP_HTTP_PORT',
    port.default(4318),
    'OTLP over HTTP; 0 picks a free port',
  ),
  otlpGrpcPort: setting(
    'DRIFTLINE_OTLP_GRPC_PORT',
    port.default(4317),
    'OTLP over gRPC; 0 picks a free port',
  ),
  adminKey: setting(
    'DRIFTLINE_ADMIN_KEY',
    z.string().min(16, 'at least 16 characters').optional(),
    'API key with every right; needed when DRIFTLINE_HOST is not a loopback address',
  ),
  ingestKey: setting(
    'DRIFTLINE_INGEST_KEY',
    z.string().min(16, 'at least 16 characters').optional(),
    'key for OTLP senders; the admin key works too',
  ),
  financeKey: setting(
    'DRIFTLINE_FINANCE_KEY',
    z.string().min(16, 'at least 16 characters').optional(),
    'API key that reads spend, budgets, prices and statements, and neither calls nor messages',
  ),
  publicUrl: setting(
    'DRIFTLINE_PUBLIC_URL',
    z.url({ protocol: /^https?$/ }).optional(),
    'where people reach the dashboard; links in alerts point there',
  ),
  captureContent: setting(
    'DRIFTLINE_CAPTURE_CONTENT',
    z.enum(['auto', 'on', 'off']).default('auto'),
    'keep prompt and answer text; auto keeps it only while bound to loopback',
  ),
  reportingZone: setting(
    'DRIFTLINE_REPORTING_ZONE',
    z.string().refine(isZone, 'not an IANA time zone').default('UTC'),
    'time zone that decides day, week and month buckets',
  ),
  retentionDays: setting(
    'DRIFTLINE_RETENTION_DAYS',
    z.coerce.number().int().min(1).max(90).default(90),
    'spans that started earlier than this are refused',
  ),
  walLimitMb: setting(
    'DRIFTLINE_WAL_LIMIT_MB',
    z.coerce.number().int().min(16).default(5_120),
    'how much may wait for the store before senders are asked to hold back',
  ),
  keyLimitMb: setting(
    'DRIFTLINE_KEY_LIMIT_MB',
    z.coerce.number().min(0).optional(),
    'MB a second that one ingest key may send, twice that at once; 0 for any amount; default 20, without keys any amount',
  ),
  bodyLimitMb: setting(
    'DRIFTLINE_BODY_LIMIT_MB',
    z.coerce.number().int().min(1).max(100).default(64),
    'largest request, uncompressed; a quarter of it compressed',
  ),
  inFlightLimitMb: setting(
    'DRIFTLINE_INFLIGHT_LIMIT_MB',
    z.coerce.number().int().min(16).default(256),
    'how much of requests may be in memory at once',
  ),
  requestItemLimit: setting(
    'DRIFTLINE_REQUEST_ITEM_LIMIT',
    z.coerce.number().int().min(1).default(20_000),
    'spans, log records or data points in one request',
  ),
  connectionLimit: setting(
    'DRIFTLINE_CONNECTION_LIMIT',
    z.coerce.number().int().min(16).default(4_096),
    'connections of all OTLP senders together',
  ),
  addressConnectionLimit: setting(
    'DRIFTLINE_ADDRESS_CONNECTION_LIMIT',
    z.coerce.number().int().min(1).default(256),
    'connections from one address that is not loopback; raise it when senders come through a proxy',
  ),
  forwardUrl: setting(
    'DRIFTLINE_FORWARD_URL',
    z.url({ protocol: /^https?$/ }).optional(),
    'base of an OTLP/HTTP endpoint that everything received is sent on to, at least once',
  ),
  forwardHeaders: setting(
    'DRIFTLINE_FORWARD_HEADERS',
    z.string().default('').superRefine(checkHeaders),
    'headers for it: key=value,key=value, as in OTEL_EXPORTER_OTLP_HEADERS',
  ),
  forwardLimitMb: setting(
    'DRIFTLINE_FORWARD_LIMIT_MB',
    z.coerce.number().int().min(16).default(2_048),
    'how much may wait to be sent on; beyond it the oldest is dropped',
  ),
  engineMemoryMb: setting(
    'DRIFTLINE_ENGINE_MEMORY_MB',
    z.coerce.number().int().min(512).optional(),
    'memory cap of the embedded engine; default half of the machine',
  ),
  smtpUrl: setting(
    'DRIFTLINE_SMTP_URL',
    z.url({ protocol: /^smtps?$/ }).optional(),
    'hands over e-mail with spend files and statements: smtp://user:password@host:587',
  ),
  smtpFrom: setting(
    'DRIFTLINE_SMTP_FROM',
    z.string().min(3).default('Driftline <driftline@localhost>'),
    'sender of that e-mail',
  ),
  checkSeconds: setting(
    'DRIFTLINE_CHECK_SECONDS',
    z.coerce.number().int().min(1).max(3_600).default(60),
    'how often alerts are evaluated',
  ),
  logLevel: setting(
    'DRIFTLINE_LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
    'what is logged to standard error',
  ),
  clickhouseUrl: setting(
    'CLICKHOUSE_URL',
    z.url({ protocol: /^https?$/ }).optional(),
    'use this server or cluster instead of the embedded engine',
  ),
  clickhouseUser: setting('CLICKHOUSE_USER', z.string().default('default'), 'user at CLICKHOUSE_URL'),
  clickhousePassword: setting('CLICKHOUSE_PASSWORD', z.string().default(''), 'password at CLICKHOUSE_URL'),
  databaseUrl: setting('DATABASE_URL', optional, 'PostgreSQL for the state instead of SQLite'),
};

export type Settings = { [Name in keyof typeof settings]: z.output<(typeof settings)[Name]['schema']> };

interface Setting<Schema extends z.ZodType> {
  variable: string;
  flag: string;
  schema: Schema;
  meaning: string;
}

function setting<Schema extends z.ZodType>(
  variable: string,
  schema: Schema,
  meaning: string,
): Setting<Schema> {
  const flag = variable
    .replace(/^DRIFTLINE_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
  return { variable, flag, schema, meaning };
}

/** All problems at once, one line each, so that a bad configuration is mended in one go. */
export class SettingsError extends Error {
  constructor(problems: string[]) {
    super(`These settings cannot be used:\n${problems.map(problem => `  ${problem}`).join('\n')}`);
  }
}

/**
 * Settings from the environment and from flags (kebab-case name without dashes → text).
 * Throws SettingsError naming every bad value.
 */
export function readSettings(environment: NodeJS.ProcessEnv, flags: Record<string, string> = {}): Settings {
  const problems: string[] = [];
  const values = Object.entries(settings).map(([name, { variable, flag, schema }]) => {
    const given = flags[flag] ?? environment[variable];
    const parsed = (schema as z.ZodType).safeParse(given === '' ? undefined : given);
    if (!parsed.success) {
      const source = flags[flag] === undefined ? variable : `--${flag}`;
      const shown = isSecret(variable) ? '…' : (given ?? '');
      problems.push(`${source}="${shown}": ${parsed.error.issues.map(issue => issue.message).join('; ')}`);
    }
    return [name, parsed.data];
  });
  const known = new Set(Object.values(settings).map(({ variable }) => variable));
  for (const variable of Object.keys(environment)) {
    // DRIFTLINE_TEST_… is the test suite's own: its seed, its number of runs, where a process is to die.
    if (/^DRIFTLINE_(?!TEST_)/.test(variable) && !known.has(variable)) {
      problems.push(`${variable}: there is no such setting`);
    }
  }
  const read = Object.fromEntries(values) as Settings;
  if (!problems.length && !isLoopback(read.host) && !read.adminKey) {
    problems.push(
      `DRIFTLINE_HOST="${read.host}" is reachable by others: set DRIFTLINE_ADMIN_KEY, or bind to 127.0.0.1`,
    );
  }
  if (!problems.length && read.financeKey && (!read.adminKey || read.financeKey === read.adminKey)) {
    problems.push('DRIFTLINE_FINANCE_KEY needs a DRIFTLINE_ADMIN_KEY beside it, and another one');
  }
  if (!problems.length && isOwnAddress(read)) {
    problems.push('DRIFTLINE_FORWARD_URL is this Driftline itself: everything would go round in a circle');
  }
  if (problems.length) throw new SettingsError(problems);
  return read;
}

/** The environment that makes a child process read the same settings. */
export function toEnvironment(read: Settings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, { variable }]) => {
      const value = read[name as keyof Settings];
      return value === undefined ? [] : [[variable, String(value)]];
    }),
  );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function isOwnAddress({ forwardUrl, otlpHttpPort }: Settings): boolean {
  if (forwardUrl === undefined) return false;
  const { hostname, port } = new URL(forwardUrl);
  return isLoopback(hostname.replace(/^\[|\]$/g, '')) && Number(port) === otlpHttpPort && otlpHttpPort !== 0;
}

/** What must not get into a log. */
function isSecret(variable: string): boolean {
  return /(KEY|HEADERS|PASSWORD)$/.test(variable);
}

function checkHeaders(text: string, context: { addIssue(message: string): void }): void {
  try {
    parseHeaders(text);
  } catch (error) {
    context.addIssue((error as Error).message);
  }
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
