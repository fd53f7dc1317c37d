import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The one user of the embedded engine that can read and write. */
export const engineUser = 'driftline';

/** Where the embedded engine keeps its things; absolute paths. */
export interface EnginePaths {
  home: string;
  store: string;
  backups: string;
  config: string;
  users: string;
  password: string;
  owner: string;
  /** Definitions of tables that the engine could not read. */
  quarantine: string;
}

export function enginePaths(dataDir: string): EnginePaths {
  const home = resolve(dataDir, 'clickhouse');
  return {
    home,
    store: join(home, 'store'),
    backups: resolve(dataDir, 'backups'),
    config: join(home, 'config.xml'),
    users: join(home, 'users.xml'),
    password: join(home, 'password'),
    owner: join(home, 'owner.json'),
    quarantine: join(home, 'quarantine'),
  };
}

/** Writes the engine's configuration and users file (mode 0600), replacing those of an earlier start. */
export function writeConfigFiles(
  paths: EnginePaths,
  options: { password: string; maxMemoryBytes: number },
): void {
  for (const folder of [paths.home, paths.store, paths.backups]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  writeFileSync(paths.config, configXml(paths, options), { mode: 0o600 });
  writeFileSync(paths.users, usersXml(options.password), { mode: 0o600 });
}

function configXml(paths: EnginePaths, options: { password: string; maxMemoryBytes: number }): string {
  const basic = Buffer.from(`${engineUser}:${options.password}`).toString('base64');
  // The engine's own start-up session is always the password-less `default` user, so the HTTP side only
  // answers requests that already name our user: nobody on this machine can enter as `default`.
  // The memory cap is held against this process; the control group counts our other processes as well.
  // A stop waits for idle connections, so these are short; clients must let go earlier (`client.ts`).
  return `<clickhouse>
  <keep_alive_timeout>3</keep_alive_timeout>
  <timezone>UTC</timezone>
  <max_server_memory_usage>${Math.floor(options.maxMemoryBytes)}</max_server_memory_usage>
  <memory_worker_use_cgroup>0</memory_worker_use_cgroup>
  <mark_cache_size>${256 * 1024 * 1024}</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <users_config>${xml(paths.users)}</users_config>
  <user_directories><users_xml><path>${xml(paths.users)}</path></users_xml></user_directories>
  <backups><allowed_path>${xml(paths.backups)}</allowed_path></backups>
  <http_handlers>
    <rule>
      <methods>GET,HEAD</methods><url>/ping</url>
      <handler><type>ping</type></handler>
    </rule>
    <rule>
      <headers><Authorization>Basic ${basic}</Authorization></headers>
      <handler><type>dynamic_query_handler</type></handler>
    </rule>
    <rule>
      <headers><X-ClickHouse-User>${engineUser}</X-ClickHouse-User></headers>
      <handler><type>dynamic_query_handler</type></handler>
    </rule>
  </http_handlers>
</clickhouse>
`;
}

function usersXml(password: string): string {
  const sha256 = createHash('sha256').update(password).digest('hex');
  const loopback = '<networks><ip>127.0.0.1</ip><ip>::1</ip></networks>';
  return `<clickhouse>
  <profiles><default></default></profiles>
  <quotas><default></default></quotas>
  <users>
    <default>
      <password></password>${loopback}<profile>default</profile><quota>default</quota>
      <grants><query>GRANT SYSTEM ON *.*</query><query>GRANT SELECT ON system.numbers</query></grants>
    </default>
    <${engineUser}>
      <password_sha256_hex>${sha256}</password_sha256_hex>${loopback}
      <profile>default</profile><quota>default</quota>
      <grants><query>GRANT ALL ON *.* WITH GRANT OPTION</query></grants>
    </${engineUser}>
  </users>
</clickhouse>
`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
