-- Recording events: lock, append, load, write what follows.
-- Hot statements repeat the partial index's condition literally, or it is not used. A list of ids or rows comes as JSON.

-- name: order_lock
insert into pn_order (shop, order_id, version, touched_at, state)
select :shop, value, :now, :now, '' from json_each(:orders) where true
on conflict (shop, order_id) do update set version = version + 1, touched_at = excluded.touched_at
returning order_id, state, is_open, went_wrong, version, (select key from pn_key);

-- name: order_state
update pn_order set state = :state, is_open = :is_open, went_wrong = :went_wrong
where shop = :shop and order_id = :order_id;

-- name: order_placed
update pn_order set state = :state, is_open = :is_open, went_wrong = :went_wrong, customer = :customer,
  placed_at = :placed_at, is_watched = :is_watched
where shop = :shop and order_id = :order_id;

-- name: order_before
select p.value ->> 0 from json_each(:placed) p
where (
  select o.went_wrong from pn_order o
  where o.customer <> '' and o.shop = :shop and o.customer = p.value ->> 1 and o.placed_at <= p.value ->> 2
    and o.order_id <> p.value ->> 0
  order by o.placed_at desc limit 1);

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

-- name: promise_load
select order_id, (select o.is_watched from pn_order o where o.shop = p.shop and o.order_id = p.order_id),
  pk, kind, ordinal, parcel, set_by, due_at, ask_at, speak_at, state from pn_promise p
where shop = :shop and order_id in (select value from json_each(:orders)) order by pk;

-- name: notice_load
select order_id, pk, notice, occasion, state, cause, queued_at, told_at from pn_notice
where shop = :shop and order_id in (select value from json_each(:orders)) order by pk;

-- name: message_load
select order_id, pk, notice_pk, id, channel, address, state, due_at, expires_at, leave_by, attempts, wire, next_word, receipt from pn_message
where shop = :shop and order_id in (select value from json_each(:orders)) and state in (0, 1, 2, 3) order by pk;

-- name: message_tried
select order_id, pk, notice_pk, id, channel, address, state, due_at, expires_at, leave_by, attempts, wire, next_word, receipt from pn_message
where notice_pk in (select value from json_each(:notices)) and state not in (0, 1, 2, 3) order by pk;

-- name: promise_insert
insert into pn_promise (shop, order_id, kind, ordinal, parcel, set_by, due_at, ask_at, speak_at, wake_at, state)
values (:shop, :order_id, :kind, :ordinal, :parcel, :set_by, :due_at, :ask_at, :speak_at, :wake_at, :state);

-- name: promise_change
update pn_promise set ordinal = :ordinal, due_at = :due_at, ask_at = :ask_at, speak_at = :speak_at, wake_at = :wake_at,
  state = :state
where pk = :pk;

-- name: notice_insert
insert into pn_notice (shop, order_id, notice, occasion, state, cause, queued_at)
select :shop, value ->> 0, value ->> 1, value ->> 2, 'open', value ->> 3, :now
from json_each(:rows) where true
on conflict (shop, order_id, notice, occasion) do nothing
returning pk, order_id, notice, occasion;

-- name: notice_drop
update pn_notice set state = 'dropped' where pk in (select value from json_each(:pks)) and state = 'open';

-- name: message_insert
insert into pn_message (shop, id, notice_pk, order_id, channel, address, due_at, expires_at, leave_by, held, state,
  attempts, token, lease_until)
select :shop, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
  value ->> 8, value ->> 9, value ->> 9, iif(value ->> 9, :token, null), iif(value ->> 9, :lease_until, null)
from json_each(:rows) where true
on conflict (id) do nothing
returning pk, id;

-- name: message_forbidden
select s.channel, p.value ->> 1 from json_each(:pairs) p
cross join pn_suppression s on s.shop = :shop and s.channel = p.value ->> 0 and s.address = p.value ->> 1
where s.strikes >= s.needed
union all
select channel, null from pn_pause where shop = :shop and until > :now;

-- name: message_cancel_of
update pn_message set state = 6, waits_for = 'superseded', settled_at = :now
where notice_pk in (select value from json_each(:pks)) and state = 0;

-- name: message_cancel
update pn_message set state = 6, waits_for = 'new-address', settled_at = :now
where pk in (select value from json_each(:pks)) and state = 0;

-- name: decision_insert
insert into pn_decision (shop, order_id, at, notice, occasion, decision, rule, cause, batch)
values (:shop, :order_id, :at, :notice, :occasion, :decision, :rule, :cause, :batch);

-- name: decision_answer
select d.order_id, d.decision, d.rule, d.at, d.notice, d.occasion, d.cause
from json_each(:pairs) p
cross join pn_decision d on d.shop = :shop and d.order_id = p.value ->> 0 and d.batch = p.value ->> 1
order by d.pk;

-- name: staff_insert
insert into pn_staff_word (shop, order_id, at, subject, text, promise)
values (:shop, :order_id, :at, :subject, :text, :promise);

-- name: parcel_insert
insert into pn_parcel (shop, carrier, code, order_id) values (:shop, :carrier, :code, :order_id) on conflict do nothing;
