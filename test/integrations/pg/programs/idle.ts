/* A program that uses a pool twice and then has nothing to do: whether it ends is up to the pool. */
import { Pool } from "apocryphan/pg";

const [url = "", how] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, idleTimeoutMillis: 6000, allowExitOnIdle: how === "allow" });
await pool.query("select 1");
await Promise.all([pool.query("select 2"), pool.query("select 3")]);
