import { OptionError } from "../base/error.ts";
import { asJson } from "../base/json.ts";

/** A name between `quote`s, doubled inside. A zero byte can't be in a name of any of the three databases. */
export function quoted(name: string, quote: string): string {
  if (name === "" || name.includes("\0")) {
    throw new OptionError(
      "identifier",
      "A name can't be quoted: it is empty or holds a zero byte. Give a name of at least one character.",
    );
  }
  return quote + name.replaceAll(quote, quote + quote) + quote;
}

/** What differs between the dialects when a value is written for people to read. */
export interface LiteralForms {
  text(value: string): string;
  bytes(hex: string): string;
  boolean(value: boolean): string;
  date(value: Date): string;
  array?(items: readonly unknown[]): string;
}

/** A value as it would be written in a statement. */
export function literal(value: unknown, forms: LiteralForms): string {
  if (value === null || value === undefined) return "null";
  switch (typeof value) {
    case "number":
    case "bigint":
      return Number.isFinite(Number(value)) ? String(value) : forms.text(String(value));
    case "boolean":
      return forms.boolean(value);
    case "string":
      return forms.text(value);
  }
  if (value instanceof Date) return forms.date(value);
  if (value instanceof Uint8Array) return forms.bytes(Buffer.from(value).toString("hex"));
  if (Array.isArray(value) && forms.array) return forms.array(value);
  return forms.text(asJson(value));
}
