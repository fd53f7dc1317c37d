-- How a score came about. inclusion_probability is the chance with which its call was chosen to be scored (1: every call is;
-- null: nobody knows, as with feedback): means are weighted by its inverse, so that a sample speaks for all calls. `evaluator`
-- names what scored it and in which version (`relevancy@3`); `rater` is `rule`, `judge`, `human`, `user` or empty.
ALTER TABLE scores
    ADD COLUMN IF NOT EXISTS inclusion_probability Nullable(Float64) AFTER source,
    ADD COLUMN IF NOT EXISTS evaluator LowCardinality(String) AFTER inclusion_probability,
    ADD COLUMN IF NOT EXISTS rater LowCardinality(String) AFTER evaluator;
