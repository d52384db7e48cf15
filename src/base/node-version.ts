/*
 * Every door imports this first, and so does the root of all errors, which everything needs: an older Node.js is told what it lacks in one
 * sentence rather than in a stack of whatever happens to be missing first. It needs nothing itself, so that nothing can run before it.
 */

/** 22.18 is the first that runs TypeScript as written without a flag: https://nodejs.org/en/blog/release/v22.18.0 */
const [OLDEST_MAJOR, OLDEST_MINOR] = [22, 18];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
  const error = new Error(
    `Apocryphan needs Node.js ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer, and this is ${process.version}; install a current one from https://nodejs.org. (NODE_TOO_OLD)`,
  );
  throw Object.assign(error, { name: "ApocryphanError", code: "NODE_TOO_OLD" });
}
