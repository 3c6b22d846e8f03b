-- What became of messages after a provider had taken them.

-- name: message_find
select order_id, pk, notice_pk, id, channel, address, state, due_at, expires_at, leave_by, attempts, wire, next_word, receipt
from pn_message where id in (select value from json_each(:ids)) and shop = :shop;

-- name: message_note
update pn_message set receipt = trim(receipt || ' ' || :receipt), receipt_at = :at
where pk = :pk and instr(' ' || receipt || ' ', ' ' || :receipt || ' ') = 0
returning pk;

-- name: message_return
update pn_message set state = :state, waits_for = :rule, wire = null, token = null, lease_until = null, settled_at = :now,
  subject = coalesce(:subject, subject), locale = coalesce(:locale, locale)
where pk = :pk and state in (3, 4)
returning pk;

-- name: notice_untold
update pn_notice set state = 'open', told_at = null
where pk = :pk and state = 'told'
  and not exists (select 1 from pn_message m where m.notice_pk = pn_notice.pk and m.state = 4);
