import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** What a recorded request body is, told by its name: `anything.traces.json`, `anything.logs.2.pb.gz`. */
const NAME = /\.(traces|logs|metrics)(?:\.\d+)?\.(pb|json)(\.gz)?$/;

export interface ReplayOptions {
  /** OTLP over HTTP, e.g. `http://127.0.0.1:4318`. */
  endpoint: string;
  key?: string;
  report(line: string): void;
}

/**
 * Sends recorded OTLP request bodies, in the order given, as they are. Every file is tried; throws at the end when some
 * were not accepted, naming how many.
 */
export async function replay(files: string[], { endpoint, key, report }: ReplayOptions): Promise<void> {
  let refused = 0;
  for (const file of files) {
    const name = NAME.exec(basename(file));
    if (!name) {
      refused += 1;
      report(`${file}: not sent, the name must end in .traces|logs|metrics.json|pb[.gz]`);
      continue;
    }
    const [, signal, encoding, gzipped] = name;
    const read = await readFile(file);
    const response = await fetch(`${endpoint}/v1/${signal}`, {
      method: 'POST',
      headers: {
        'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        ...(key && { authorization: `Bearer ${key}` }),
      },
      body: new Uint8Array(gzipped ? gunzipSync(read) : read),
    });
    if (!response.ok) refused += 1;
    report(`${file}: ${response.status} ${response.ok ? '' : await response.text()}`.trimEnd());
  }
  if (refused) throw new Error(`${refused} of ${files.length} files were not accepted`);
}
