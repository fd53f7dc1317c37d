-- What inputs and outputs of calls are like, by the hour: counts of values by bin, so that any window is a sum. Lengths have bins of
-- floor(25 ln tokens), languages their code, topics a hash of words, embeddings the sides of some planes they lie on. Texts themselves
-- are not kept here. sum and sum_sq are of ln tokens; vector_sum is the sum of unit vectors. An hour is always computed again whole and
-- written as a newer version, never incremented; a row that is no more is written with zeros.
CREATE TABLE IF NOT EXISTS shape_stats_1h
(
    project_id   LowCardinality(String),
    bucket       DateTime('UTC'),
    feature      LowCardinality(String),
    model        LowCardinality(String),
    environment  LowCardinality(String),
    shape        LowCardinality(String),
    n            UInt64,
    sum          Float64,
    sum_sq       Float64,
    histogram    Map(String, UInt64),
    vector_sum   Array(Float32),
    version      UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(bucket)
ORDER BY (project_id, shape, feature, model, environment, bucket)
TTL bucket + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- Requests, distinct users and distinct sessions by the hour.
CREATE TABLE IF NOT EXISTS usage_stats_1h
(
    project_id     LowCardinality(String),
    bucket         DateTime('UTC'),
    feature        LowCardinality(String),
    environment    LowCardinality(String),
    requests       UInt64,
    users          UInt64,
    sessions       UInt64,
    version        UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(bucket)
ORDER BY (project_id, feature, environment, bucket)
TTL bucket + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- The gap between a cohort and all others together, day by day, with its variance. n is the number of independent values that tell as much. Only
-- cohorts that are large enough on that day to tell of nobody in particular are written; a row that is no more has n = 0.
CREATE TABLE IF NOT EXISTS cohort_gaps_1d
(
    project_id   LowCardinality(String),
    bucket       DateTime('UTC'),
    feature      LowCardinality(String),
    cohort_by    LowCardinality(String),
    cohort       LowCardinality(String),
    measure      LowCardinality(String),
    n            Float64,
    gap          Float64,
    variance     Float64,
    calls        UInt64,
    version      UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(bucket)
ORDER BY (project_id, feature, cohort_by, measure, cohort, bucket)
TTL bucket + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;
