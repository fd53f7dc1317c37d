-- What a call cost less than by the list, and how sure its tokens are. `reductions` is what was taken off the list price, by
-- `discount.<kind>` (negotiated) and `commitment.<kind>` (for an amount committed), and as `prepaid.<kind>` what of the cost was paid
-- ahead; nano-dollars, empty at list prices, negative where an agreed price is above the list's. So what the list asks is cost + discount +
-- commitment, what was contracted cost + commitment, and what is billed cost - prepaid. estimated_calls have tokens that the sender
-- estimated; their low and high bounds differ from their cost.
ALTER TABLE calls
    ADD COLUMN IF NOT EXISTS reductions Map(LowCardinality(String), Int64) AFTER cost_by_kind;

ALTER TABLE call_repricings
    ADD COLUMN IF NOT EXISTS reductions Map(LowCardinality(String), Int64) AFTER units_by_kind;

ALTER TABLE spend_adjustments
    ADD COLUMN IF NOT EXISTS estimated_calls Int64,
    ADD COLUMN IF NOT EXISTS estimated_tokens Int64,
    ADD COLUMN IF NOT EXISTS reductions Map(LowCardinality(String), Int64);

ALTER TABLE spend_15m
    ADD COLUMN IF NOT EXISTS estimated_calls Int64,
    ADD COLUMN IF NOT EXISTS estimated_tokens Int64,
    ADD COLUMN IF NOT EXISTS reductions Map(LowCardinality(String), Int64);

ALTER TABLE spend_15m_next
    ADD COLUMN IF NOT EXISTS estimated_calls Int64,
    ADD COLUMN IF NOT EXISTS estimated_tokens Int64,
    ADD COLUMN IF NOT EXISTS reductions Map(LowCardinality(String), Int64);

-- A month of FOCUS with discounts everywhere need not be added up row by row.
ALTER TABLE spend_15m
    ADD PROJECTION IF NOT EXISTS by_day_reductions
    (
        SELECT project_id,
            toYYYYMMDD(bucket), entry, feature, team, environment, provider, model, prompt_name, prompt_version, service_tier, price_version,
            sumMap(reductions)
        GROUP BY project_id,
            toYYYYMMDD(bucket), entry, feature, team, environment, provider, model, prompt_name, prompt_version, service_tier, price_version
    );

ALTER TABLE spend_15m_next
    ADD PROJECTION IF NOT EXISTS by_day_reductions
    (
        SELECT project_id,
            toYYYYMMDD(bucket), entry, feature, team, environment, provider, model, prompt_name, prompt_version, service_tier, price_version,
            sumMap(reductions)
        GROUP BY project_id,
            toYYYYMMDD(bucket), entry, feature, team, environment, provider, model, prompt_name, prompt_version, service_tier, price_version
    );
