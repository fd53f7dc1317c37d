// Runs one of the long harnesses in test/, which are TypeScript: node bin/harness.js <crash|power-cut|outage|fuzz> [flags]
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const conditions = ['source', 'node'];
const [name, ...flags] = process.argv.slice(2);
const { module } = await runnerImport(join(root, `test/${name === 'fuzz' ? 'fuzz' : 'crash'}/${name}.ts`), {
  configFile: false,
  root,
  logLevel: 'warn',
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
try {
  process.exit(await module.main(flags));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
