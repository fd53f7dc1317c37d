import { createRequire } from 'node:module';

const platformPackages: Record<string, string> = {
  'linux-x64': '@chdb/lib-linux-x64-gnu',
  'linux-arm64': '@chdb/lib-linux-arm64-gnu',
  'darwin-x64': '@chdb/lib-darwin-x64',
  'darwin-arm64': '@chdb/lib-darwin-arm64',
};

/** There is no embedded ClickHouse for this machine; the message says how to go on without it. */
export class EngineUnavailableError extends Error {
  override name = 'EngineUnavailableError';
}

/**
 * Absolute path of the ClickHouse library for this machine.
 * Throws EngineUnavailableError where chdb has no package or npm did not install it (musl, `--omit=optional`).
 */
export function locateEngineLibrary(
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  const packageName = platformPackages[`${platform}-${arch}`];
  const advice =
    'Set CLICKHOUSE_URL (with CLICKHOUSE_USER and CLICKHOUSE_PASSWORD) to use a ClickHouse server instead.';
  if (!packageName) {
    throw new EngineUnavailableError(
      `The embedded ClickHouse does not run on ${platform} ${arch}. ${advice}`,
    );
  }
  // The platform package belongs to chdb, so it is looked up from there: npm need not hoist it to us.
  const fromChdb = createRequire(createRequire(import.meta.url).resolve('chdb'));
  try {
    return fromChdb.resolve(`${packageName}/libchdb.so`);
  } catch (cause) {
    throw new EngineUnavailableError(
      `The embedded ClickHouse needs the npm package ${packageName}, which is not installed ` +
        `(it needs glibc, and optional dependencies switched on). ${advice}`,
      { cause },
    );
  }
}
