import { deflateSync, gzipSync } from 'node:zlib';
import { type CapturedBody, readScenarios } from '../support/captures.ts';
import { reencoded } from '../support/otlp-requests.ts';
import type { Seeded } from '../support/seeded.ts';
import { maxInputBytes, mutate } from './mutate.ts';

/** A request that is good HTTP, whatever its body is. */
export interface HttpInput {
  kind: 'http';
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** Bytes for a connection to the port of OTLP over HTTP or gRPC, cut into the pieces they are sent in. */
export interface RawInput {
  kind: 'raw-http' | 'raw-grpc';
  pieces: Buffer[];
}

export type NetworkInput = HttpInput | RawInput;

const contentTypes = { json: 'application/json', protobuf: 'application/x-protobuf' };

/** Makes network inputs without end, out of captured requests and of what turned out to be worth keeping. */
export class NetworkInputs {
  private readonly random: Seeded;
  private readonly bodies: CapturedBody[];
  private readonly scores: Buffer[];
  private readonly http: Buffer[];
  private readonly grpc: Buffer[];

  constructor(random: Seeded) {
    this.random = random;
    const captured = readScenarios()
      .flatMap(({ bodies }) => bodies)
      .filter(({ body }) => body.length <= maxInputBytes / 8);
    this.bodies = [...captured, ...captured.map(reencoded)];
    this.scores = langfuseBodies();
    this.http = this.bodies.slice(0, 20).map(rawHttp);
    this.grpc = this.bodies.filter(({ encoding }) => encoding === 'protobuf').map(rawGrpc);
  }

  next(): NetworkInput {
    const dice = this.random.next();
    if (dice < 0.6) return this.exported();
    if (dice < 0.7) return this.scored();
    if (dice < 0.85) return this.raw('raw-http', this.http);
    return this.raw('raw-grpc', this.grpc);
  }

  /** So that it is changed further. */
  keep(input: NetworkInput): void {
    if (input.kind === 'raw-http') this.http.push(Buffer.concat(input.pieces));
    if (input.kind === 'raw-grpc') this.grpc.push(Buffer.concat(input.pieces));
  }

  private exported(): HttpInput {
    const { random } = this;
    const { signal, encoding, body } = random.pick(this.bodies);
    const other = random.pick(this.bodies);
    const changed = random.next() < 0.9 ? mutate(body, other.body, random) : body;
    const wrongType = random.next() < 0.05;
    const type = contentTypes[wrongType === (encoding === 'json') ? 'protobuf' : 'json'];
    const packed = this.packed(changed);
    return {
      kind: 'http',
      path: `/v1/${signal}`,
      ...packed,
      headers: { ...packed.headers, 'content-type': type },
    };
  }

  /** Plain, compressed, or compressed and then damaged. */
  private packed(body: Buffer): { headers: Record<string, string>; body: Buffer } {
    const { random } = this;
    const dice = random.next();
    if (dice < 0.5) return { headers: {}, body };
    const encoding = dice < 0.85 ? 'gzip' : 'deflate';
    const whole = encoding === 'gzip' ? gzipSync(body) : deflateSync(body);
    const damaged = random.next() < 0.5 ? mutate(whole, gzipSync('again'), random) : whole;
    return { headers: { 'content-encoding': encoding }, body: damaged };
  }

  private scored(): HttpInput {
    const { random } = this;
    const path = random.pick(['/api/public/ingestion', '/api/public/scores']);
    const body = mutate(random.pick(this.scores), random.pick(this.scores), random);
    return { kind: 'http', path, headers: { 'content-type': 'application/json' }, body };
  }

  private raw(kind: RawInput['kind'], seeds: Buffer[]): RawInput {
    const { random } = this;
    const bytes = mutate(random.pick(seeds), random.pick(seeds), random);
    const cuts = Array.from({ length: random.integer(4) }, () => random.integer(bytes.length + 1));
    const ends = [...cuts, bytes.length].sort((one, other) => one - other);
    return { kind, pieces: ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end)) };
  }
}

function rawHttp({ signal, encoding, body }: CapturedBody): Buffer {
  const head = `POST /v1/${signal} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${contentTypes[encoding]}\r\n`;
  if (body.length % 2 === 0)
    return Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]);
  const size = body.length.toString(16);
  return Buffer.concat([
    Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n${size}\r\n`),
    body,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
}

/** What a gRPC client writes: preface, SETTINGS, HEADERS and DATA of one call. */
function rawGrpc({ body }: CapturedBody): Buffer {
  const literal = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  const fields = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    ':authority': 'localhost',
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  // HPACK: each field literally, without an index.
  const block = Object.entries(fields).flatMap(field => [Buffer.from([0]), ...field.map(literal)]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  const data = Buffer.concat([prefix, body]).subarray(0, 16_000);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(4, 0, 0, Buffer.alloc(0)),
    frame(1, 4, 1, Buffer.concat(block)),
    frame(0, 1, 1, data),
  ]);
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function langfuseBodies(): Buffer[] {
  const score = {
    id: 's-1',
    traceId: 'fuzz',
    name: 'helpful',
    value: 0.5,
    comment: 'ok',
    dataType: 'NUMERIC',
  };
  const event = { id: 'e-1', type: 'score-create', timestamp: '2026-11-20T12:00:00Z', body: score };
  return [{ batch: [event] }, { batch: [event, { ...event, id: 'e-2' }], metadata: {} }, score].map(value =>
    Buffer.from(JSON.stringify(value)),
  );
}
