import { defineConfig } from "apocryphan/rider";

export { db } from "./database.ts";

export const config = defineConfig({
  source: "./migrations", // relative to this file
});
