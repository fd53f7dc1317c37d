-- What one tenant cost, by anything: sums of days with tenants in front, so that those of one lie together. Without them the page of a tenant
-- reads the ledger row by row.

ALTER TABLE spend_15m
    ADD PROJECTION IF NOT EXISTS by_tenant_day
    (
        SELECT project_id,
            tenant, toYYYYMMDD(bucket), entry, feature, team, service, provider, model, environment, line, prompt_name,
            prompt_version, variant, service_tier, price_version,
            sum(calls), sum(attempts), sum(failed_attempts), sum(unpriced_calls), sum(unbounded_calls), sum(tokens),
            sum(unpriced_tokens), sum(cost_nanos), sum(low_nanos), sum(high_nanos), sum(uncached_nanos),
            sum(client_nanos), sum(client_ours_nanos), sumIf(cost_nanos, entry = 'call'), sum(units_input),
            sum(units_cache_read), sum(units_cache_write), sum(units_cache_write_1h), sum(units_output),
            sum(units_reasoning), sum(units_embedding), sum(units_input_audio), sum(units_cache_read_audio),
            sum(units_output_audio), sum(units_input_image), sum(units_output_image), sum(units_image),
            sum(units_search), sum(units_rerank), sum(nanos_input), sum(nanos_cache_read), sum(nanos_cache_write),
            sum(nanos_cache_write_1h), sum(nanos_output), sum(nanos_reasoning), sum(nanos_embedding),
            sum(nanos_input_audio), sum(nanos_cache_read_audio), sum(nanos_output_audio), sum(nanos_input_image),
            sum(nanos_output_image), sum(nanos_image), sum(nanos_search), sum(nanos_rerank)
        GROUP BY project_id,
            tenant, toYYYYMMDD(bucket), entry, feature, team, service, provider, model, environment, line, prompt_name,
            prompt_version, variant, service_tier, price_version
    );

ALTER TABLE spend_15m_next
    ADD PROJECTION IF NOT EXISTS by_tenant_day
    (
        SELECT project_id,
            tenant, toYYYYMMDD(bucket), entry, feature, team, service, provider, model, environment, line, prompt_name,
            prompt_version, variant, service_tier, price_version,
            sum(calls), sum(attempts), sum(failed_attempts), sum(unpriced_calls), sum(unbounded_calls), sum(tokens),
            sum(unpriced_tokens), sum(cost_nanos), sum(low_nanos), sum(high_nanos), sum(uncached_nanos),
            sum(client_nanos), sum(client_ours_nanos), sumIf(cost_nanos, entry = 'call'), sum(units_input),
            sum(units_cache_read), sum(units_cache_write), sum(units_cache_write_1h), sum(units_output),
            sum(units_reasoning), sum(units_embedding), sum(units_input_audio), sum(units_cache_read_audio),
            sum(units_output_audio), sum(units_input_image), sum(units_output_image), sum(units_image),
            sum(units_search), sum(units_rerank), sum(nanos_input), sum(nanos_cache_read), sum(nanos_cache_write),
            sum(nanos_cache_write_1h), sum(nanos_output), sum(nanos_reasoning), sum(nanos_embedding),
            sum(nanos_input_audio), sum(nanos_cache_read_audio), sum(nanos_output_audio), sum(nanos_input_image),
            sum(nanos_output_image), sum(nanos_image), sum(nanos_search), sum(nanos_rerank)
        GROUP BY project_id,
            tenant, toYYYYMMDD(bucket), entry, feature, team, service, provider, model, environment, line, prompt_name,
            prompt_version, variant, service_tier, price_version
    );
