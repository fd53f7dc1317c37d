-- What pages add up most, by few enough keys that a month is some thousand rows: for each of them the engine holds a state per sum,
-- so rows are what reading costs. `queries/spend-projection.ts` says which of all sums answers a question.

ALTER TABLE spend_15m
    ADD PROJECTION IF NOT EXISTS by_day_model
    (
        SELECT project_id,
            toYYYYMMDD(bucket), entry, feature, team, provider, model, environment, line,
            sum(calls), sum(attempts), sum(failed_attempts), sum(unpriced_calls), sum(unbounded_calls), sum(tokens),
            sum(unpriced_tokens), sum(cost_nanos), sum(low_nanos), sum(high_nanos), sum(uncached_nanos),
            sum(client_nanos), sum(client_ours_nanos), sum(units_input), sum(units_cache_read), sum(units_cache_write),
            sum(units_cache_write_1h), sum(units_output), sum(units_reasoning), sum(units_embedding),
            sum(units_input_audio), sum(units_cache_read_audio), sum(units_output_audio), sum(units_input_image),
            sum(units_output_image), sum(units_image), sum(units_search), sum(units_rerank), sum(nanos_input),
            sum(nanos_cache_read), sum(nanos_cache_write), sum(nanos_cache_write_1h), sum(nanos_output),
            sum(nanos_reasoning), sum(nanos_embedding), sum(nanos_input_audio), sum(nanos_cache_read_audio),
            sum(nanos_output_audio), sum(nanos_input_image), sum(nanos_output_image), sum(nanos_image),
            sum(nanos_search), sum(nanos_rerank)
        GROUP BY project_id,
            toYYYYMMDD(bucket), entry, feature, team, provider, model, environment, line
    ),
    ADD PROJECTION IF NOT EXISTS by_day_tenant
    (
        SELECT project_id,
            toYYYYMMDD(bucket), entry, tenant,
            sum(calls), sum(attempts), sum(failed_attempts), sum(unpriced_calls), sum(unbounded_calls), sum(tokens),
            sum(unpriced_tokens), sum(cost_nanos), sum(low_nanos), sum(high_nanos), sum(uncached_nanos),
            sum(client_nanos), sum(client_ours_nanos), sum(units_input), sum(units_cache_read), sum(units_cache_write),
            sum(units_cache_write_1h), sum(units_output), sum(units_reasoning), sum(units_embedding),
            sum(units_input_audio), sum(units_cache_read_audio), sum(units_output_audio), sum(units_input_image),
            sum(units_output_image), sum(units_image), sum(units_search), sum(units_rerank), sum(nanos_input),
            sum(nanos_cache_read), sum(nanos_cache_write), sum(nanos_cache_write_1h), sum(nanos_output),
            sum(nanos_reasoning), sum(nanos_embedding), sum(nanos_input_audio), sum(nanos_cache_read_audio),
            sum(nanos_output_audio), sum(nanos_input_image), sum(nanos_output_image), sum(nanos_image),
            sum(nanos_search), sum(nanos_rerank)
        GROUP BY project_id,
            toYYYYMMDD(bucket), entry, tenant
    );

ALTER TABLE spend_15m_next
    ADD PROJECTION IF NOT EXISTS by_day_model
    (
        SELECT project_id,
            toYYYYMMDD(bucket), entry, feature, team, provider, model, environment, line,
            sum(calls), sum(attempts), sum(failed_attempts), sum(unpriced_calls), sum(unbounded_calls), sum(tokens),
            sum(unpriced_tokens), sum(cost_nanos), sum(low_nanos), sum(high_nanos), sum(uncached_nanos),
            sum(client_nanos), sum(client_ours_nanos), sum(units_input), sum(units_cache_read), sum(units_cache_write),
            sum(units_cache_write_1h), sum(units_output), sum(units_reasoning), sum(units_embedding),
            sum(units_input_audio), sum(units_cache_read_audio), sum(units_output_audio), sum(units_input_image),
            sum(units_output_image), sum(units_image), sum(units_search), sum(units_rerank), sum(nanos_input),
            sum(nanos_cache_read), sum(nanos_cache_write), sum(nanos_cache_write_1h), sum(nanos_output),
            sum(nanos_reasoning), sum(nanos_embedding), sum(nanos_input_audio), sum(nanos_cache_read_audio),
            sum(nanos_output_audio), sum(nanos_input_image), sum(nanos_output_image), sum(nanos_image),
            sum(nanos_search), sum(nanos_rerank)
        GROUP BY project_id,
            toYYYYMMDD(bucket), entry, feature, team, provider, model, environment, line
    ),
    ADD PROJECTION IF NOT EXISTS by_day_tenant
    (
        SELECT project_id,
            toYYYYMMDD(bucket), entry, tenant,
            sum(calls), sum(attempts), sum(failed_attempts), sum(unpriced_calls), sum(unbounded_calls), sum(tokens),
            sum(unpriced_tokens), sum(cost_nanos), sum(low_nanos), sum(high_nanos), sum(uncached_nanos),
            sum(client_nanos), sum(client_ours_nanos), sum(units_input), sum(units_cache_read), sum(units_cache_write),
            sum(units_cache_write_1h), sum(units_output), sum(units_reasoning), sum(units_embedding),
            sum(units_input_audio), sum(units_cache_read_audio), sum(units_output_audio), sum(units_input_image),
            sum(units_output_image), sum(units_image), sum(units_search), sum(units_rerank), sum(nanos_input),
            sum(nanos_cache_read), sum(nanos_cache_write), sum(nanos_cache_write_1h), sum(nanos_output),
            sum(nanos_reasoning), sum(nanos_embedding), sum(nanos_input_audio), sum(nanos_cache_read_audio),
            sum(nanos_output_audio), sum(nanos_input_image), sum(nanos_output_image), sum(nanos_image),
            sum(nanos_search), sum(nanos_rerank)
        GROUP BY project_id,
            toYYYYMMDD(bucket), entry, tenant
    );

-- In the background, for the days that are there already (reductions: those rolled up before they came); until it is
-- done such days are read row by row.
ALTER TABLE spend_15m
    MATERIALIZE PROJECTION by_day_model,
    MATERIALIZE PROJECTION by_day_tenant,
    MATERIALIZE PROJECTION by_day_reductions
SETTINGS mutations_sync = 0;
