import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** Path of a Chromium that the browser tests can drive, or null. CHROMIUM_PATH names one directly. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : null;
  const folders = (process.env.PATH ?? '').split(':');
  for (const name of NAMES)
    for (const folder of folders) if (existsSync(`${folder}/${name}`)) return `${folder}/${name}`;
  return existsSync(MAC) ? MAC : downloaded();
}

/** The browser that `playwright-core install chromium` put in its own folder, if it did, and packages are installed. */
function downloaded() {
  try {
    const quiet = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    const script = 'import("playwright-core").then(p => console.log(p.chromium.executablePath()))';
    const path = execFileSync(process.execPath, ['-e', script], quiet).trim();
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}
