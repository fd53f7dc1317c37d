import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestHandler } from 'express';

const ASSET = /^\/assets\/[\w.-]+\.(?:js|css)$/;
const ENDINGS = { br: '.br', gzip: '.gz' } as const;
const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' } as const;

/** Hashed scripts and styles as the build has compressed them: smaller than what can be made while somebody waits. */
export function servePrecompressed(webDir: string): RequestHandler {
  return (request, response, next) => {
    if (!ASSET.test(request.path) || (request.method !== 'GET' && request.method !== 'HEAD')) return next();
    // Browsers name gzip first and mean no preference by it.
    const encoding = (['br', 'gzip'] as const).find(one => request.acceptsEncodings(one) === one);
    if (!encoding) return next();
    const file = join(webDir, request.path + ENDINGS[encoding]);
    if (!existsSync(file)) return next();
    response.set({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': encoding,
      'content-type': TYPES[request.path.endsWith('.css') ? 'css' : 'js'],
      vary: 'Accept-Encoding',
    });
    response.sendFile(file, { cacheControl: false });
  };
}
