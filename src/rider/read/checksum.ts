import { hash } from "node:crypto";

/**
 * A text as it counts for comparing: what editors and git change by themselves (line ends, blanks at the end of a line, a byte order mark,
 * empty lines at the end) makes no difference.
 */
export function normalise(text: string): string {
  return text
    .replace(/^\uFEFF/, "")
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/[ \t]+$/gm, "")
    .replace(/\n+$/, "");
}

/**
 * The checksum of a migration: SHA-256 over the normalised text of its file, and of its rollback file where it has one; 64 hexadecimal digits.
 */
export function checksum(text: string, rollback?: string): string {
  // A zero byte can't stand in SQL, so no two pairs of texts are the same when joined.
  const whole = rollback === undefined ? normalise(text) : `${normalise(text)}\0${normalise(rollback)}`;
  return hash("sha256", whole);
}

/** The fingerprint of one statement for the journal: SHA-256 over its text as it is sent, line ends aside. */
export function fingerprint(statement: string): string {
  return hash("sha256", normalise(statement));
}
