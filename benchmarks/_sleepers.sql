-- A shop's tables with so many open promises, none of them due; for sleepers.py. `:now` is in microseconds.
-- The due times lie in no order, as real ones do. Statements end with a semicolon at the end of a line.

create temp table n as
with recursive c (n) as (select 1 union all select n + 1 from c where n < :orders)
select n, printf('A-%07d', n) as id, abs(n * 2654435761) % 1000003 as chance from c;

insert into pn_order (shop, order_id, state, is_open, version, touched_at)
select 'shop', id, 'placed', 1, 1, :now - chance * 1000 from n;

insert into pn_event (shop, source, id, order_id, type, at, recorded_at, data, batch)
select 'shop', 'shop', printf('%07d:placed', n), id, 'order.placed', :now - chance, :now - chance,
  json_object(
    'customer', json_object('name', 'Ada Lovelace', 'email', printf('c%d@example.org', n), 'locale', 'en'),
    'items', json_array(json_object('name', 'A bag of good leather', 'quantity', 1, 'sku', printf('B-%d', chance))),
    'total', json_object('amount', '136.23', 'currency', 'EUR'),
    'destination', json_object('city', 'Home', 'country', 'DE')),
  n
from n;

-- Every order was confirmed.
insert into pn_notice (pk, shop, order_id, notice, occasion, state, cause, queued_at, told_at)
select n, 'shop', id, 'order-received', 'placed', 'told', printf('shop %07d:placed', n), :now, :now from n;

insert into pn_message (pk, id, notice_pk, shop, order_id, channel, address, state, due_at, settled_at, subject)
select n, printf('%032x', n), n, 'shop', id, 'email', printf('c%d@example.org', n), 4, :now - chance, :now,
  'We have your order'
from n;

-- One order in so many has a message that waits until tomorrow.
insert into pn_notice (shop, order_id, notice, occasion, state, cause, queued_at)
select 'shop', id, 'date-changed', 'x', 'open', 'shop x', :now from n where n % :waiting = 0;

insert into pn_message (id, notice_pk, shop, order_id, channel, address, state, held, waits_for, due_at)
select printf('%032x', pk + 1000000000), pk, shop, order_id, 'email', 'c@example.org', 0, 1, 'one-a-day',
  :now + 24 * :hour + pk * 1000
from pn_notice where state = 'open';

-- Three promises an order: the staff are asked an hour from now at the earliest, the customer hears an hour later.
insert into pn_promise (shop, order_id, kind, ordinal, parcel, set_by, due_at, ask_at, speak_at, wake_at, state)
select 'shop', id, kind, 1, '', 'policy', at + 2 * :hour, at + :hour, at + 2 * :hour, at + :hour, 0
from (
  select id, kind, :now + chance * hours * :hour / 1000003 as at
  from n cross join (
    select 'news_by' as kind, 48 as hours union all select 'ship_by', 240 union all select 'deliver_by', 600));

delete from pn_promise where pk > :promises;

insert into pn_suppression (shop, channel, address, cause, at)
select 'shop', 'email', printf('c%d@example.org', n), '5.1.1', :now from n where n % 1000 = 0;

drop table n;
