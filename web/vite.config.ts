import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precompress } from './build/precompress.ts';
import { preloads } from './build/preloads.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const isOwn = (id: string) => id.startsWith(here('.'));
const isChart = (id: string) =>
  id.startsWith(here('./charts')) && !/(?:points|sparkline|palette)\.tsx?$/.test(id);
const isControl = (id: string) => /\/frame\/(?:view-controls|filter-chips)\.tsx$/.test(id);
/** Parts of pages and their icons, without what is loaded when it is first opened. */
const isSmallPart = (id: string) =>
  (isOwn(id) &&
    !isChart(id) &&
    !id.startsWith(here('./pages')) &&
    !/(?:-(?:panel|list|form)|tabs)\.tsx$/.test(id)) ||
  id.includes('/lucide-react/');

const isTabs = (id: string) =>
  /\/ui\/tabs\.tsx$|@radix-ui\/react-(?:tabs|roving-focus|collection|direction)\//.test(id);
/** Pages that are about the same. */
const subjects = [
  { name: 'alerting', test: /\/web\/pages\/(?:alerts?|rule-alert)\// },
  {
    name: 'money',
    test: /\/web\/pages\/(?:spend|budgets|prices|statement|outcomes|reconcile)\/|\/web\/data\/unpriced/,
  },
  { name: 'scores', test: /\/web\/pages\/(?:quality|review|golden|judge|model-card)\// },
];

export default defineConfig({
  root: here('.'),
  resolve: {
    // The router's store asks for the variant that brings its own copy of a hook for React 17.
    alias: { 'use-sync-external-store/shim/with-selector': 'use-sync-external-store/with-selector' },
  },
  plugins: [react(), tailwindcss(), preloads(here('./router.tsx')), precompress()],
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // One file for what every page needs: forty small ones compress worse and cost a request each.
        codeSplitting: {
          groups: [
            { name: 'initial', tags: ['$initial'], priority: 3 },
            // So is what several pages share; what opens later on top of a page stays apart.
            // Asked for together by every page over time.
            { name: 'controls', test: isControl, priority: 1 },
            { name: 'charts', test: isChart, minShareCount: 2, priority: 1 },
            { name: 'shared', test: isSmallPart, minShareCount: 3, priority: 2 },
            // And what only pages of one subject share: a file of its own for each piece would be another trip over the network.
            { name: 'tabs', test: isTabs, minShareCount: 2, priority: 1 },
            ...subjects.map(({ name, test }) => ({ name, test, minShareCount: 2, priority: 1 })),
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:8080',
      '/socket.io': { target: 'http://127.0.0.1:8080', ws: true },
    },
  },
});
