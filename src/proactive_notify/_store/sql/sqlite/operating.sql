-- What operators ask and do: the outbox, suppressions, and how it all is.
-- A listing finds the keys of what it shows, in order; outbox_rows gets the rows.

-- name: outbox_newest
select pk from pn_message where shop = :shop order by pk desc limit :limit;

-- name: outbox_sent
select pk from pn_message where shop = :shop and state = 4 order by pk desc limit :limit;

-- name: outbox_waiting
select pk from pn_message where state in (0, 3) and state = :state and shop = :shop order by due_at, pk limit :limit;

-- name: outbox_under_way
select pk from pn_message where state in (1, 2) and state = :state and shop = :shop order by lease_until limit :limit;

-- name: outbox_ended
select pk from pn_message where state in (5, 6, 7, 8) and state = :state and shop = :shop
order by settled_at desc limit :limit;

-- name: outbox_of_order
select m.pk from pn_notice n join pn_message m on m.notice_pk = n.pk
where n.shop = :shop and n.order_id = :order_id and (:state is null or m.state = :state)
order by m.pk desc limit :limit;

-- name: outbox_of_notice
select pk from pn_message where notice_pk = :notice_pk order by pk;

-- name: outbox_find
select pk, id, notice_pk, order_id from pn_message where id >= :first and id < :beyond and shop = :shop limit 2;

-- name: outbox_rows
select m.pk, m.id, m.order_id, n.notice, n.occasion, m.channel, m.address, m.state, m.waits_for, n.queued_at, m.due_at,
  m.expires_at, m.lease_until, m.attempts, m.settled_at, m.subject, m.locale, m.reference
from json_each(:pks) j
cross join pn_message m on m.pk = j.value
join pn_notice n on n.pk = m.notice_pk;

-- name: message_requeue
update pn_message set state = 0, held = 0, waits_for = 'requeued', due_at = :now, expires_at = :expires_at, attempts = 0,
  token = null, lease_until = null, next_word = null, wire = null, settled_at = null, receipt_rank = null, reference = '',
  receipt = iif(reference = '', receipt, trim(receipt || ' again:' || reference))
where pk = :pk and state in (0, 5, 6, 7, 8)
returning pk;

-- name: notice_reopen
update pn_notice set state = 'open' where pk = :pk and state = 'dropped';

-- name: suppression_list
select channel, address, cause, at, strikes, needed from pn_suppression
where shop = :shop and (:channel is null or channel = :channel) order by channel, address limit :limit;

-- name: suppression_get
select channel, address, cause, at, strikes, needed from pn_suppression
where shop = :shop and channel = :channel and address = :address;

-- name: suppression_set
insert into pn_suppression (shop, channel, address, cause, at) values (:shop, :channel, :address, :cause, :at)
on conflict (shop, channel, address) do update set cause = excluded.cause, at = excluded.at, needed = 1
where strikes < needed
returning channel;

-- name: suppression_lift
delete from pn_suppression where shop = :shop and channel = :channel and address = :address;

-- name: worker_alive
select count(*) from pn_worker where shop = :shop and seen_at >= :since;

-- name: message_free_since
-- The oldest message that a sender could take: its channel is not paused, and nothing goes before it.
with recursive c (channel) as (
  select min(channel) from pn_message where state in (0, 3) and shop = :shop
  union all
  select (select min(m.channel) from pn_message m where m.state in (0, 3) and m.shop = :shop and m.channel > c.channel)
  from c where c.channel is not null)
select min((
  select m.due_at from pn_message m
  where m.state in (0, 3) and m.shop = :shop and m.channel = c.channel and m.due_at <= :now
    and not exists (
      select 1 from pn_message o
      where o.shop = m.shop and o.order_id = m.order_id and o.notice_pk < m.notice_pk and o.state in (0, 1, 2, 3)
        and (o.held = 0 or o.due_at <= :now))
  order by m.due_at, m.pk limit 1))
from c
where not exists (select 1 from pn_pause p where p.shop = :shop and p.channel = c.channel and p.until > :now);

-- name: message_uncertain_count
select count(*) from (
  select state from pn_message where state in (0, 3) and shop = :shop limit :limit) where state = 3;

-- name: message_under_way_count
select count(*) from pn_message where state in (1, 2) and shop = :shop;

-- name: pause_list
select channel, until, cause from pn_pause where shop = :shop and until > :now order by channel;
