-- A day that is written no more becomes one part, and with it its smaller sums: until then every part has its own.
ALTER TABLE spend_15m
    MODIFY SETTING min_age_to_force_merge_seconds = 600, min_age_to_force_merge_on_partition_only = 1;
