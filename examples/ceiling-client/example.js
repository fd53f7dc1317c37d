// node examples/ceiling-client/example.js [http://127.0.0.1:8080]
import { setTimeout as sleep } from 'node:timers/promises';
import { CeilingClient } from './ceiling-client.js';

const ceilings = new CeilingClient({ url: process.argv[2] ?? 'http://127.0.0.1:8080', fallback: 'deny' });

for (let call = 1; call <= 20; call += 1) {
  const { decision, reason, model, source, settle } = await ceilings.check({ feature: 'support-bot' }, 0.01);
  console.log(`${call}: ${decision} (${source}) ${model ? `use ${model}; ` : ''}${reason}`);
  // Here the model would be called, the cheaper one when told to degrade.
  if (decision !== 'deny') settle(0.008);
  await sleep(500);
}
