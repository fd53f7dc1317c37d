import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const folder = fileURLToPath(new URL('../../../shared/captures', import.meta.url));

/** What can be known from the payloads of a scenario once double counts are removed. */
export interface Visible {
  spans: number;
  model_calls: number;
  model_calls_ok: number;
  model_calls_failed: number;
  model_calls_ok_without_usage: number;
  model_spans_that_are_duplicates: number;
  tool_spans: number;
  tool_spans_failed: number;
  input_tokens_including_cache: number;
  cached_read_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  embedding_input_tokens: number;
}

export interface CapturedBody {
  signal: 'traces' | 'logs' | 'metrics';
  encoding: 'json' | 'protobuf';
  file: string;
  body: Buffer;
}

/** One run of one client: every request body it sent, and the truth its sidecar states. */
export interface Scenario {
  name: string;
  bodies: CapturedBody[];
  visible: Visible;
}

/** Every scenario below ../shared/captures, in name order. */
export function readScenarios(): Scenario[] {
  const scenarios = new Map<string, Scenario>();
  for (const client of readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())) {
    for (const file of readdirSync(join(folder, client.name)).sort()) {
      const match = /^(.+?)\.(traces|logs|metrics)(\.\d+)?\.(pb|json)(\.gz)?$/.exec(file);
      if (!match) continue;
      const [, scenario, signal, part = '', encoding, gz] = match;
      const name = `${client.name}/${scenario}`;
      const path = join(folder, client.name, file);
      const meta = join(folder, client.name, `${scenario}.${signal}${part}.meta.json`);
      const { visible_in_payload: visible } = JSON.parse(readFileSync(meta, 'utf8')) as {
        visible_in_payload: Visible;
      };
      const body = gz ? gunzipSync(readFileSync(path)) : readFileSync(path);
      const known = scenarios.get(name) ?? { name, bodies: [], visible };
      known.bodies.push({
        signal: signal as CapturedBody['signal'],
        encoding: encoding === 'pb' ? 'protobuf' : 'json',
        file,
        body,
      });
      // The trace file's sidecar speaks of spans; prefer it over those of logs and metrics.
      if (signal === 'traces') known.visible = visible;
      scenarios.set(name, known);
    }
  }
  return [...scenarios.values()].sort((one, other) => one.name.localeCompare(other.name));
}
