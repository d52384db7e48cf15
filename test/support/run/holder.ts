/** Starts a server, says so, and waits to be killed. A program of `interrupted.test.ts`. */
import { startMariaDB } from "../servers/mariadb.ts";
import { startPostgres } from "../servers/postgres.ts";

const [postgres, mariadb] = await Promise.all([startPostgres(), startMariaDB()]);
console.log(
  JSON.stringify({ pids: [postgres.pid, mariadb.pid], folders: [postgres.socketDir, mariadb.socketDir] }),
);
setInterval(() => {}, 1000);
