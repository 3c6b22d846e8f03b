-- Retention: an ended order goes with all that belongs to it.

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
