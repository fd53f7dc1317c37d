import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Router } from 'express';
import { pageFor } from './page-preloads.ts';
import { servePrecompressed } from './precompressed.ts';
import { notFound } from './problem.ts';
import type { ApiLog } from './request-id.ts';

/** A missing picture or script must not be answered with a page; `/models/gpt-4.1` is not a file. */
const FILE = /^\/assets\/|\.(?:js|mjs|css|map|json|png|jpe?g|svg|ico|webp|woff2?|txt|xml|webmanifest)$/;

/** The built dashboard: hashed assets for ever, its page never from a cache, any address of the app gives the page. */
export function servePages(
  webDir: string,
  first: {
    /** The page with an alert already in it; null when there is no such alert. */
    alertPage?: ((id: string, page: string) => Promise<string | null>) | undefined;
    /** Whether the API answers without a key. */
    isOpen?: boolean;
    log?: Pick<ApiLog, 'error'>;
  } = {},
): Router {
  const router = express.Router();
  const page = join(webDir, 'index.html');
  router.use(
    servePrecompressed(webDir),
    express.static(webDir, {
      index: false,
      setHeaders(response, path) {
        const isHashed = path.startsWith(join(webDir, 'assets'));
        response.setHeader('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  router.get('/a/:id', async (request, response, next) => {
    const { alertPage, log } = first;
    if (!alertPage || !existsSync(page)) return next();
    try {
      const drawn = await alertPage(request.params.id, await pageFor(webDir, request.path, false));
      if (drawn === null) return next();
      response.set('cache-control', 'no-store').type('html').send(drawn);
    } catch (error) {
      // The page draws it itself, a little later.
      log?.error({ error }, 'an alert could not be drawn into its page');
      next();
    }
  });
  router.get('/{*path}', async (request, response, next) => {
    if (FILE.test(request.path)) next(notFound(`There is no ${request.path}.`));
    else if (!existsSync(page)) next(notFound('The dashboard is not built: run `npm run build`.'));
    else {
      // What an address asks besides its path is known to the page alone.
      const plain = first.isOpen === true && !request.originalUrl.includes('?');
      response
        .set('cache-control', 'no-cache')
        .type('html')
        .send(await pageFor(webDir, request.path, plain));
    }
  });
  return router;
}
