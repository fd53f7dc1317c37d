-- Sums of scores by hour of their calls, name and what calls are grouped by: what weighted means and their intervals are made of.
-- w is the inverse of the chance of being scored; known_* are scores whose chance is known, unknown_* the others, each with
-- weight 1. name '' has the calls an answer was expected of, scored or not. An hour is always computed again whole and written as a
-- newer version, never incremented; a row that is no more is written with zeros.
CREATE TABLE IF NOT EXISTS score_stats_1h
(
    project_id     LowCardinality(String),
    name           LowCardinality(String),
    bucket         DateTime('UTC'),
    feature        LowCardinality(String),
    tenant         LowCardinality(String),
    team           LowCardinality(String),
    environment    LowCardinality(String),
    service        LowCardinality(String),
    release        LowCardinality(String),
    provider       LowCardinality(String),
    model          LowCardinality(String),
    request_model  LowCardinality(String),
    response_model LowCardinality(String),
    operation      LowCardinality(String),
    prompt_name    LowCardinality(String),
    prompt_version LowCardinality(String),
    variant        LowCardinality(String),
    calls          UInt64,
    known_n        UInt64,
    known_x        Float64,
    known_w        Float64,
    known_wx       Float64,
    known_wxx      Float64,
    known_ww       Float64,
    known_wwx      Float64,
    known_wwxx     Float64,
    known_min      Float64,
    known_max      Float64,
    unknown_n      UInt64,
    unknown_x      Float64,
    unknown_xx     Float64,
    unknown_min    Float64,
    unknown_max    Float64,
    version        UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(bucket)
ORDER BY (project_id, name, bucket, feature, tenant, team, environment, service, release, provider, model, request_model,
    response_model, operation, prompt_name, prompt_version, variant)
TTL bucket + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;
