-- What was handed to the providers of channels that are counted. Each of the first three: when the newest but `nth` left.

-- name: cap_number
select counted_at from pn_message
where counted_at is not null and shop = :shop and channel = :channel and address = :key and pk <> :pk
order by counted_at desc limit 1 offset :nth;

-- name: cap_prefix
select counted_at from pn_message
where counted_at is not null and shop = :shop and channel = :channel and prefix = :key and pk <> :pk
order by counted_at desc limit 1 offset :nth;

-- name: cap_channel
select counted_at from pn_message
where counted_at is not null and shop = :shop and channel = :channel and pk <> :pk
order by counted_at desc limit 1 offset :nth;

-- name: message_introduced
select 1 from pn_message
where counted_at is not null and shop = :shop and channel = :channel and address = :address and introduces = 1
  and state in (1, 2, 3, 4) and pk <> :pk
limit 1;

-- name: message_count
update pn_message set counted_at = :now, prefix = :prefix, introduces = :introduces
where pk = :pk and token = :token and state = 1;

-- name: pace_add
update pn_pace set free_at = max(free_at, :now) + :more where shop = :shop and channel = :channel;
