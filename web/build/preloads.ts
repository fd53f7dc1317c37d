import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Routes of the router's source: a path, and what is imported for it. */
const ROUTE = /createRoute\(\{([\s\S]*?)\n\}\);/g;
const PATH = /\bpath: '([^']*)'/;
const IMPORT = /\bimport\('([^']+)'\)/g;

/** What the frame around every page asks first, and what a page does when its address says nothing else. */
export const firstQuestions = {
  frame: [
    '/api/v1/onboarding',
    '/api/v1/alerts?state=any&limit=500',
    '/api/v1/rule-alerts?state=any&limit=500',
  ],
  pages: {
    '/': ['/api/v1/overview?from=now-24h&to=now'],
    '/alerts': ['/api/v1/drift/digest'],
    '/quality': ['/api/v1/quality?from=now-24h&to=now&group_by=feature'],
  } as Record<string, string[] | undefined>,
};

/**
 * Writes `preloads.json`: for every path of the router the files its page needs beyond those of every page and its first questions,
 * so that the server can name them in the page and a browser asks for them beside the first script instead of after it.
 */
export function preloads(router: string): Plugin {
  return {
    name: 'driftline-preloads',
    transformIndexHtml: {
      order: 'post',
      // The shell in the page is painted with the styles alone; the script does not share a thin line with them.
      handler: html => html.replace('<script type="module"', '<script type="module" fetchpriority="low"'),
    },
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter(one => one.type === 'chunk');
      const files = new Map(chunks.map(one => [one.fileName, one]));
      const modules = new Map(chunks.flatMap(one => one.moduleIds.map(id => [id, one.fileName] as const)));
      const needed = (file: string, seen = new Set<string>()): Set<string> => {
        if (seen.has(file)) return seen;
        seen.add(file);
        for (const next of files.get(file)?.imports ?? []) needed(next, seen);
        return seen;
      };
      const always = new Set(chunks.filter(one => one.isEntry).flatMap(one => [...needed(one.fileName)]));
      const source = readFileSync(router, 'utf8');
      const controls = source.match(/const loadControls[\s\S]*?;/)?.[0] ?? '';
      const routes = [...source.matchAll(ROUTE)].map(([, route = '']) => {
        const path = route.match(PATH)?.[1];
        const parts = [
          ...(route.includes('loadControls()') ? `${route}${controls}` : route).matchAll(IMPORT),
        ];
        const wanted = parts.map(([, part = '']) => modules.get(resolve(dirname(router), part)));
        if (path === undefined || wanted.length === 0 || wanted.includes(undefined))
          this.error(`A route of ${router} cannot be read: ${path}`);
        const own = wanted.flatMap(file => [...needed(file as string)]).filter(file => !always.has(file));
        const questions = [...firstQuestions.frame, ...(firstQuestions.pages[path] ?? [])];
        return [path, { scripts: [...new Set(own)].map(file => `/${file}`), questions }] as const;
      });
      if (routes.length < 2) this.error(`No routes were found in ${router}.`);
      this.emitFile({
        type: 'asset',
        fileName: 'preloads.json',
        source: JSON.stringify(Object.fromEntries(routes)),
      });
    },
  };
}
