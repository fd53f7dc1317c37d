-- Who else a call belongs to, and what it would have cost without a cache. `purpose` is `evaluation` for calls that judge
-- others. searches, images and rerank_units are billed by the piece, not by the token. total_tokens is known only where
-- neither input nor output is; max_output_tokens is the limit the request set: both bound what a call without usage cost.
ALTER TABLE calls
    ADD COLUMN IF NOT EXISTS team LowCardinality(String) AFTER tenant,
    ADD COLUMN IF NOT EXISTS purpose LowCardinality(String) AFTER variant,
    ADD COLUMN IF NOT EXISTS image_input_tokens Nullable(UInt64) AFTER audio_output_tokens,
    ADD COLUMN IF NOT EXISTS image_output_tokens Nullable(UInt64) AFTER image_input_tokens,
    ADD COLUMN IF NOT EXISTS total_tokens Nullable(UInt64) AFTER embedding_tokens,
    ADD COLUMN IF NOT EXISTS max_output_tokens Nullable(UInt64) AFTER total_tokens,
    ADD COLUMN IF NOT EXISTS images Nullable(UInt32) AFTER max_output_tokens,
    ADD COLUMN IF NOT EXISTS searches Nullable(UInt32) AFTER images,
    ADD COLUMN IF NOT EXISTS rerank_units Nullable(UInt32) AFTER searches,
    ADD COLUMN IF NOT EXISTS uncached_nanos Nullable(Int64) AFTER cost_high_nanos;

-- A later price of a call that is in the ledger already: the difference it makes, never an edit. It holds only while the
-- call is the one it was computed for (`against_version` is the version of its row): a call derived anew is priced anew.
-- The numbers are differences and may be negative; their sum over a call's repricings leads from its booked cost to the
-- present one. units_by_kind moves tokens between kinds where the new price tells kinds apart that the old one did not.
CREATE TABLE IF NOT EXISTS call_repricings
(
    project_id             LowCardinality(String),
    start_time             DateTime64(9, 'UTC'),
    trace_id               String,
    span_id                String,
    against_version        UInt64,
    posting_id             LowCardinality(String),
    posted_at              DateTime64(3, 'UTC'),
    price_version_before   LowCardinality(String),
    price_version          LowCardinality(String),
    unpriced_calls         Int8,
    unbounded_calls        Int8,
    cost_nanos             Int64,
    low_nanos              Int64,
    high_nanos             Int64,
    uncached_nanos         Int64,
    cost_by_kind           Map(LowCardinality(String), Int64),
    units_by_kind          Map(LowCardinality(String), Int64),
    stored_at              DateTime64(6, 'UTC') DEFAULT now64(6),
    INDEX by_stored stored_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(start_time)
ORDER BY (project_id, toStartOfHour(start_time), trace_id, span_id, against_version, posting_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- What happened to a closed month after it was closed: the difference, booked when it was found. `bucket` is when it was
-- booked, `origin` the bucket whose calls changed, `reason` a posting id or `late`.
CREATE TABLE IF NOT EXISTS spend_adjustments
(
    project_id             LowCardinality(String),
    bucket                 DateTime('UTC'),
    origin                 DateTime('UTC'),
    reason                 LowCardinality(String),
    posted_at              DateTime64(3, 'UTC'),
    feature                LowCardinality(String),
    tenant                 LowCardinality(String),
    team                   LowCardinality(String),
    environment            LowCardinality(String),
    service                LowCardinality(String),
    provider               LowCardinality(String),
    model                  LowCardinality(String),
    prompt_name            LowCardinality(String),
    prompt_version         LowCardinality(String),
    variant                LowCardinality(String),
    line                   LowCardinality(String),
    service_tier           LowCardinality(String),
    price_version          LowCardinality(String),
    calls                  Int64,
    attempts               Int64,
    failed_attempts        Int64,
    unpriced_calls         Int64,
    unbounded_calls        Int64,
    tokens                 Int64,
    unpriced_tokens        Int64,
    cost_nanos             Int64,
    low_nanos              Int64,
    high_nanos             Int64,
    uncached_nanos         Int64,
    client_nanos           Int64,
    client_ours_nanos      Int64,
    units_input            Int64,
    units_cache_read       Int64,
    units_cache_write      Int64,
    units_cache_write_1h   Int64,
    units_output           Int64,
    units_reasoning        Int64,
    units_embedding        Int64,
    units_input_audio      Int64,
    units_cache_read_audio Int64,
    units_output_audio     Int64,
    units_input_image      Int64,
    units_output_image     Int64,
    units_image            Int64,
    units_search           Int64,
    units_rerank           Int64,
    nanos_input            Int64,
    nanos_cache_read       Int64,
    nanos_cache_write      Int64,
    nanos_cache_write_1h   Int64,
    nanos_output           Int64,
    nanos_reasoning        Int64,
    nanos_embedding        Int64,
    nanos_input_audio      Int64,
    nanos_cache_read_audio Int64,
    nanos_output_audio     Int64,
    nanos_input_image      Int64,
    nanos_output_image     Int64,
    nanos_image            Int64,
    nanos_search           Int64,
    nanos_rerank           Int64,
    stored_at              DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (project_id, bucket, feature, model, tenant, team, environment, service, provider, prompt_name, prompt_version, variant, line, service_tier, price_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- The ledger as it is read: one row per 15 minutes and combination of dimensions. A changed bucket is computed again from
-- calls, call_repricings and spend_adjustments, and its day replaced as a whole (REPLACE PARTITION), so nothing is ever
-- incremented and reading needs no FINAL. `entry` is `call`, `repricing` or `adjustment`; `bucket` is when it is booked,
-- which differs from `origin` for adjustments only. 15 minutes, because there are time zones that begin their day at a
-- quarter past. Days of a closed month are not computed again.
-- units_* and nanos_* split by what is paid for: every token in one kind, and nanos_* sum to cost_nanos exactly; tokens is the
-- sum of the units that are tokens. low_nanos and
-- high_nanos are cost_nanos where a call is priced; high_nanos leaves out the unbounded_calls. client_nanos is what senders
-- said, client_ours_nanos our cost of the same calls.
CREATE TABLE IF NOT EXISTS spend_15m
(
    project_id             LowCardinality(String),
    bucket                 DateTime('UTC'),
    origin                 DateTime('UTC'),
    entry                  LowCardinality(String),
    reason                 LowCardinality(String),
    feature                LowCardinality(String),
    tenant                 LowCardinality(String),
    team                   LowCardinality(String),
    environment            LowCardinality(String),
    service                LowCardinality(String),
    provider               LowCardinality(String),
    model                  LowCardinality(String),
    prompt_name            LowCardinality(String),
    prompt_version         LowCardinality(String),
    variant                LowCardinality(String),
    line                   LowCardinality(String),
    service_tier           LowCardinality(String),
    price_version          LowCardinality(String),
    calls                  Int64,
    attempts               Int64,
    failed_attempts        Int64,
    unpriced_calls         Int64,
    unbounded_calls        Int64,
    tokens                 Int64,
    unpriced_tokens        Int64,
    cost_nanos             Int64,
    low_nanos              Int64,
    high_nanos             Int64,
    uncached_nanos         Int64,
    client_nanos           Int64,
    client_ours_nanos      Int64,
    units_input            Int64,
    units_cache_read       Int64,
    units_cache_write      Int64,
    units_cache_write_1h   Int64,
    units_output           Int64,
    units_reasoning        Int64,
    units_embedding        Int64,
    units_input_audio      Int64,
    units_cache_read_audio Int64,
    units_output_audio     Int64,
    units_input_image      Int64,
    units_output_image     Int64,
    units_image            Int64,
    units_search           Int64,
    units_rerank           Int64,
    nanos_input            Int64,
    nanos_cache_read       Int64,
    nanos_cache_write      Int64,
    nanos_cache_write_1h   Int64,
    nanos_output           Int64,
    nanos_reasoning        Int64,
    nanos_embedding        Int64,
    nanos_input_audio      Int64,
    nanos_cache_read_audio Int64,
    nanos_output_audio     Int64,
    nanos_input_image      Int64,
    nanos_output_image     Int64,
    nanos_image            Int64,
    nanos_search           Int64,
    nanos_rerank           Int64
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(bucket)
ORDER BY (project_id, bucket, feature, model, tenant, team, environment, service, provider, prompt_name, prompt_version, variant, line, service_tier, price_version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

CREATE TABLE IF NOT EXISTS spend_15m_next AS spend_15m;

-- The files of closed months, in pieces, kept for ever: what was handed out once is handed out again, byte by byte.
CREATE TABLE IF NOT EXISTS closed_exports
(
    project_id             LowCardinality(String),
    month                  LowCardinality(String),
    file                   LowCardinality(String),
    piece                  UInt32,
    bytes                  String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (project_id, month, file, piece)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1;

-- What came of it: a ticket resolved, a purchase, a thumb. Names what led to it and is joined later, so it may arrive before
-- or after the calls. value_nanos is money in nano-dollars, null when the outcome has no price.
CREATE TABLE IF NOT EXISTS outcomes
(
    project_id             LowCardinality(String),
    time                   DateTime64(9, 'UTC'),
    outcome_id             String,
    name                   LowCardinality(String),
    value                  Nullable(Float64),
    value_nanos            Nullable(Int64),
    label                  LowCardinality(String),
    source                 LowCardinality(String),
    trace_id               String,
    response_id            String,
    session                String,
    user                   String,
    feature                LowCardinality(String),
    version                UInt64,
    is_deleted             UInt8,
    stored_at              DateTime64(6, 'UTC') DEFAULT now64(6),
    INDEX by_stored stored_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(time)
ORDER BY (project_id, name, outcome_id)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- The call that led to each outcome, with what the call belongs to, computed again when the outcome or a call it may have come
-- from is stored anew. joined_by is `response`, `trace`, `session`, `user` or empty: no call is known (yet). An outcome has one
-- row, so any grouping adds up.
CREATE TABLE IF NOT EXISTS outcome_attributions
(
    project_id             LowCardinality(String),
    time                   DateTime64(9, 'UTC'),
    outcome_id             String,
    name                   LowCardinality(String),
    value_nanos            Nullable(Int64),
    joined_by              LowCardinality(String),
    call_start             DateTime64(9, 'UTC'),
    trace_id               String,
    span_id                String,
    session                String,
    feature                LowCardinality(String),
    tenant                 LowCardinality(String),
    team                   LowCardinality(String),
    environment            LowCardinality(String),
    service                LowCardinality(String),
    provider               LowCardinality(String),
    model                  LowCardinality(String),
    prompt_name            LowCardinality(String),
    prompt_version         LowCardinality(String),
    variant                LowCardinality(String),
    line                   LowCardinality(String),
    service_tier           LowCardinality(String),
    price_version          LowCardinality(String),
    version                UInt64,
    is_deleted             UInt8
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(time)
ORDER BY (project_id, name, outcome_id)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- How many calls led to an outcome of a name (empty: of any): those of a trace, or of a session, that one was joined to. A
-- bucket is computed again whole; what it no longer holds is written as 0.
CREATE TABLE IF NOT EXISTS outcome_coverage_15m
(
    project_id             LowCardinality(String),
    bucket                 DateTime('UTC'),
    name                   LowCardinality(String),
    feature                LowCardinality(String),
    tenant                 LowCardinality(String),
    team                   LowCardinality(String),
    environment            LowCardinality(String),
    service                LowCardinality(String),
    provider               LowCardinality(String),
    model                  LowCardinality(String),
    prompt_name            LowCardinality(String),
    prompt_version         LowCardinality(String),
    variant                LowCardinality(String),
    line                   LowCardinality(String),
    service_tier           LowCardinality(String),
    price_version          LowCardinality(String),
    calls                  UInt64,
    version                UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(bucket)
ORDER BY (project_id, bucket, name, feature, model, tenant, team, environment, service, provider, prompt_name, prompt_version, variant, line, service_tier, price_version)
TTL bucket + INTERVAL 400 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

-- Who used what: one row per day of the reporting zone, feature, environment, tenant and user, replaced a day at a time. A
-- session counts in `sessions` of every row it touched, and in `sessions_begun` of the one where its first call of the day was.
-- Calls without a user stand under the empty one.
CREATE TABLE IF NOT EXISTS usage_by_user_1d
(
    project_id             LowCardinality(String),
    day                    Date,
    zone                   LowCardinality(String),
    feature                LowCardinality(String),
    environment            LowCardinality(String),
    tenant                 LowCardinality(String),
    user                   String,
    calls                  UInt64,
    sessions               UInt64,
    sessions_begun         UInt64,
    cost_nanos             Int64,
    unpriced_calls         UInt64
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (project_id, feature, user)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1, old_parts_lifetime = 480, ttl_only_drop_parts = 1,
    merge_with_ttl_timeout = 3600, min_free_disk_bytes_to_perform_insert = 1073741824;

CREATE TABLE IF NOT EXISTS usage_by_user_1d_next AS usage_by_user_1d;
