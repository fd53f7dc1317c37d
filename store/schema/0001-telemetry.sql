-- Every table is a ReplacingMergeTree keyed by what the row *is* (a span id, a log hash, a score id), so writing the same
-- thing again, after a crash, a resend or a late sibling, changes nothing. Readers use FINAL. Partitions are event days:
-- both copies of a row always meet in one partition.
-- stored_at is set by the engine when a row is written: what the roll-up has not seen yet.

CREATE TABLE IF NOT EXISTS spans
(
    project_id      LowCardinality(String),
    start_time      DateTime64(9, 'UTC'),
    trace_id        String,
    span_id         String,
    parent_span_id  String,
    name            LowCardinality(String),
    kind            LowCardinality(String),
    duration_ns     UInt64,
    status          LowCardinality(String),
    status_message  String,
    service         LowCardinality(String),
    environment     LowCardinality(String),
    release         LowCardinality(String),
    scope_name      LowCardinality(String),
    scope_version   LowCardinality(String),
    dialect         LowCardinality(String),
    role            LowCardinality(String),
    attributes      Map(LowCardinality(String), String),
    resource        Map(LowCardinality(String), String),
    events          String CODEC(ZSTD(1)),
    links           String CODEC(ZSTD(1)),
    facts           String CODEC(ZSTD(1)),
    received_at     DateTime64(3, 'UTC'),
    version         UInt64,
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(start_time)
ORDER BY (project_id, toStartOfHour(start_time), trace_id, span_id)
TTL toDateTime(start_time) + INTERVAL 90 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

CREATE TABLE IF NOT EXISTS logs
(
    project_id      LowCardinality(String),
    time            DateTime64(9, 'UTC'),
    log_id          String,
    trace_id        String,
    span_id         String,
    event_name      LowCardinality(String),
    severity        LowCardinality(String),
    body            String CODEC(ZSTD(1)),
    service         LowCardinality(String),
    environment     LowCardinality(String),
    release         LowCardinality(String),
    scope_name      LowCardinality(String),
    scope_version   LowCardinality(String),
    attributes      Map(LowCardinality(String), String),
    resource        Map(LowCardinality(String), String),
    facts           String CODEC(ZSTD(1)),
    received_at     DateTime64(3, 'UTC'),
    version         UInt64,
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(time)
ORDER BY (project_id, toStartOfHour(time), trace_id, log_id)
TTL toDateTime(time) + INTERVAL 90 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- The ledger: one row per model call, embedding or rerank. Absent is NULL, never 0. Money is integer nano-dollars.
CREATE TABLE IF NOT EXISTS calls
(
    project_id            LowCardinality(String),
    start_time            DateTime64(9, 'UTC'),
    trace_id              String,
    span_id               String,
    operation             LowCardinality(String),
    service               LowCardinality(String),
    environment           LowCardinality(String),
    release               LowCardinality(String),
    feature               LowCardinality(String),
    tenant                LowCardinality(String),
    user                  String,
    session               String,
    provider              LowCardinality(String),
    model                 LowCardinality(String),
    request_model         LowCardinality(String),
    response_model        LowCardinality(String),
    response_id           String,
    agent                 LowCardinality(String),
    prompt_name           LowCardinality(String),
    prompt_version        LowCardinality(String),
    variant               LowCardinality(String),
    dialect               LowCardinality(String),
    scope_name            LowCardinality(String),
    scope_version         LowCardinality(String),
    streaming             Nullable(UInt8),
    finish_reason         LowCardinality(String),
    failed                UInt8,
    error_type            LowCardinality(String),
    error_message         String,
    http_status           Nullable(UInt16),
    attempts              UInt16,
    failed_attempts       UInt16,
    duration_ns           UInt64,
    ttft_ns               Nullable(UInt64),
    input_tokens          Nullable(UInt64),
    cache_read_tokens     Nullable(UInt64),
    cache_write_tokens    Nullable(UInt64),
    cache_write_1h_tokens Nullable(UInt64),
    output_tokens         Nullable(UInt64),
    reasoning_tokens      Nullable(UInt64),
    audio_input_tokens    Nullable(UInt64),
    audio_output_tokens   Nullable(UInt64),
    embedding_tokens      Nullable(UInt64),
    tool_calls_requested  Nullable(UInt16),
    cost_nanos            Nullable(Int64),
    cost_low_nanos        Nullable(Int64),
    cost_high_nanos       Nullable(Int64),
    cost_by_kind          Map(LowCardinality(String), Int64),
    price_version         LowCardinality(String),
    client_cost_nanos     Nullable(Int64),
    service_tier          LowCardinality(String),
    flags                 Array(LowCardinality(String)),
    merged_from           Array(String),
    version               UInt64,
    is_deleted            UInt8,
    stored_at             DateTime64(6, 'UTC') DEFAULT now64(6),
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_response response_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_stored stored_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMMDD(start_time)
ORDER BY (project_id, toStartOfHour(start_time), trace_id, span_id)
TTL toDateTime(start_time) + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- Tool executions, with what they inherit, so that they can be counted by feature like calls.
CREATE TABLE IF NOT EXISTS tool_calls
(
    project_id   LowCardinality(String),
    start_time   DateTime64(9, 'UTC'),
    trace_id     String,
    span_id      String,
    name         LowCardinality(String),
    service      LowCardinality(String),
    environment  LowCardinality(String),
    release      LowCardinality(String),
    feature      LowCardinality(String),
    tenant       LowCardinality(String),
    user         String,
    session      String,
    agent        LowCardinality(String),
    dialect      LowCardinality(String),
    failed       UInt8,
    error_type   LowCardinality(String),
    duration_ns  UInt64,
    version      UInt64,
    is_deleted   UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMMDD(start_time)
ORDER BY (project_id, toStartOfHour(start_time), trace_id, span_id)
TTL toDateTime(start_time) + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- Prompt and answer text, apart from everything else: own retention, own grant, never read for a chart.
-- input and output are JSON arrays of messages: [{role, parts: [{type, …}], finish_reason?}].
CREATE TABLE IF NOT EXISTS contents
(
    project_id  LowCardinality(String),
    time        DateTime64(9, 'UTC'),
    trace_id    String,
    span_id     String,
    record_id   String,
    input       String CODEC(ZSTD(3)),
    output      String CODEC(ZSTD(3)),
    version     UInt64,
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(time)
ORDER BY (project_id, toStartOfHour(time), trace_id, span_id, record_id)
TTL toDateTime(time) + INTERVAL 14 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- A score may arrive before or after what it judges, so it names its target and is joined when read.
CREATE TABLE IF NOT EXISTS scores
(
    project_id   LowCardinality(String),
    time         DateTime64(9, 'UTC'),
    score_id     String,
    name         LowCardinality(String),
    value        Nullable(Float64),
    label        LowCardinality(String),
    explanation  String,
    error_type   LowCardinality(String),
    source       LowCardinality(String),
    target       LowCardinality(String),
    trace_id     String,
    span_id      String,
    response_id  String,
    session      String,
    version      UInt64,
    is_deleted   UInt8,
    stored_at    DateTime64(6, 'UTC') DEFAULT now64(6),
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_response response_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_stored stored_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMMDD(time)
ORDER BY (project_id, toStartOfHour(time), name, score_id)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- OTLP metric points as received. Charts only: the ledger is made of spans.
CREATE TABLE IF NOT EXISTS metrics
(
    project_id    LowCardinality(String),
    time          DateTime64(9, 'UTC'),
    start_time    DateTime64(9, 'UTC'),
    name          LowCardinality(String),
    unit          LowCardinality(String),
    kind          LowCardinality(String),
    temporality   LowCardinality(String),
    monotonic     UInt8,
    service       LowCardinality(String),
    environment   LowCardinality(String),
    release       LowCardinality(String),
    attributes    Map(LowCardinality(String), String),
    resource      Map(LowCardinality(String), String),
    series_id     UInt64,
    value         Nullable(Float64),
    count         Nullable(UInt64),
    sum           Nullable(Float64),
    min           Nullable(Float64),
    max           Nullable(Float64),
    bounds        Array(Float64),
    bucket_counts Array(UInt64),
    version       UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(time)
ORDER BY (project_id, name, series_id, time)
TTL toDateTime(time) + INTERVAL 90 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

CREATE TABLE IF NOT EXISTS rejects
(
    project_id  LowCardinality(String),
    time        DateTime64(3, 'UTC'),
    signal      LowCardinality(String),
    reason      LowCardinality(String),
    count       UInt64,
    sample      String CODEC(ZSTD(3)),
    service     LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY (project_id, time, reason)
TTL toDateTime(time) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, merge_with_ttl_timeout = 3600;
