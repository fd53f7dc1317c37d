-- Where a request was served and in which language, read once when the span is written: an incident is explained from
-- narrow columns, never from the maps. Spans from before have them too; their maps are read when they are asked for.
ALTER TABLE spans
    ADD COLUMN IF NOT EXISTS region LowCardinality(String) MATERIALIZED
        if(attributes['driftline.region'] != '', attributes['driftline.region'],
            if(resource['cloud.region'] != '', resource['cloud.region'], attributes['cloud.region'])),
    ADD COLUMN IF NOT EXISTS language LowCardinality(String) MATERIALIZED
        if(attributes['driftline.language'] != '', attributes['driftline.language'],
            if(attributes['user.language'] != '', attributes['user.language'], resource['browser.language']));
