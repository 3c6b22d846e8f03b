-- Sending: claim with a lease, settle, renew, reap; pauses, suppressions and workers.
-- Hot statements repeat the partial index's condition literally, or it is not used.

-- name: news_move
update pn_promise set ordinal = ordinal + 1, due_at = :due_at, ask_at = :ask_at, speak_at = :speak_at, wake_at = :wake_at
where shop = :shop and order_id = :order_id and kind = 'news_by' and state = 0;

-- name: order_versions
select order_id, version from pn_order where shop = :shop and order_id in (select value from json_each(:orders));

-- name: order_touch
update pn_order set version = version + 1 where shop = :shop and order_id in (select value from json_each(:orders));

-- name: notice_told
update pn_notice set state = 'told', told_at = :now where pk in (select value from json_each(:pks)) and state = 'open';

-- name: message_channels
with recursive c (channel) as (
  select min(channel) from pn_message where state in (0, 3) and shop = :shop
  union all
  select (select min(m.channel) from pn_message m where m.state in (0, 3) and m.shop = :shop and m.channel > c.channel)
  from c where c.channel is not null)
select c.channel, (select p.until from pn_pause p where p.shop = :shop and p.channel = c.channel and p.until > :now)
from c
where c.channel is not null
  and exists (
    select 1 from pn_message m
    where m.state in (0, 3) and m.shop = :shop and m.channel = c.channel and m.due_at <= :now);

-- name: message_claim
update pn_message set state = 1, held = 0, token = :token, lease_until = :lease_until, attempts = attempts + 1
where pk in (
  select m.pk from pn_message m
  where m.state in (0, 3) and m.shop = :shop and m.channel = :channel and m.due_at <= :now
    and (:before is null or m.leave_by < :before or m.expires_at <= :before)
    and not exists (
      select 1 from pn_message o
      where o.shop = m.shop and o.order_id = m.order_id and o.notice_pk < m.notice_pk and o.state in (0, 1, 2, 3)
        and (o.held = 0 or o.due_at <= :now))
  order by m.due_at, m.pk limit :limit)
returning order_id, pk, notice_pk, id, channel, address, state, due_at, expires_at, leave_by, attempts, wire, next_word, receipt;

-- name: message_sending
update pn_message set state = 2, wire = :wire where pk = :pk and token = :token and state = 1 returning pk;

-- name: message_settle
update pn_message set
  state = iif(j.value ->> 1 = 0 and early is not null, 3, j.value ->> 1), held = j.value ->> 2,
  waits_for = j.value ->> 3, due_at = coalesce(j.value ->> 4, due_at),
  subject = coalesce(j.value ->> 5, subject), locale = coalesce(j.value ->> 6, locale),
  next_word = coalesce(j.value ->> 7, next_word), wire = j.value ->> 8, reference = coalesce(j.value ->> 9, reference),
  attempts = max(0, attempts - (j.value ->> 10)),
  token = null, lease_until = null, settled_at = case when j.value ->> 1 > 3 then :now end
from json_each(:rows) j
where pn_message.pk = j.value ->> 0 and pn_message.token = j.value ->> 11 and pn_message.state in (1, 2)
returning pn_message.pk, pn_message.early;

-- name: message_renew
update pn_message set lease_until = :lease_until
where state in (1, 2) and shop = :shop and token in (select value from json_each(:tokens));

-- name: message_leases
select (select min(lease_until) from pn_message where state in (1, 2) and shop = :shop),
  (select max(lease_until) from pn_message where state in (1, 2) and shop = :shop);

-- name: message_reap
update pn_message set state = iif(state = 1 and wire is null and early is null, 0, 3), token = null, lease_until = null
where state in (1, 2) and (lease_until <= :now or lease_until > :furthest) and shop = :shop
returning pk, early;

-- name: message_make_due
update pn_message set due_at = max(:now, due_at - (n.queued_at - :now))
from pn_notice n
where pn_message.state in (0, 1, 2, 3) and pn_message.shop = :shop and pn_message.due_at > :now
  and n.pk = pn_message.notice_pk and n.queued_at > :later;

-- name: notice_make_due
update pn_notice set queued_at = :now
where queued_at > :later
  and pk in (select m.notice_pk from pn_message m where m.state in (0, 1, 2, 3) and m.shop = :shop);

-- name: suppression_find
select s.channel, p.value ->> 1 from json_each(:pairs) p
cross join pn_suppression s on s.shop = :shop and s.channel = p.value ->> 0 and s.address = p.value ->> 1
where s.strikes >= s.needed;

-- name: suppression_add
insert into pn_suppression (shop, channel, address, cause, at, needed)
values (:shop, :channel, :address, :cause, :at, :needed)
on conflict (shop, channel, address) do update set strikes = strikes + 1, needed = min(needed, excluded.needed)
returning strikes >= needed;

-- name: pause
insert into pn_pause (shop, channel, until, cause) values (:shop, :channel, :until, :cause)
on conflict (shop, channel) do update set until = excluded.until, cause = excluded.cause;

-- name: worker_seen
insert into pn_worker (id, shop, seen_at) values (:id, :shop, :now) on conflict (id) do update set seen_at = excluded.seen_at;

-- name: worker_gone
delete from pn_worker where id = :id or seen_at < :long_ago;

-- name: worker_last
select max(seen_at) from pn_worker where shop = :shop;

-- name: message_waiting
select count(*) from (
  select 1 from pn_message where state in (0, 3) and shop = :shop and channel = :channel and due_at <= :now limit 1000);

-- name: pace_read
select free_at from pn_pace where shop = :shop and channel = :channel;

-- name: pace_take
insert into pn_pace (shop, channel, free_at) values (:shop, :channel, :free_at)
on conflict (shop, channel) do update set free_at = max(free_at, excluded.free_at);
