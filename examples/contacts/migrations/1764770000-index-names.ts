/** find contacts by name */
import { step } from "apocryphan/rider";

export const depends = ["1764766400-count-visits"];

export const steps = [
  step("create index contacts_by_name on contacts (name)", (db) =>
    db.sql(`drop index contacts_by_name${db.dialect === "mysql" ? " on contacts" : ""}`),
  ),
];
