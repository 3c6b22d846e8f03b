-- Instants are whole microseconds since 1970-01-01T00:00:00Z. `shop` leads every key.

create table pn_meta (version integer not null);

create table pn_key (key text not null);        -- makes digests of addresses that nobody finds out by trying
insert into pn_key (key) values (lower(hex(randomblob(32))));

create table pn_order (
  shop       text not null,
  order_id   text not null,
  state      text not null default 'unknown',   -- for listings only: the truth is the fold of the events
  is_open    integer not null default 1,        -- it is live, or a promise is open
  version    integer not null,                  -- counts changes; begins with the time, so it never comes twice
  touched_at integer not null,
  customer   text not null default '',          -- a keyed digest of who placed it; empty: nobody knows
  placed_at  integer,
  went_wrong integer not null default 0,        -- a promise was broken, or they had to ask, or the shop called it off
  is_watched integer not null default 0,        -- the customer's order before this one went wrong
  primary key (shop, order_id)
) without rowid;
create index pn_order_customer on pn_order (shop, customer, placed_at) where customer <> '';
create index pn_order_ended on pn_order (shop, touched_at) where is_open = 0;

create table pn_event (
  seq         integer primary key,              -- order of arrival
  shop        text not null,
  source      text not null,
  id          text not null,
  order_id    text not null,
  type        text not null,
  at          integer not null,                 -- when it happened
  recorded_at integer not null,                 -- when it arrived
  data        text not null,                    -- JSON
  batch       integer not null,                 -- what was recorded together
  unique (shop, source, id)
);
create index pn_event_order on pn_event (shop, order_id);

create table pn_parcel (                        -- carriers know no order id
  shop     text not null,
  carrier  text not null,
  code     text not null,
  order_id text not null,
  primary key (shop, carrier, code, order_id)
) without rowid;
create index pn_parcel_order on pn_parcel (shop, order_id);

create table pn_promise (
  pk       integer primary key,
  shop     text not null,
  order_id text not null,
  kind     text not null,
  ordinal  integer not null,                    -- counts the promises of this kind for the order
  parcel   text not null,
  set_by   text not null,
  due_at   integer not null,
  ask_at   integer,
  speak_at integer not null,
  wake_at  integer not null,                    -- the earlier of the two before
  state    integer not null,                    -- 0 open 1 kept 2 broken 3 kept late 4 withdrawn
  unique (shop, order_id, kind, ordinal)
);
create index pn_promise_wake on pn_promise (shop, wake_at) where state = 0;

create table pn_notice (                        -- the intent to tell
  pk        integer primary key,
  shop      text not null,
  order_id  text not null,
  notice    text not null,
  occasion  text not null,
  state     text not null,                      -- open, told, dropped
  cause     text not null,                      -- source and id of the event
  queued_at integer not null,
  told_at   integer,
  unique (shop, order_id, notice, occasion)
);

create table pn_message (                       -- one try to tell it, on a channel to an address
  pk          integer primary key,              -- order of insertion; a lane goes by notice_pk
  id          text not null unique,             -- stable for ever
  notice_pk   integer not null references pn_notice (pk),
  shop        text not null,
  order_id    text not null,
  channel     text not null,
  address     text not null,
  state       integer not null,                 -- 0 queued 1 claimed 2 sending 3 uncertain 4 sent 5 suppressed
                                                -- 6 cancelled 7 expired 8 failed
  held        integer not null default 0,       -- 1: waits because a policy says so, and blocks nobody
  waits_for   text not null default '',         -- why it waits
  due_at      integer not null,
  expires_at  integer,
  leave_by    integer,                          -- after it the law is broken: then the next channel, now
  attempts    integer not null default 0,
  token       text,                             -- the claim's fence
  lease_until integer,
  subject     text not null default '',
  locale      text not null default '',
  next_word   integer,                          -- the day that the mail named, as the stored promise's due time
  wire        text,                             -- what was perhaps sent, while nobody knows
  reference   text not null default '',         -- the provider's id
  settled_at  integer,
  receipt     text not null default '',         -- what the provider said: delivered, bounced:5.1.1 …, and
                                                -- which of its ids are of tries that came back: again:SM123
  receipt_at  integer,
  receipt_rank integer,                         -- how far along it was: what is no further says nothing new
  early       text,                             -- what the provider said while the message was under way: JSON
  counted_at  integer,                          -- when it last left on a channel that has caps; null on all others …
  prefix      text not null default '',         -- … with what its address begins …
  introduces  integer not null default 0        -- … and 1: it says who writes, and how to have no more of it
);
create index pn_message_due on pn_message (shop, channel, due_at, pk) where state in (0, 3);
create index pn_message_lane on pn_message (shop, order_id, notice_pk) where state in (0, 1, 2, 3);
create index pn_message_lease on pn_message (shop, lease_until) where state in (1, 2);
create index pn_message_ended on pn_message (shop, state, settled_at) where state in (5, 6, 7, 8);
create index pn_message_notice on pn_message (notice_pk);
create index pn_message_number on pn_message (shop, channel, address, counted_at) where counted_at is not null;
create index pn_message_prefix on pn_message (shop, channel, prefix, counted_at) where counted_at is not null;
create index pn_message_counted on pn_message (shop, channel, counted_at) where counted_at is not null;
create index pn_message_address on pn_message (shop, channel, address, order_id) where channel <> 'email';  -- replies

create table pn_decision (
  pk       integer primary key,
  shop     text not null,
  order_id text not null,
  at       integer not null,
  notice   text not null,
  occasion text not null,
  decision text not null,
  rule     text not null,
  cause    text not null,
  batch    integer                              -- in which recording it was decided; null: when it was sent
);
create index pn_decision_order on pn_decision (shop, order_id);

create table pn_staff_word (
  pk       integer primary key,
  shop     text not null,
  order_id text not null,
  at       integer not null,
  subject  text not null,
  text     text not null,
  promise  text not null default '',            -- the one at risk, as kind:ordinal
  token    text,                                -- the claim's fence
  attempts integer not null default 0,
  free_at  integer,                             -- when the claim ends, or the next try comes
  failure  text not null default '',            -- why the last try failed
  told_at  integer                              -- when the shop's people were told; null: it waits
);
create index pn_staff_word_waiting on pn_staff_word (shop, at) where told_at is null;
create index pn_staff_word_order on pn_staff_word (shop, order_id);
create index pn_staff_word_provider on pn_staff_word (shop, text, at) where subject = 'provider';

create table pn_suppression (
  shop    text not null,
  channel text not null,
  address text not null collate nocase,         -- mailboxes know no capitals
  cause   text not null,
  at      integer not null,
  strikes integer not null default 1,           -- how often the address was refused …
  needed  integer not null default 1,           -- … and from how often on it counts
  primary key (shop, channel, address)
) without rowid;

create table pn_reply (                         -- what customers wrote and was taken in: neither number nor text
  pk     integer primary key,
  shop   text not null,
  source text not null,
  id     text not null,                         -- the provider's
  sender text not null,                         -- a digest of the number
  at     integer not null,
  unique (shop, source, id)
);
create index pn_reply_sender on pn_reply (shop, sender, at);
create index pn_reply_old on pn_reply (shop, at);

create table pn_pause (                         -- a channel whose credentials were refused
  shop    text not null,
  channel text not null,
  until   integer not null,
  cause   text not null,
  primary key (shop, channel)
) without rowid;

create table pn_pace (                          -- a channel that may only send so fast, all workers together
  shop    text not null,
  channel text not null,
  free_at integer not null,                     -- when the next message may leave (GCRA: theoretical arrival time)
  primary key (shop, channel)
) without rowid;

create table pn_worker (
  id      text primary key,
  shop    text not null,
  seen_at integer not null
) without rowid;
create index pn_worker_seen on pn_worker (shop, seen_at);
