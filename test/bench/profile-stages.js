// CPU time by stage from V8 profiles: self time of every function, by the folder its file is in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const stages = [
  [/\/collector\/otlp\//, 'decode'],
  [/\/(collector|store)\/redact\//, 'redact'],
  [/\/collector\/(request|cost)\//, 'map'],
  [/\/collector\/wal\//, 'wal'],
  [/\/store\/native\/|\/collector\/settle\/(insert|rows|span-block|call-block)/, 'encode'],
  [/\/collector\/settle\/inserter/, 'insert'],
  [/\/store\/engine\/|@clickhouse\//, 'insert'],
  [/\/collector\/settle\//, 'settle'],
  [/\/store\/(queries|rows)/, 'settle'],
  [/\/collector\/receive\/|node:(_http|http|net|stream|internal\/streams|zlib)/, 'receive'],
  [/\/collector\/report\//, 'report'],
];

/** Microseconds by stage over every profile in the folder; `gc` and `idle` apart; `top` lists the heaviest functions. */
export function stagesOf(folder) {
  const byStage = new Map();
  const byFunction = new Map();
  for (const name of readdirSync(folder).filter(file => file.endsWith('.cpuprofile'))) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const byId = new Map(nodes.map(node => [node.id, node]));
    samples.forEach((id, index) => {
      const { functionName, url, lineNumber } = byId.get(id).callFrame;
      const us = timeDeltas[index];
      const stage = stageOf(functionName, url);
      byStage.set(stage, (byStage.get(stage) ?? 0) + us);
      if (stage === 'idle') return;
      const label = `${functionName || '(anonymous)'} ${url.replace(/.*\/(dist|node_modules)\//, '')}:${lineNumber + 1}`;
      byFunction.set(label, (byFunction.get(label) ?? 0) + us);
    });
  }
  const top = [...byFunction].sort((a, b) => b[1] - a[1]).slice(0, 45);
  return { stages: Object.fromEntries([...byStage].sort((a, b) => b[1] - a[1])), top };
}

function stageOf(functionName, url) {
  if (functionName === '(idle)') return 'idle';
  if (functionName === '(garbage collector)') return 'gc';
  if (functionName === '(program)') return 'program';
  for (const [pattern, stage] of stages) if (pattern.test(url)) return stage;
  return url.startsWith('node:') ? 'receive' : 'other';
}
