import { Recent } from "../base/recent.ts";
import { leavesResidue } from "../dialect/residue.ts";

/** What is seen in a statement's text. */
export interface PgText {
  /** It may leave something of itself in the session. */
  readonly leavesResidue: boolean;
  /** It asks for a read-only transaction or session. */
  readonly asksReadOnly: boolean;
  /** It may have the server forget what is prepared. Of `discard` only one form does: https://www.postgresql.org/docs/current/sql-discard.html */
  readonly forgets: boolean;
  /** It certainly has the server forget everything that is prepared. */
  readonly forgetsAll: boolean;
  /** It is certainly no more than one statement. */
  readonly single: boolean;
  /**
   * What it gives stays the same when a column is added to a table. Where it does not, a prepared statement fails once, and
   * a transaction with it: https://www.postgresql.org/docs/current/sql-prepare.html
   */
  readonly steady: boolean;
  /** How often it was sent, by any connection. */
  uses: number;
}

const texts = new Recent<PgText>((text) => ({
  leavesResidue: leavesResidue(text, "postgresql"),
  asksReadOnly: /read\s+only|transaction_read_only/i.test(text),
  forgets: /\bdeallocate\b|\bdiscard\s+all\b/i.test(text),
  forgetsAll: /^\s*(?:deallocate(?:\s+prepare)?|discard)\s+all\s*;?\s*$/i.test(text),
  single: !text.includes(";"),
  steady: !text.replaceAll(/count\(\s*\*\s*\)/gi, "").includes("*"),
  uses: 0,
}));

/** Looks into a text, once for each that was seen lately. */
export function lookInto(text: string): PgText {
  return texts.of(text);
}
