-- What customers write back.

-- name: reply_insert
insert into pn_reply (shop, source, id, sender, at) values (:shop, :source, :id, :sender, :now)
on conflict (shop, source, id) do nothing
returning pk;

-- name: reply_count
select count(*) from (
  select 1 from pn_reply where shop = :shop and sender = :sender and at > :since limit :limit);

-- name: reply_orders
-- Open orders first, then the newest: the one that was first told here last.
select m.order_id from pn_message m
cross join pn_order o on o.shop = :shop and o.order_id = m.order_id
where m.channel <> 'email' and m.shop = :shop and m.channel = :channel and m.address = :address
group by m.order_id
order by max(o.is_open) desc, min(m.notice_pk) desc limit :limit;

-- name: reply_forget
delete from pn_reply where pk in (select pk from pn_reply where shop = :shop and at < :before limit :limit)
returning pk;
