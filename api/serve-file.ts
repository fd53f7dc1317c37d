import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response, Router } from 'express';
import type { z } from 'zod';
import type { Endpoint } from '#contract/endpoint.ts';
import { expressPath, parseRequest } from './serve.ts';

export interface ServedFile {
  name: string;
  contentType: string;
  stream(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * Serves a GET whose answer is a file, as fast as the caller takes it. What fails before the first byte is a problem like any
 * other; what fails later breaks the connection off, so that half a file never looks whole.
 */
export function serveFile<E extends Endpoint>(
  router: Router,
  endpoint: E,
  handler: (request: z.output<E['request']>, params: Record<string, string>) => Promise<ServedFile>,
): void {
  router.get(expressPath(endpoint), async (request, response) => {
    const file = await handler(parseRequest(endpoint, request), request.params as Record<string, string>);
    await sendFile(response, file);
  });
}

async function sendFile(response: Response, { name, contentType, stream }: ServedFile): Promise<void> {
  const hungUp = new AbortController();
  response.on('close', () => hungUp.abort());
  const chunks = stream(hungUp.signal)[Symbol.asyncIterator]();
  const first = await chunks.next();
  response.set({
    'content-type': contentType,
    'content-disposition': `attachment; filename="${name}"`,
    // Compressing costs more than it saves on the way to a file, and Parquet is compressed.
    'cache-control': 'no-store, no-transform',
  });
  if (first.done) return void response.end();
  try {
    await pipeline(Readable.from(from(first.value, chunks), { objectMode: false }), response);
  } catch (error) {
    if (!hungUp.signal.aborted) throw error;
  }
}

async function* from(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}
