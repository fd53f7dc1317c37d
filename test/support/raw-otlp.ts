import { type IncomingHttpHeaders, request } from 'node:http';
import { Client, credentials, type Metadata, type ServiceError } from '@grpc/grpc-js';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/**
 * One HTTP request, byte for byte as given, and whatever comes back; unlike fetch it reads an answer that arrives while
 * the body is still being sent.
 */
export function rawRequest(
  url: string,
  {
    method = 'POST',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: Uint8Array },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const sent = request(url, { method, headers: { ...headers, connection: 'close' } }, response => {
      answered = true;
      const chunks: Buffer[] = [];
      const finish = () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', finish);
      response.on('error', finish);
    });
    // The receiver may close the connection after its refusal, in the middle of our body.
    sent.on('error', error => {
      if (!answered) reject(error);
    });
    sent.end(body);
  });
}

export interface GrpcAnswer {
  /** 0 when it worked. */
  code: number;
  message: string;
  body: Buffer | null;
  /** Of an error. */
  metadata: Metadata | null;
}

const SERVICES = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};

/** A gRPC client that sends the bytes it is given as the message. */
export function grpcSender(address: string, options: Record<string, unknown> = {}) {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    ...options,
  });
  const same = (bytes: Buffer) => bytes;
  return {
    call(path: string, message: Uint8Array, metadata?: Metadata): Promise<GrpcAnswer> {
      return new Promise(resolve => {
        const done = (error: ServiceError | null, body?: Buffer) =>
          resolve({
            code: error?.code ?? 0,
            message: error?.details ?? '',
            body: body ?? null,
            metadata: error?.metadata ?? null,
          });
        const deadline = { deadline: Date.now() + 120_000 };
        if (metadata)
          client.makeUnaryRequest(path, same, same, Buffer.from(message), metadata, deadline, done);
        else client.makeUnaryRequest(path, same, same, Buffer.from(message), deadline, done);
      });
    },
    send(signal: keyof typeof SERVICES, message: Uint8Array): Promise<GrpcAnswer> {
      return this.call(SERVICES[signal], message);
    },
    close: () => client.close(),
  };
}
