import { pathToFileURL } from "node:url";
import { here } from "../../base/here.ts";

/** Where this package's `base` folder has its file, as a URL: the CommonJS build knows itself by a path. */
export const home: string = here.startsWith("file:") ? here : pathToFileURL(here).href;
