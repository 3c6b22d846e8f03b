-- The watchdog, and what is due next.

-- name: promise_due
select order_id, pk, kind, ordinal, parcel, set_by, due_at, ask_at, speak_at, state from pn_promise
where state = 0 and wake_at <= :now and shop = :shop order by wake_at limit :limit;

-- name: message_next
with recursive c (channel) as (
  select min(channel) from pn_message where state in (0, 3) and shop = :shop
  union all
  select (select min(m.channel) from pn_message m where m.state in (0, 3) and m.shop = :shop and m.channel > c.channel)
  from c where c.channel is not null)
select min((
  select min(m.due_at) from pn_message m
  where m.state in (0, 3) and m.shop = :shop and m.channel = c.channel and m.due_at > :now))
from c;

-- name: promise_next
select min(wake_at) from pn_promise where state = 0 and shop = :shop;
