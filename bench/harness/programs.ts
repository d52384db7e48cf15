/** Where a program is on this machine; `undefined` where it is not. */
export async function find(name: string): Promise<string | undefined> {
  const mariadb = await import("../../test/support/servers/mariadb.ts");
  return mariadb.find(name);
}
