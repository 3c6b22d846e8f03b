-- Words to the shop's own people: what waits is claimed as one batch, by all workers together.

-- name: staff_waits
-- When the oldest and the newest word came, and until when nobody may take them: they are under way, or were refused.
select
  (select min(at) from pn_staff_word where told_at is null and shop = :shop),
  (select max(at) from pn_staff_word where told_at is null and shop = :shop),
  (select max(free_at) from pn_staff_word
    where told_at is null and shop = :shop and free_at > :now and free_at <= :latest);

-- name: staff_claim
update pn_staff_word set token = :token, attempts = attempts + 1, free_at = :free_at
where pk in (
    select pk from pn_staff_word
    where told_at is null and shop = :shop and (at >= :since or attempts > 0) order by at limit :limit)
  and not exists (
    select 1 from pn_staff_word where told_at is null and shop = :shop and free_at > :now and free_at <= :latest)
returning order_id, at, subject, text, promise, attempts;

-- name: staff_old_count
select count(*) from pn_staff_word where told_at is null and shop = :shop and at < :since and attempts = 0;

-- name: staff_old_told
update pn_staff_word set told_at = :now where told_at is null and shop = :shop and at < :since and attempts = 0;

-- name: staff_told
update pn_staff_word set told_at = :now where told_at is null and shop = :shop and token = :token;

-- name: staff_again
update pn_staff_word set free_at = :free_at, failure = :failure
where told_at is null and shop = :shop and token = :token;

-- name: staff_failing
select count(*), min(at), max(failure) from pn_staff_word where told_at is null and shop = :shop and failure <> '';
