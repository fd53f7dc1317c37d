-- What each sender did, one row per minute and source, written again as a newer version while the minute runs. Counts are
-- of one collector: readers sum over collector_id. They are for people to look at; the ledger never reads them.
CREATE TABLE IF NOT EXISTS ingest_sources
(
    project_id     LowCardinality(String),
    minute         DateTime('UTC'),
    collector_id   LowCardinality(String),
    signal         LowCardinality(String),
    service        LowCardinality(String),
    sdk            LowCardinality(String),
    sdk_version    LowCardinality(String),
    scope_name     LowCardinality(String),
    scope_version  LowCardinality(String),
    dialect        LowCardinality(String),
    received       UInt64,
    acked          UInt64,
    stored         UInt64,
    rejected       UInt64,
    duplicates     UInt64,
    truncated      UInt64,
    delay_ms_sum   Float64,
    delay_ms_max   Float64,
    last_seen      DateTime64(3, 'UTC'),
    version        UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (project_id, minute, collector_id, signal, service, sdk, sdk_version, scope_name, scope_version, dialect)
TTL minute + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, merge_with_ttl_timeout = 3600;

-- Attributes that no rule reads, from a sample of the spans of each instrumentation, so that a convention that was
-- renamed becomes a warning and not a silent zero. n counts sampled spans.
CREATE TABLE IF NOT EXISTS unmapped_attributes
(
    project_id     LowCardinality(String),
    hour           DateTime('UTC'),
    collector_id   LowCardinality(String),
    scope_name     LowCardinality(String),
    scope_version  LowCardinality(String),
    dialect        LowCardinality(String),
    key            String,
    n              UInt64,
    sampled        UInt64,
    example        String,
    trace_id       String,
    span_id        String,
    last_seen      DateTime64(3, 'UTC'),
    version        UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (project_id, hour, collector_id, scope_name, scope_version, dialect, key)
TTL hour + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, merge_with_ttl_timeout = 3600;
