-- Every statement, by name. Hot statements repeat the partial index's condition literally, or it is not used.
-- A list of ids or rows comes as a JSON array.

-- name: order_lock
insert into pn_order (shop, order_id, touched_at)
select :shop, value, :now from json_each(:orders) where true
on conflict (shop, order_id) do update set version = version + 1, touched_at = excluded.touched_at
returning order_id, state, is_open;

-- name: order_state
update pn_order set state = :state, is_open = :is_open where shop = :shop and order_id = :order_id;

-- name: event_insert
insert into pn_event (shop, source, id, order_id, type, at, recorded_at, data, batch)
select :shop, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
  (select coalesce(max(seq), 0) + 1 from pn_event)
from json_each(:rows) where true
on conflict (shop, source, id) do nothing
returning source, id, batch;

-- name: event_known
select e.source, e.id, e.order_id, e.type, e.at, e.recorded_at, e.data, e.batch
from json_each(:keys) k
cross join pn_event e on e.shop = :shop and e.source = k.value ->> 0 and e.id = k.value ->> 1;

-- name: event_load
select source, id, order_id, type, at, recorded_at, data from pn_event
where shop = :shop and order_id in (select value from json_each(:orders)) and type <> 'promise.at_risk' order by seq;

-- name: event_history
select source, id, order_id, type, at, recorded_at, data from pn_event
where shop = :shop and order_id = :order_id order by seq;

-- name: promise_load
select order_id, pk, kind, ordinal, parcel, set_by, due_at, ask_at, speak_at, state from pn_promise
where shop = :shop and order_id in (select value from json_each(:orders)) order by pk;

-- name: notice_load
select order_id, pk, notice, occasion, state, cause, queued_at, told_at from pn_notice
where shop = :shop and order_id in (select value from json_each(:orders)) order by pk;

-- name: message_load
select order_id, pk, notice_pk, id, channel, address, state, due_at, expires_at, attempts, wire, next_word from pn_message
where shop = :shop and order_id in (select value from json_each(:orders)) and state in (0, 1, 2, 3) order by pk;

-- name: message_tried
select order_id, pk, notice_pk, id, channel, address, state, due_at, expires_at, attempts, wire, next_word from pn_message
where notice_pk in (select value from json_each(:notices)) and state not in (0, 1, 2, 3) order by pk;

-- name: promise_insert
insert into pn_promise (shop, order_id, kind, ordinal, parcel, set_by, due_at, ask_at, speak_at, wake_at, state)
values (:shop, :order_id, :kind, :ordinal, :parcel, :set_by, :due_at, :ask_at, :speak_at, :wake_at, :state);

-- name: promise_change
update pn_promise set ordinal = :ordinal, due_at = :due_at, ask_at = :ask_at, speak_at = :speak_at, wake_at = :wake_at,
  state = :state
where pk = :pk;

-- name: promise_due
select order_id, pk, kind, ordinal, parcel, set_by, due_at, ask_at, speak_at, state from pn_promise
where state = 0 and wake_at <= :now and shop = :shop order by wake_at limit :limit;

-- name: news_move
update pn_promise set ordinal = ordinal + 1, due_at = :due_at, ask_at = :ask_at, speak_at = :speak_at, wake_at = :wake_at
where shop = :shop and order_id = :order_id and kind = 'news_by' and state = 0;

-- name: notice_insert
insert into pn_notice (shop, order_id, notice, occasion, state, cause, queued_at)
select :shop, value ->> 0, value ->> 1, value ->> 2, 'open', value ->> 3, :now
from json_each(:rows) where true
on conflict (shop, order_id, notice, occasion) do nothing
returning pk, order_id, notice, occasion;

-- name: notice_drop
update pn_notice set state = 'dropped' where pk in (select value from json_each(:pks)) and state = 'open';

-- name: notice_told
update pn_notice set state = 'told', told_at = :now where pk in (select value from json_each(:pks)) and state = 'open';

-- name: message_insert
insert into pn_message (id, notice_pk, shop, order_id, channel, address, state, due_at, expires_at)
values (:id, :notice_pk, :shop, :order_id, :channel, :address, 0, :due_at, :expires_at)
on conflict (id) do nothing;

-- name: message_cancel_of
update pn_message set state = 6, waits_for = 'superseded', settled_at = :now
where notice_pk in (select value from json_each(:pks)) and state = 0;

-- name: message_cancel
update pn_message set state = 6, waits_for = 'new-address', settled_at = :now
where pk in (select value from json_each(:pks)) and state = 0;

-- name: message_due
select 1 from pn_message where state in (0, 3) and due_at <= :now and shop = :shop limit 1;

-- name: message_claim
update pn_message set state = 1, held = 0, token = :token, lease_until = :lease_until, attempts = attempts + 1
where pk in (
  select m.pk from pn_message m
  where m.state in (0, 3) and m.due_at <= :now and m.shop = :shop
    and not exists (select 1 from pn_pause p where p.shop = m.shop and p.channel = m.channel and p.until > :now)
    and not exists (
      select 1 from pn_message o
      where o.shop = m.shop and o.order_id = m.order_id and o.notice_pk < m.notice_pk and o.state in (0, 1, 2, 3)
        and (o.held = 0 or o.due_at <= :now))
  order by m.due_at, m.pk limit :limit)
returning pk, notice_pk, order_id;

-- name: message_settle
update pn_message set
  state = j.value ->> 1, held = j.value ->> 2, waits_for = j.value ->> 3, due_at = coalesce(j.value ->> 4, due_at),
  subject = coalesce(j.value ->> 5, subject), locale = coalesce(j.value ->> 6, locale),
  next_word = coalesce(j.value ->> 7, next_word), wire = j.value ->> 8, reference = coalesce(j.value ->> 9, reference),
  attempts = max(0, attempts - (j.value ->> 10)),
  token = null, lease_until = null, settled_at = case when j.value ->> 1 > 3 then :now end
from json_each(:rows) j
where pn_message.pk = j.value ->> 0 and pn_message.token = :token and pn_message.state in (1, 2)
returning pn_message.pk;

-- name: message_renew
update pn_message set lease_until = :lease_until
where state in (1, 2) and shop = :shop and token in (select value from json_each(:tokens));

-- name: message_stale
select 1 from pn_message where state in (1, 2) and shop = :shop and (lease_until < :now or lease_until > :furthest) limit 1;

-- name: message_reap
update pn_message set state = case when state = 1 and wire is null then 0 else 3 end, token = null, lease_until = null
where state in (1, 2) and (lease_until < :now or lease_until > :furthest) and shop = :shop
returning pk;

-- name: message_next
select min(due_at) from pn_message where state in (0, 3) and due_at > :now and shop = :shop;

-- name: promise_next
select min(wake_at) from pn_promise where state = 0 and shop = :shop;

-- name: decision_insert
insert into pn_decision (shop, order_id, at, notice, occasion, decision, rule, cause, batch)
values (:shop, :order_id, :at, :notice, :occasion, :decision, :rule, :cause, :batch);

-- name: decision_load
select order_id, decision, rule, at, notice, occasion, cause from pn_decision
where shop = :shop and order_id in (select value from json_each(:orders)) order by pk;

-- name: decision_answer
select order_id, decision, rule, at, notice, occasion, cause from pn_decision
where shop = :shop and order_id in (select value from json_each(:orders))
  and batch in (select value from json_each(:batches)) order by pk;

-- name: staff_insert
insert into pn_staff_word (shop, order_id, at, subject, text) values (:shop, :order_id, :at, :subject, :text);

-- name: staff_load
select order_id, at, subject, text from pn_staff_word
where shop = :shop and order_id in (select value from json_each(:orders)) order by pk;

-- name: parcel_insert
insert into pn_parcel (shop, carrier, code, order_id) values (:shop, :carrier, :code, :order_id) on conflict do nothing;

-- name: suppression_find
select s.channel, s.address from json_each(:pairs) p
cross join pn_suppression s on s.shop = :shop and s.channel = p.value ->> 0 and s.address = p.value ->> 1;

-- name: suppression_add
insert into pn_suppression (shop, channel, address, cause, at) values (:shop, :channel, :address, :cause, :at)
on conflict do nothing;

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
  select 1 from pn_message where state in (0, 3) and due_at <= :since and shop = :shop limit 1000);

-- name: message_list
select m.pk, m.order_id, n.notice, n.occasion, m.channel, m.state, m.waits_for, m.due_at, m.attempts, m.settled_at,
  m.subject, m.next_word
from pn_message m join pn_notice n on n.pk = m.notice_pk
where m.shop = :shop and n.shop = :shop and n.order_id = :order_id order by m.pk;

-- name: ended_orders
select order_id from pn_order where is_open = 0 and touched_at < :before and shop = :shop limit :limit;

-- name: erase_messages
delete from pn_message where notice_pk in (
  select pk from pn_notice where shop = :shop and order_id in (select value from json_each(:orders)));

-- name: erase_notices
delete from pn_notice where shop = :shop and order_id in (select value from json_each(:orders));

-- name: erase_promises
delete from pn_promise where shop = :shop and order_id in (select value from json_each(:orders));

-- name: erase_decisions
delete from pn_decision where shop = :shop and order_id in (select value from json_each(:orders));

-- name: erase_staff_words
delete from pn_staff_word where shop = :shop and order_id in (select value from json_each(:orders));

-- name: erase_parcels
delete from pn_parcel where shop = :shop and order_id in (select value from json_each(:orders));

-- name: erase_events
delete from pn_event where shop = :shop and order_id in (select value from json_each(:orders));

-- name: erase_orders
delete from pn_order where shop = :shop and order_id in (select value from json_each(:orders));

-- name: message_queued
select m.order_id, n.notice, m.channel, m.due_at from pn_message m join pn_notice n on n.pk = m.notice_pk
where m.state in (0, 3) and m.shop = :shop order by m.due_at, m.pk limit 100;

-- name: promise_open
select order_id, kind, due_at, speak_at from pn_promise where state = 0 and shop = :shop order by wake_at limit 100;

-- name: decision_all
select order_id, decision, rule, at, notice, occasion, cause from pn_decision where shop = :shop order by at, pk;

-- name: promise_broken
select kind, count(*) from pn_promise where shop = :shop and state in (2, 3) group by kind;

-- name: staff_count
select subject, count(*) from pn_staff_word where shop = :shop group by subject;
