import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Preloads {
  /** Paths of scripts below the web folder. */
  scripts: string[];
  /** Addresses of the API. */
  questions: string[];
}

const HEAD_END = '</head>';

/**
 * The dashboard's page for a path, with what its route will need named in its head: a browser then fetches that beside the
 * first script instead of one after the other. `withQuestions` also lets it ask the API at once, which only succeeds without a key.
 */
export async function pageFor(webDir: string, path: string, withQuestions: boolean): Promise<string> {
  const page = await readFile(join(webDir, 'index.html'), 'utf8');
  const own = await preloadsOf(webDir, path);
  if (!own) return page;
  const links = [
    // Low: what the first picture needs, the styles, does not share a thin line with them.
    ...own.scripts.map(href => `<link rel="modulepreload" crossorigin fetchpriority="low" href="${href}">`),
    ...(withQuestions ? own.questions : []).map(
      href => `<link rel="preload" as="fetch" crossorigin href="${href.replaceAll('&', '&amp;')}">`,
    ),
  ];
  return page.replace(HEAD_END, () => links.join('') + HEAD_END);
}

async function preloadsOf(webDir: string, path: string): Promise<Preloads | undefined> {
  let all: Record<string, Preloads>;
  try {
    all = JSON.parse(await readFile(join(webDir, 'preloads.json'), 'utf8'));
  } catch {
    // A page without hints works, a little later.
    return undefined;
  }
  return all[path] ?? Object.entries(all).find(([route]) => route.includes('$') && matches(route, path))?.[1];
}

/** Whether a route such as `/a/$id` is that of a path. */
function matches(route: string, path: string): boolean {
  const [parts, given] = [route.split('/'), path.split('/')];
  return (
    parts.length === given.length && parts.every((part, at) => part.startsWith('$') || part === given[at])
  );
}
