import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { exportResponse, rpcCode } from '../otlp/answer.ts';
import { type Signal, signals } from '../otlp/proto.ts';
import { defaultBodyLimits } from './body.ts';
import type { Receiver, ReceiverOptions } from './http.ts';
import { Overloaded, refusalOf, within } from './refusal.ts';

/** The OTLP/gRPC receiver: the Export method of the three collector services. */
export async function startGrpcReceiver(options: ReceiverOptions): Promise<Receiver> {
  const server = new Server({
    'grpc.max_receive_message_length': options.limits?.bytes ?? defaultBodyLimits.bytes,
    'grpc.max_concurrent_streams': 128,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.http2.min_ping_interval_without_data_ms': 10_000,
  });
  const inFlight = { bytes: 0 };
  for (const signal of Object.keys(signals) as Signal[]) {
    server.addService(serviceOf(signal), {
      Export: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
        void answer(signal, call, callback, options, inFlight);
      },
    });
  }
  const port = await new Promise<number>((resolve, reject) => {
    const address = `${options.host.includes(':') ? `[${options.host}]` : options.host}:${options.port}`;
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    stop: () =>
      new Promise(resolve => {
        const force = setTimeout(() => server.forceShutdown(), 2000);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      }),
  };
}

// Bytes in, bytes out: the same decoder serves HTTP and gRPC.
function serviceOf(signal: Signal) {
  const pass = (value: Buffer) => value;
  return {
    Export: {
      path: `/${signals[signal].service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: pass,
      requestDeserialize: pass,
      responseSerialize: pass,
      responseDeserialize: pass,
    },
  };
}

async function answer(
  signal: Signal,
  call: ServerUnaryCall<Buffer, Buffer>,
  callback: sendUnaryData<Buffer>,
  options: ReceiverOptions,
  inFlight: { bytes: number },
): Promise<void> {
  const body = call.request;
  inFlight.bytes += body.length;
  try {
    const projectId = await options.authorize(call.metadata.get('authorization')[0]?.toString());
    if (projectId === null) {
      callback({ code: rpcCode.unauthenticated, details: 'an ingest key is needed' });
      return;
    }
    if (inFlight.bytes > options.maxInFlightBytes) {
      throw new Overloaded('too many bytes are being received at the moment');
    }
    const received = options.receive({ signal, encoding: 'protobuf', body, projectId });
    const rejected = await within(received, options.ackTimeoutMs);
    callback(null, exportResponse(signal, 'protobuf', rejected));
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.reason === 'internal_error') options.log.error({ error, signal }, 'could not take a request');
    options.onRefused(signal, refusal);
    callback({
      code: refusal.rpcCode,
      details: refusal.message,
      metadata: retryMetadata(refusal.retryAfterS),
    });
  } finally {
    inFlight.bytes -= body.length;
  }
}

/** gRPC's own hint for when to come back, in milliseconds. */
function retryMetadata(retryAfterS: number | undefined): Metadata {
  const metadata = new Metadata();
  if (retryAfterS !== undefined) metadata.set('grpc-retry-pushback-ms', String(retryAfterS * 1000));
  return metadata;
}
