-- What people ask: nothing here changes anything.

-- name: event_history
select source, id, order_id, type, at, recorded_at, data from pn_event
where shop = :shop and order_id = :order_id order by seq;

-- name: decision_load
select order_id, decision, rule, at, notice, occasion, cause from pn_decision
where shop = :shop and order_id in (select value from json_each(:orders)) order by pk;

-- name: staff_load
select order_id, at, subject, text, promise, told_at from pn_staff_word
where shop = :shop and order_id in (select value from json_each(:orders)) order by pk;

-- name: message_list
select m.pk, m.order_id, n.notice, n.occasion, m.channel, m.state, coalesce(nullif(m.waits_for, ''), (
    select 'paused:' || p.cause from pn_pause p
    where m.state = 0 and p.shop = m.shop and p.channel = m.channel and p.until > m.due_at
  ), ''), m.due_at, m.attempts, m.settled_at, m.subject, m.next_word, m.id, m.address, m.receipt, m.receipt_at
from pn_message m join pn_notice n on n.pk = m.notice_pk
where m.shop = :shop and n.shop = :shop and n.order_id = :order_id order by m.pk;

-- name: message_queued
select m.order_id, n.notice, m.channel, m.due_at from pn_message m join pn_notice n on n.pk = m.notice_pk
where m.state in (0, 3) and m.shop = :shop order by m.due_at, m.pk limit 100;

-- name: promise_open
select order_id, kind, due_at, speak_at from pn_promise where state = 0 and shop = :shop order by wake_at limit 100;

-- name: promise_waking
-- One page of the index, which ends with the row's own number.
select order_id, speak_at, wake_at, pk from pn_promise
where state = 0 and shop = :shop and (wake_at, pk) > (:wake_at, :pk) order by wake_at, pk limit :limit;

-- name: decision_all
select order_id, decision, rule, at, notice, occasion, cause from pn_decision where shop = :shop order by at, pk;

-- name: promise_broken
select kind, count(*) from pn_promise where shop = :shop and state in (2, 3) group by kind;

-- name: staff_count
select subject, count(*) from pn_staff_word where shop = :shop group by subject;

-- Codes are not unique over the years: who still waits comes first, then who ordered last.
-- name: parcel_orders
select p.order_id from pn_parcel p join pn_order o on o.shop = p.shop and o.order_id = p.order_id
where p.shop = :shop and p.carrier in ('', :carrier) and p.code = :code
order by o.is_open desc, o.placed_at desc, p.order_id limit 100;
