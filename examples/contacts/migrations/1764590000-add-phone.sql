-- add a phone number
-- depends: 1764503600-add-first-contacts

alter table contacts add column phone varchar(32);

update contacts set phone = '+1 202 555 0143' where name = 'Grace Hopper';
update contacts set phone = '+44 20 7946 0958' where name = 'Ada Lovelace';
