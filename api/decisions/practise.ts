import { Agent, get, type RequestOptions } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { decision } from '#contract/decision.ts';
import type { Decider } from '#ledger/budget/decider.ts';
import type { Access } from '../security.ts';
import { openDoor } from './door.ts';

const questions = 1500;
/** Between two pauses, in which real callers are answered. */
const inARow = 10;
const pauseMs = 5;

/**
 * Asks for decisions at a door of its own, again and again. Code that has not run yet takes many times as long as later: without this the
 * first half second of a rush of callers would be answered 100 ms late. Rejects when an answer is not a decision.
 */
export async function practise(decide: Decider['decide'], access: Access): Promise<void> {
  const door = await openDoor({ host: '127.0.0.1', port: 0, access, decide, apiPort: 0 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const { port } = door.address;
    const { adminKey } = access;
    const headers = adminKey === undefined ? {} : { authorization: `Bearer ${adminKey}` };
    const path = `${decision.path}?feature=practice&tenant=practice`;
    for (let asked = 0; asked < questions; asked += 1) {
      await answered({ host: '127.0.0.1', port, path, headers, agent });
      if (asked % inARow === 0) await sleep(pauseMs, undefined, { ref: false });
    }
  } finally {
    agent.destroy();
    await door.stop();
  }
}

function answered(question: RequestOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    get(question, answer => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`answered ${answer.statusCode}`));
      });
    }).on('error', reject);
  });
}
