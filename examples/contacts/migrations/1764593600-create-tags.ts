/** create tags, on a branch of its own */
import { step } from "apocryphan/rider";

export const depends = ["1764503600-add-first-contacts"];

export const steps = [
  step("create table tags (id integer primary key, label varchar(40) not null unique)", "drop table tags"),
  step(
    `create table contact_tags (
      contact_id integer not null,
      tag_id integer not null,
      primary key (contact_id, tag_id),
      foreign key (contact_id) references contacts (id),
      foreign key (tag_id) references tags (id)
    )`,
    "drop table contact_tags",
  ),
];
