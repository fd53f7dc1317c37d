-- A repricing that takes a call out of one agreement and into another: what the call stood at so far, by the names of the numbers of spend_15m,
-- and what had been taken off, as `reductions` has it. All of it leaves `price_version_before` and stands under `price_version`, so that
-- each agreement has the calls that it prices. Empty where the call stays under its agreement: there the difference says all.
ALTER TABLE call_repricings
    ADD COLUMN IF NOT EXISTS moved Map(LowCardinality(String), Int64) AFTER reductions,
    ADD COLUMN IF NOT EXISTS moved_reductions Map(LowCardinality(String), Int64) AFTER moved;
