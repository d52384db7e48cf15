-- count visits
-- depends: 1764680000-tag-contacts-without-phone

alter table contacts add column visits integer not null default 0;
