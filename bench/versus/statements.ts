/** How many connections everybody may have. */
export const CONNECTIONS = 10;
/** Rows in the table `contacts`. */
export const CONTACTS = 10_000;

/** A row of `contacts`. */
export interface Contact {
  readonly id: number;
  readonly name: string;
  readonly age: number;
}

/** What a client is measured at. Each gives what the database answered, so that it can be checked. */
export interface Client {
  /** The number it was given, asked of the database. */
  one(i: number): Promise<unknown>;
  /** Ten rows of `contacts`, from this id on. */
  ten(from: number): Promise<readonly Contact[]>;
  /** The number it was given, after so many seconds on the server. */
  slow?(i: number, seconds: number): Promise<unknown>;
  close(): Promise<unknown>;
}

/** A client that takes a connection, does several things on it and gives it back. */
export interface ScopeClient {
  /** Connects, asks for the number it was given, and closes. */
  scope(i: number): Promise<unknown>;
  /** A transaction: reads a contact, changes its age, reads the age again. */
  transaction?(id: number, age: number): Promise<unknown>;
  close(): Promise<unknown>;
}

/** As texts with PostgreSQL's placeholders. */
export const SQL = {
  one: "select $1::int as n",
  ten: "select id, name, age from contacts where id between $1 and $2 order by id",
  slow: "select pg_sleep($2), $1::int as n",
  read: "select id, name, age from contacts where id = $1",
  change: "update contacts set age = $2 where id = $1",
  age: "select age from contacts where id = $1",
} as const;
