/** What a reason means and what to do about it, and whether it counts items of readable requests or what was refused whole. */
export interface RejectMeaning {
  counted: 'items' | 'requests';
  meaning: string;
}

const item = (meaning: string): RejectMeaning => ({ counted: 'items', meaning });
const request = (meaning: string): RejectMeaning => ({ counted: 'requests', meaning });

/** By the reason under which the collector counts it. */
const meanings: Record<string, RejectMeaning> = {
  invalid_trace_id: item(
    'The trace id is not 32 hex digits, or is all zeros. Usually a hand-written exporter sends base64 or an integer; OTLP/JSON wants hex.',
  ),
  invalid_span_id: item(
    'The span id is not 16 hex digits, or is all zeros. Usually a hand-written exporter sends base64 or an integer; OTLP/JSON wants hex.',
  ),
  invalid_parent_span_id: item(
    'The parent span id is neither empty nor 16 hex digits. Send the parent’s span id, or nothing for a root span.',
  ),
  missing_start_time: item(
    'The span says no start time. Set startTimeUnixNano: nanoseconds since 1970, as a string in JSON.',
  ),
  missing_time: item('The metric point says no time. Set timeUnixNano: nanoseconds since 1970.'),
  missing_metric_name: item('The metric has no name, so nothing could ever find it. Name the instrument.'),
  older_than_retention: item(
    'It began longer ago than data is kept and would be deleted at once. Check the sender’s clock, or whether it delivers an old backlog.',
  ),
  nested_too_deep: item(
    'An attribute nests lists or maps more than 32 levels deep. Send such a value as a JSON string.',
  ),
  malformed_body: request(
    'The body is not OTLP in the encoding that its content-type names. Check OTEL_EXPORTER_OTLP_PROTOCOL, and that traces, logs and metrics go to their own paths.',
  ),
  unreadable_body: request(
    'The compressed body is broken or ends early. Often a proxy cuts or re-compresses it, or the sender gave up half-way.',
  ),
  body_too_large: request(
    'The body is over the size limit, compressed or unpacked. Lower the batch size of the exporter (maxExportBatchSize).',
  ),
  too_many_items: request(
    'More items in one request than are taken at once. Lower the batch size of the exporter (maxExportBatchSize).',
  ),
  unsupported_content_type: request(
    'The content-type is neither application/x-protobuf nor application/json. Use an OTLP exporter with http/protobuf or http/json.',
  ),
  unsupported_encoding: request(
    'The content-encoding is not one we can unpack. Send gzip, or no compression.',
  ),
  unknown_path: request('There is nothing at that path. Send to /v1/traces, /v1/logs or /v1/metrics.'),
  wrong_method: request('OTLP is sent with POST. Something else, perhaps a health check, asks at this port.'),
  no_grpc: request(
    'Something that is not gRPC came to the gRPC port. Send OTLP over HTTP to the HTTP port; the two are not interchangeable.',
  ),
  no_http: request(
    'Something that is not HTTP came to the HTTP port: gRPC, or TLS where there is none. Check the port and the scheme of the endpoint.',
  ),
  headers_too_large: request(
    'The headers of the request are too large to read. Look for a proxy that adds cookies or very long tokens.',
  ),
  invalid_score: request(
    'A score in a Langfuse request could not be read; everything else in the request was. The sample says what is wrong with it.',
  ),
  unauthorized: request(
    'The ingest key is missing or unknown, so nothing was read. Set the authorization header: Bearer and the key.',
  ),
  key_limit: request(
    'This key sent more bytes than it may. The sender was asked to come back later; raise the limit of the key or send less.',
  ),
  request_too_slow: request(
    'The body did not arrive in time. Look at the network between the sender and here, or at a proxy that holds it back.',
  ),
  too_many_connections: request(
    'More connections at once than are allowed, from one address or in all, so one was closed. Behind a proxy raise DRIFTLINE_ADDRESS_CONNECTION_LIMIT.',
  ),
  storage_full: request(
    'The write-ahead log or its disk is full, so nothing could be kept safely. Senders try again by themselves: free disk space, or find out why the store is not taking rows.',
  ),
  overloaded: request(
    'Too many bytes were arriving at once. Senders try again by themselves; if it lasts, this machine is too small for the load.',
  ),
  ack_too_slow: request(
    'The disk took too long to confirm the write. Senders try again and repeats are counted once; if it lasts, the disk is too slow or too busy.',
  ),
  internal_error: request(
    'An error of ours. Senders try again by themselves; the log of the collector has the cause, please report it.',
  ),
};

/** Reasons under which requests are counted rather than items. */
export const requestReasons = Object.keys(meanings).filter(
  reason => meanings[reason]?.counted === 'requests',
);

/** Falls back on saying that it does not know: a reason is shown however new it is. */
export function rejectMeaning(reason: string): RejectMeaning {
  return Object.hasOwn(meanings, reason)
    ? (meanings[reason] as RejectMeaning)
    : item('Refused for a reason that has no explanation here yet; the sample shows one of them.');
}
