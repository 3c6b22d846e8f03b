-- The watchdog, and what is due next.

-- name: promise_due
select order_id, pk, kind, ordinal, parcel, set_by, due_at, ask_at, speak_at, state from pn_promise
where state = 0 and wake_at <= :now and shop = :shop order by wake_at limit :limit;

-- name: message_next
select min(due_at) from pn_message where state in (0, 3) and due_at > :now and shop = :shop;

-- name: promise_next
select min(wake_at) from pn_promise where state = 0 and shop = :shop;
