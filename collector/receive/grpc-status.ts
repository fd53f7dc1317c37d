import protobuf from 'protobufjs';
import type { Refusal } from './refusal.ts';

/**
 * The headers in which gRPC says that a call has failed. A wait is told in both ways senders know: `google.rpc.RetryInfo`
 * in the status details, which OTLP asks for (without it RESOURCE_EXHAUSTED means "do not send this again"), and gRPC's
 * own retry push-back.
 */
export function statusHeaders({ rpcCode, message, retryAfterS }: Refusal): Record<string, string> {
  const headers: Record<string, string> = {
    'grpc-status': String(rpcCode),
    'grpc-message': encodeMessage(message),
  };
  if (retryAfterS !== undefined) {
    headers['grpc-status-details-bin'] = statusDetails(rpcCode, message, retryAfterS).toString('base64');
    headers['grpc-retry-pushback-ms'] = String(retryAfterS * 1000);
  }
  return headers;
}

/** `google.rpc.Status { code = 1, message = 2, details = 3 }` with one `RetryInfo { retry_delay = 1 { seconds = 1 } }`. */
function statusDetails(code: number, message: string, retryAfterS: number): Buffer {
  const writer = protobuf.Writer.create().uint32(8).int32(code).uint32(18).string(message);
  writer.uint32(26).fork().uint32(10).string('type.googleapis.com/google.rpc.RetryInfo');
  writer.uint32(18).fork().uint32(10).fork().uint32(8).int64(retryAfterS).ldelim().ldelim().ldelim();
  return Buffer.from(writer.finish());
}

/** Percent-encoded, as header values are ASCII. */
function encodeMessage(message: string): string {
  return encodeURIComponent(Buffer.from(message).toString()).replaceAll('%20', ' ');
}
