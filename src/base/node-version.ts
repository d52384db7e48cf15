import { ApocryphanError } from "./error.ts";

/*
 * Every door imports this first, so that an older Node.js is told what it lacks in one sentence rather than in a stack of
 * whatever happens to be missing first.
 */

/** 22.18 is the first that runs TypeScript as written without a flag: https://nodejs.org/en/blog/release/v22.18.0 */
const [OLDEST_MAJOR, OLDEST_MINOR] = [22, 18];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR)) {
  throw new ApocryphanError(
    "NODE_TOO_OLD",
    `Apocryphan needs Node.js ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer, and this is ${process.version}; install a current one from https://nodejs.org.`,
  );
}
