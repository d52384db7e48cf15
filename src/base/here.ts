/** Where this package lies, as a URL; other packages are looked up from here. The CommonJS build has a twin of its own. */
export const here: string = import.meta.url;
