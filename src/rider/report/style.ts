/** What a piece of text is, so that a terminal may colour it. */
export type Tone = "good" | "bad" | "warn" | "dim" | "strong";

/** Colours a piece of text; everything here takes one, and the default leaves the text as it is. */
export type Paint = (tone: Tone, text: string) => string;

/** No colour: for files, pipes and tests. */
export const plain: Paint = (_tone, text) => text;
