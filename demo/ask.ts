/** How far the demo is, as `/api/v1/onboarding` says it. */
interface DemoState {
  state: 'off' | 'filling' | 'live';
  progress: number;
}

export interface AskDemoOptions {
  /** Where Driftline is, e.g. `http://127.0.0.1:8080`. */
  url: string;
  /** API key, where one is needed. */
  key?: string;
  report(line: string): void;
}

const POLL_MS = 1000;
/** A history takes under a minute; a machine that needs longer than this has another problem. */
const longestMs = 20 * 60_000;

/** Starts demo traffic in a running Driftline and reports until its history is in. Throws when it cannot be reached. */
export async function startDemo(options: AskDemoOptions): Promise<void> {
  await ask(options, 'POST', '/api/v1/demo');
  let shown = -1;
  for (let waitedMs = 0; waitedMs < longestMs; waitedMs += POLL_MS) {
    const { demo } = (await ask(options, 'GET', '/api/v1/onboarding')) as { demo: DemoState };
    if (demo.state === 'live') {
      options.report(`Demo traffic is live: open ${options.url}`);
      return;
    }
    if (demo.state === 'off') throw new Error('the demo was stopped');
    const percent = Math.floor(demo.progress * 10) * 10;
    if (percent > shown) options.report(`Sending eight weeks of history: ${percent} %`);
    shown = Math.max(shown, percent);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
  throw new Error('the history is still not in after 20 minutes; see the log of Driftline');
}

/** Stops demo traffic and removes its data. */
export async function stopDemo(options: AskDemoOptions): Promise<void> {
  await ask(options, 'DELETE', '/api/v1/demo');
  options.report('Demo traffic is stopped and its data removed.');
}

async function ask({ url, key }: AskDemoOptions, method: string, path: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  const body = method === 'POST' ? '{}' : undefined;
  const response = await fetch(new URL(path, url), { method, headers, ...(body && { body }) }).catch(
    cause => {
      throw new Error(`no Driftline answers at ${url}; start it with \`npm start\``, { cause });
    },
  );
  if (response.ok) return response.json();
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Error(`${url} answered ${response.status} ${problem.detail ?? problem.title ?? ''}`.trimEnd());
}
