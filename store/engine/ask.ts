import { request } from 'node:http';
import { engineUser } from './config-files.ts';

/** One request to the embedded engine, as its supervisor makes it. */
export interface EngineRequest {
  port: number;
  /** SQL to run as the engine's user; without it the request is `GET /ping`. */
  sql?: string;
  password?: string;
  timeoutMs: number;
}

/**
 * Body of the engine's answer. Rejects on anything but 200 and when no full answer came within `timeoutMs`.
 * Uses a connection of its own and closes it: ClickHouse waits for idle connections before it shuts down.
 */
export function askEngine({ port, sql, password, timeoutMs }: EngineRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path: sql ? '/' : '/ping',
      method: sql ? 'POST' : 'GET',
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: sql ? { 'X-ClickHouse-User': engineUser, 'X-ClickHouse-Key': password } : {},
    });
    outgoing.on('error', reject);
    outgoing.on('response', answer => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`the engine answered ${answer.statusCode}: ${text.slice(0, 500)}`));
      });
    });
    outgoing.end(sql);
  });
}
