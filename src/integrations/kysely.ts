import "../base/node-version.ts";

export { ApocryphanDialect } from "./kysely/dialect.ts";
