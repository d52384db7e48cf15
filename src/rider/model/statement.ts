/** One SQL statement as it was written: `text` is a slice of the source, without the semicolon that ended it. */
export interface Statement {
  readonly text: string;
  /** Of its first character in the source; counts from 1. */
  readonly line: number;
  /** Of its first character in the line, in UTF-16 units as editors count them; counts from 1. */
  readonly column: number;
  /** Of its first character in the source, in UTF-16 units; counts from 0. */
  readonly offset: number;
}
