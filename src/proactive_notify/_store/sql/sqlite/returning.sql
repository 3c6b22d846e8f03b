-- What became of messages after a provider had taken them.

-- name: message_find
select order_id, pk, notice_pk, id, channel, address, state, due_at, expires_at, leave_by, attempts, wire, next_word, receipt
from pn_message where id in (select value from json_each(:ids)) and shop = :shop;

-- name: message_note
-- Nothing, where it is no further along than what was known, about a try that came back, or a complaint heard before.
update pn_message set
  receipt = iif(instr(' ' || receipt || ' ', ' ' || :said || ' '), receipt, trim(receipt || ' ' || :said)),
  receipt_at = iif(instr(' ' || receipt || ' ', ' ' || :said || ' '), receipt_at, :at),
  receipt_rank = iif(state = 0, receipt_rank, coalesce(:rank, receipt_rank)),
  reference = iif(state = 0 or reference <> '', reference, :reference)
where pk = :pk
  and (:rank is null or receipt_rank is null or receipt_rank < :rank)
  and (:reference = ''
    or reference in ('', :reference) and instr(' ' || receipt || ' ', ' again:' || :reference || ' ') = 0)
  and (not :once or instr(' ' || receipt || ' ', ' ' || :said || ' ') = 0)
returning pk;

-- name: message_keep
update pn_message set early = json_insert(coalesce(early, '[]'), '$[#]', json(:early))
where pk = :pk and state in (1, 2)
  and (:rank is null or receipt_rank is null or receipt_rank < :rank)
  and (:reference = ''
    or reference in ('', :reference) and instr(' ' || receipt || ' ', ' again:' || :reference || ' ') = 0)
  and not exists (select 1 from json_each(early) where value = json(:early));

-- name: message_kept
select pk from pn_message where pk in (select value from json_each(:pks)) and early is not null;

-- name: message_unkeep
update pn_message set early = null where pk in (select value from json_each(:pks));

-- name: message_return
-- What goes once more is a new try to the provider: what was said of the old one says nothing about it.
update pn_message set state = :state, held = :held, waits_for = :rule, due_at = coalesce(:due_at, due_at), wire = null,
  token = null, lease_until = null, settled_at = iif(:state = 0, null, :now),
  subject = coalesce(:subject, subject), locale = coalesce(:locale, locale),
  next_word = iif(:state = 0, null, next_word), receipt_rank = iif(:state = 0, null, receipt_rank),
  reference = iif(:state = 0, '', coalesce(nullif(:reference, ''), reference)),
  receipt = iif(:state = 0 and reference <> '', trim(receipt || ' again:' || reference), receipt)
where pk = :pk and state in (3, 4)
returning pk;

-- name: notice_untold
update pn_notice set state = 'open', told_at = null
where pk = :pk and state = 'told'
  and not exists (select 1 from pn_message m where m.notice_pk = pn_notice.pk and m.state = 4);

-- name: staff_knows
select 1 from pn_staff_word where subject = 'provider' and shop = :shop and text = :text and at > :since limit 1;
