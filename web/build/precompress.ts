import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Smaller ones fit into one packet as they are. */
const LEAST_BYTES = 1200;

/** Writes scripts and styles compressed as well as can be beside themselves; the server sends those. */
export function precompress(): Plugin {
  return {
    name: 'driftline-precompress',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const [fileName, part] of Object.entries(bundle)) {
          if (!/^assets\/.*\.(?:js|css)$/.test(fileName)) continue;
          const text = Buffer.from(part.type === 'chunk' ? part.code : part.source);
          if (text.length < LEAST_BYTES) continue;
          const params = { [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
          this.emitFile({
            type: 'asset',
            fileName: `${fileName}.br`,
            source: brotliCompressSync(text, { params }),
          });
          this.emitFile({
            type: 'asset',
            fileName: `${fileName}.gz`,
            source: gzipSync(text, { level: 9 }),
          });
        }
      },
    },
  };
}
