-- One row per 15-minute bucket, series (feature, model, environment) and metric. A bucket is always recomputed whole
-- from calls and scores and written as a newer version, never incremented: a retry or a late span cannot double it.
-- histogram: 4 % wide log bins, floor(25 ln x), for metrics whose quantiles matter.
CREATE TABLE IF NOT EXISTS call_stats_15m
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
