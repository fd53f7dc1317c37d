-- Roll-ups for windows longer than a day. An hour is computed again whole when a call or score of it was stored, like the 15
-- minutes it is made of, and replaced, never incremented.
CREATE TABLE IF NOT EXISTS call_stats_1h
(
    project_id   LowCardinality(String),
    bucket       DateTime('UTC'),
    feature      LowCardinality(String),
    model        LowCardinality(String),
    environment  LowCardinality(String),
    metric       LowCardinality(String),
    n            UInt64,
    sum          Float64,
    sum_sq       Float64,
    histogram    Map(Int16, UInt64),
    version      UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(bucket)
ORDER BY (project_id, metric, feature, model, environment, bucket)
TTL bucket + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- Calls counted by the hour and by what they are most often grouped by, in integers, so that a sum is the same from here as
-- from the calls. Sums are null where no call has a value. high_nanos leaves out the unbounded_calls.
CREATE TABLE IF NOT EXISTS call_counts_1h
(
    project_id         LowCardinality(String),
    start_time         DateTime('UTC'),
    feature            LowCardinality(String),
    environment        LowCardinality(String),
    service            LowCardinality(String),
    provider           LowCardinality(String),
    model              LowCardinality(String),
    request_model      LowCardinality(String),
    response_model     LowCardinality(String),
    operation          LowCardinality(String),
    tenant             LowCardinality(String),
    team               LowCardinality(String),
    prompt_name        LowCardinality(String),
    prompt_version     LowCardinality(String),
    calls              UInt64,
    failed             UInt64,
    attempts           UInt64,
    failed_attempts    UInt64,
    duplicates         UInt64,
    unpriced           UInt64,
    unbounded          UInt64,
    input_tokens       Nullable(UInt64),
    cache_read_tokens  Nullable(UInt64),
    cache_write_tokens Nullable(UInt64),
    output_tokens      Nullable(UInt64),
    reasoning_tokens   Nullable(UInt64),
    embedding_tokens   Nullable(UInt64),
    cost_nanos         Nullable(Int64),
    cost_low_nanos     Nullable(Int64),
    cost_high_nanos    Nullable(Int64),
    client_cost_nanos  Nullable(Int64),
    version            UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(start_time)
ORDER BY (project_id, start_time, feature, environment, service, provider, model, request_model, response_model, operation, tenant, team, prompt_name, prompt_version)
TTL start_time + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;
