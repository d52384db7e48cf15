/** What the program does on a Node.js that is too old for it: says so, in one sentence. */
export async function run(): Promise<void> {
  process.stderr.write(
    `rider needs Node.js 22.18 or newer, and this is ${process.version}; install a current one from https://nodejs.org.\n`,
  );
  process.exitCode = 1;
}
